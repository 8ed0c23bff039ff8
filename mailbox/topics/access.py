"""The only doors through which a view gets a topic, an issue or a reader. A link's secret is the proof; it is looked
up by its hash, so no difference in time tells how much of a guess was right."""

import uuid

from django.http import Http404
from django.shortcuts import get_object_or_404

from mailbox.topics.models import Issue, Reader, Subscription, Topic
from mailbox.topics.states import IssueState
from portal.common import tickets


def topic(slug: str) -> Topic:
    """Also one that takes no subscriptions any more: its archive stays. Raises Http404."""
    return get_object_or_404(Topic, slug=slug)


def published(slug: str, year: int, number: int) -> Issue:
    """What everybody may read. Raises Http404."""
    rows = Issue.objects.select_related("topic").filter(state=IssueState.PUBLISHED)
    return get_object_or_404(rows, topic__slug=slug, year=year, number=number)


def issue_for_editor(public_id: uuid.UUID) -> Issue:
    """Any issue; that somebody is an editor, the view has asked. Raises Http404."""
    return get_object_or_404(Issue.objects.select_related("topic", "author", "approver"), public_id=public_id)


def reader(token: str) -> Reader:
    """Whose link this is. Raises Http404."""
    return get_object_or_404(Reader, token_hash=tickets.digest(token), wrapped_key__isnull=False)


def subscription(token: str) -> Subscription:
    """Whose link this is, also when it has ended: then there is nothing left to do. Raises Http404."""
    found = Subscription.objects.select_related("topic", "reader").filter(token_hash=tickets.digest(token)).first()
    if found is None:
        raise Http404
    return found
