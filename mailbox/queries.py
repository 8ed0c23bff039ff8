"""Reads for the postbox, the overview and the clerk's case page. All text comes out opened; all writes live in actions.

The order of the inbox is: unread first, then the newest. Pages follow a key, not an offset, so that a message that
arrives or is opened in between neither hides nor doubles another one.
"""

import dataclasses
import datetime as dt
import uuid
from typing import Any, Final

from django.db.models import BooleanField, Case, Count, Min, Prefetch, Q, Value, When
from django.db.models.functions import Length

from mailbox.letters import Heading, Letter, Opener
from mailbox.models import Attachment, Kind, Mailbox, Message, MessageQuerySet, Notice
from mailbox.states import NoticeState
from portal.accounts.models import User
from portal.common import clock

PAGE: Final = 20
DELIVERED_AFTER: Final = dt.timedelta(days=3)


@dataclasses.dataclass(frozen=True)
class InboxPage:
    """One page of headings. `older` is the key of the next page, or empty at the end."""

    headings: tuple[Heading, ...]
    older: str


def _for_lists(messages: MessageQuerySet) -> MessageQuerySet:
    return (
        messages.select_related("mailbox__user", "author")
        .defer("sealed_body")
        .prefetch_related(
            Prefetch("attachments", Attachment.objects.only("message_id", "position")),
            Prefetch("replies", Message.objects.only("in_reply_to_id")),
        )
    )


def _unread_flag() -> Case:
    return Case(When(first_read_at=None, then=Value(True)), default=Value(False), output_field=BooleanField())


def _after(messages: MessageQuerySet, key: str) -> Q:
    """What stands below the message named by the key "u-<public id>" (or "r-": it was among the read ones)."""
    flag, _, text = key.partition("-")
    try:
        last = messages.only("visible_from", "public_id").get(public_id=uuid.UUID(text))
    except (ValueError, Message.DoesNotExist):
        return Q()
    below = Q(visible_from__lt=last.visible_from) | Q(visible_from=last.visible_from, public_id__lt=last.public_id)
    return Q(unread=True) & below | Q(unread=False) if flag == "u" else Q(unread=False) & below


def inbox(
    user: User, *, by: User | None = None, archived: bool = False, after: str = "", size: int = PAGE
) -> InboxPage:
    """Messages from the city, unread first, then the newest. An unknown `after` starts at the top.

    `by`: the agent who looks, and sees only what belongs to matters they may see.
    """
    messages = (
        _for_lists(Message.objects.of(user, by).received())
        .filter(archived_at__isnull=not archived)
        .annotate(unread=_unread_flag())
    )
    if after:
        messages = messages.filter(_after(Message.objects.of(user, by), after))
    found = list(messages.order_by("-unread", "-visible_from", "-public_id")[: size + 1])
    opener = Opener()
    headings = tuple(opener.heading(message) for message in found[:size])
    last = headings[-1] if len(found) > size else None
    return InboxPage(headings, f"{'u' if last.unread else 'r'}-{last.public_id}" if last else "")


# unread_count() of the person %(owner)s at the moment %(now)s, for statements written out elsewhere.
UNREAD: Final = """
select count(*) from mailbox_message m join mailbox_mailbox b on b.id = m.mailbox_id
where b.user_id = %(owner)s and m.visible_from <= %(now)s and m.direction = 'city' and m.first_read_at is null
  and m.archived_at is null
"""


def unread_count(user: User, by: User | None = None) -> int:
    """Unread messages that are not archived."""
    return Message.objects.of(user, by).unread().filter(archived_at=None).count()


def latest(user: User, count: int = 3, by: User | None = None) -> list[Heading]:
    """The first `count` headings of the inbox, for the overview."""
    return list(inbox(user, by=by, size=count).headings)


@dataclasses.dataclass(frozen=True)
class Waiting:
    """A decision that nobody has opened yet. `delivered_on`: the day on which it counts as delivered, the third after
    its notice went out (Art. 25 BayDiG); None while that has not happened."""

    public_id: uuid.UUID
    subject: str
    delivered_on: dt.date | None


def unread_decisions(user: User, count: int, by: User | None = None) -> list[Waiting]:
    """The longest waiting first."""
    rows = Message.objects.of(user, by).unread().filter(kind=Kind.DECISION).select_related("mailbox")
    rows = rows.defer("sealed_body").annotate(told_at=Min("notices__sent_at")).order_by("visible_from", "id")
    opener, found = Opener(), []
    for row in rows[:count]:
        told_at = getattr(row, "told_at", None)
        day = clock.local(told_at + DELIVERED_AFTER).date() if told_at else None
        found.append(Waiting(row.public_id, opener.subject(row), day))
    return found


def letter(message: Message) -> Letter:
    """One message, opened. Ask access.py for the message first."""
    return Opener().letter(message)


def thread_messages(thread: str) -> list[Letter]:
    """Everything written in a thread, oldest first, for those who work on it. All mailboxes; the caller checks rights.

    Includes messages that their recipient cannot see yet: the clerk has to know what is under way. Copies are left out.
    """
    messages = (
        Message.objects.filter(thread=thread, is_copy=False)
        .select_related("mailbox__user", "author")
        .prefetch_related(
            Prefetch("attachments", Attachment.objects.select_related("stored")),
            Prefetch("replies", Message.objects.only("in_reply_to_id")),
        )
        .order_by("created_at", "id")
    )
    opener = Opener()
    return [opener.letter(message) for message in messages]


def conversation(user: User, message: Message) -> list[Heading]:
    """The other messages of the same thread in the same mailbox that the reader may open, oldest first.

    Without the texts: opening a message is a legal moment, so a text from the city is only shown on its own page.
    """
    others = Message.objects.open_to(user).filter(thread=message.thread, mailbox=message.mailbox_id)
    others = others.exclude(pk=message.pk)
    opener = Opener()
    return [opener.heading(other) for other in _for_lists(others).order_by("visible_from", "id")]


def sealed_size() -> Length:
    """Bytes of the sealed text, for operators: sizes tell no content."""
    return Length("sealed_body")


def status() -> dict[str, Any]:
    """Figures for operators: rows, notices by state, and since when the longest waiting one is due (None: no one)."""
    now = clock.now()
    counted = dict(Notice.objects.values_list("state").annotate(Count("id")).order_by())
    open_notices = Notice.objects.filter(state__in=[NoticeState.QUEUED, NoticeState.SENDING], due_at__lte=now)
    return {
        "mailboxes": Mailbox.objects.count(),
        "messages": Message.objects.count(),
        "unread": Message.objects.unread().count(),
        "notices": {state.value: counted.get(state.value, 0) for state in NoticeState},
        "expired_leases": Notice.objects.filter(state=NoticeState.SENDING, lease_until__lt=now).count(),
        "oldest_waiting_since": open_notices.aggregate(oldest=Min("due_at"))["oldest"],
    }
