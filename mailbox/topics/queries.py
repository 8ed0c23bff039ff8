"""Reads for pages, feeds and reports."""

import dataclasses
from collections.abc import Mapping

from django.db.models import Count, F, Q, QuerySet

from mailbox.topics import actions
from mailbox.topics.models import Channel, Dispatch, Issue, Reader, Subscription, SubscriptionState, Topic
from mailbox.topics.states import DispatchState, IssueState
from portal.accounts.models import User

FEED_LENGTH = 30


@dataclasses.dataclass(frozen=True)
class Offer:
    """A topic in the list, with the newest issue if there is one."""

    topic: Topic
    latest: Issue | None


def offers() -> list[Offer]:
    """Two statements however many topics there are."""
    newest = published().order_by("topic_id", "-published_at", "-number").distinct("topic_id")
    latest = {issue.topic_id: issue for issue in newest}
    return [Offer(topic, latest.get(topic.pk)) for topic in Topic.objects.filter(is_open=True)]


def published(topic: Topic | None = None) -> QuerySet[Issue]:
    """Newest first; without the text, which only one page shows."""
    rows = Issue.objects.filter(state=IssueState.PUBLISHED).select_related("topic")
    rows = rows.filter(topic=topic) if topic else rows
    return rows.defer("body").order_by("-published_at", "-number")


def feed(topic: Topic) -> list[Issue]:
    return list(published(topic).defer(None)[:FEED_LENGTH])


def running(reader: Reader | None) -> Mapping[str, Channel]:
    """Slug of each topic that the reader gets, and how."""
    if reader is None:
        return {}
    rows = Subscription.objects.filter(reader=reader, state=SubscriptionState.CONFIRMED)
    return {slug: Channel(channel) for slug, channel in rows.values_list("topic__slug", "channel")}


def to_choose(reader: Reader | None) -> list[Topic]:
    """What is open, and what the reader has although it is not."""
    held = running(reader)
    return list(Topic.objects.filter(Q(is_open=True) | Q(slug__in=held)))


def reader_of(user: User) -> Reader | None:
    return Reader.objects.filter(user=user).first()


def of_account(user: User) -> list[Mapping[str, object]]:
    """For the archive of a person's data."""
    rows = Subscription.objects.filter(reader__user=user).select_related("topic", "reader").order_by("id")
    return [
        {
            "newsletter": row.topic.title,
            "stand": row.get_state_display(),
            "weg": row.get_channel_display(),
            "adresse": actions.address_of(row.reader),
            "bestaetigt": row.confirmed_at,
            "beendet": row.ended_at,
            "grund": row.get_ended_why_display() if row.ended_why else "",
        }
        for row in rows
    ]


def desk() -> QuerySet[Issue]:
    """What editors see: what is in work first, then what has appeared, newest first."""
    rows = Issue.objects.select_related("topic", "author", "approver").defer("body")
    return rows.order_by(F("published_at").desc(nulls_first=True), "-changed_at", "-id")


def figures(issue: Issue) -> Mapping[str, int]:
    """How many mails of an issue are in which state; nothing about who."""
    counted = Dispatch.objects.filter(issue=issue).values("state").annotate(count=Count("id"))
    found = {row["state"]: row["count"] for row in counted}
    return {state.label: found[state] for state in DispatchState if state in found}


def subscribers() -> Mapping[int, int]:
    """Running subscriptions by topic."""
    rows = Subscription.objects.filter(state=SubscriptionState.CONFIRMED).values("topic_id").annotate(count=Count("id"))
    return {row["topic_id"]: row["count"] for row in rows}
