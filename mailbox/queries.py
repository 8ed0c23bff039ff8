"""Reads for the postbox, the overview and the clerk's case page. All text comes out opened; all writes live in actions.

The order of the inbox is: unread first, then the newest. Pages follow a key, not an offset, so that a message that
arrives or is opened in between neither hides nor doubles another one.
"""

import dataclasses
import datetime as dt
import functools
import uuid
from typing import Any, Final

from django.db import connection
from django.db.models import Count, F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Length

from mailbox.letters import Heading, Letter, Opener
from mailbox.models import Attachment, Direction, Export, Folder, Kind, Mailbox, Message, MessageQuerySet, Notice
from mailbox.models.messages import NEWEST
from mailbox.states import NoticeState
from portal.accounts.models import User
from portal.common import clock
from portal.common.written import Written

PAGE: Final = 20
THREAD: Final = 200  # messages on one page


@dataclasses.dataclass(frozen=True)
class InboxPage:
    """One page of headings. `older` is the key of the next page, or empty at the end."""

    headings: tuple[Heading, ...]
    older: str


def for_lists(messages: MessageQuerySet) -> MessageQuerySet:
    """What a Heading needs, in one statement."""
    attached = Attachment.objects.filter(message=OuterRef("pk")).order_by().values("message")
    return (
        messages.select_related("mailbox__user", "author")
        .defer("sealed_body")
        .annotate(
            attachment_count=Coalesce(Subquery(attached.annotate(count=Count("pk")).values("count")), 0),
            # Not Exists: the database would read every reply of the house to look up a page of twenty.
            first_reply=Subquery(Message.objects.filter(in_reply_to=OuterRef("pk")).order_by().values("pk")[:1]),
        )
    )


INBOX, ARCHIVE = Q(archived_at=None, folder=None), Q(archived_at__isnull=False)


def in_folder(folder: Folder) -> Q:
    return Q(archived_at=None, folder=folder)


@dataclasses.dataclass(frozen=True)
class Place:
    """A folder as its owner sees it."""

    public_id: uuid.UUID
    name: str


def holds_anything(user: User) -> bool:
    """Whether a mailbox has any message, wherever it lies."""
    return Message.objects.filter(mailbox__user=user).exists()


def folders(user: User) -> list[Place]:
    """By name."""
    opener = Opener()
    rows = Folder.objects.filter(mailbox__user=user).select_related("mailbox")
    return sorted((Place(row.public_id, opener.folder(row)) for row in rows), key=lambda place: place.name.casefold())


def _after(messages: MessageQuerySet, key: str) -> Q:
    """What stands below the message named by the key "u-<public id>" (or "r-": it was among the read ones)."""
    flag, _, text = key.partition("-")
    try:
        last = messages.only("visible_from", "public_id").get(public_id=uuid.UUID(text))
    except (ValueError, Message.DoesNotExist):
        return Q()
    below = Q(visible_from__lt=last.visible_from) | Q(visible_from=last.visible_from, public_id__lt=last.public_id)
    return Q(shown_unread=True) & below | Q(shown_unread=False) if flag == "u" else Q(shown_unread=False) & below


def inbox(
    user: User,
    *,
    by: User | None = None,
    where: Q = INBOX,
    after: str = "",
    size: int = PAGE,
    threads: bool = False,
) -> InboxPage:
    """Messages from the city, unread first, then the newest. An unknown `after` starts at the top.

    `by`: the agent who looks, and sees only what belongs to matters they may see. `threads`: of each thread only the
    message that stands first, with how many there are.
    """
    if by is None and where == INBOX and not after:
        found = _first_page(size + 1, threads)(user)
    else:
        messages = _received(user, by, where, threads=threads)
        found = list((messages.filter(_after(Message.objects.of(user, by), after)) if after else messages)[: size + 1])
    opener = Opener()
    headings = tuple(opener.heading(message) for message in found[:size])
    last = headings[-1] if len(found) > size else None
    return InboxPage(headings, f"{'u' if last.unread else 'r'}-{last.public_id}" if last else "")


def sent(user: User, *, by: User | None = None, after: str = "", size: int = PAGE) -> InboxPage:
    """What was written from this mailbox, the newest first: as inbox()."""
    rows = for_lists(Message.objects.of(user, by)).filter(direction=Direction.CITIZEN, mailbox=Subquery(_box(user)))
    if after:
        rows = rows.filter(_after(Message.objects.of(user, by), after))
    found = list(rows.order_by(*NEWEST)[: size + 1])
    opener = Opener()
    headings = tuple(opener.heading(message) for message in found[:size])
    return InboxPage(headings, f"r-{headings[-1].public_id}" if len(found) > size else "")


def _box(user: User) -> QuerySet[Mailbox, int]:
    return Mailbox.objects.filter(user=user).values_list("pk", flat=True)[:1]


def _received(user: User, by: User | None, where: Q, *, threads: bool = False) -> MessageQuerySet:
    # The mailbox as a value, not joined: only then does its index give the rows in order.
    messages = for_lists(Message.objects.of(user, by).received()).filter(where, mailbox=Subquery(_box(user)))
    return (_tops(messages, where) if threads else messages).order_by(*NEWEST)


def _tops(messages: MessageQuerySet, where: Q) -> MessageQuerySet:
    """The first message of each thread in this place, and how many it has there. Who may see one message of a thread
    may see all of them."""
    same = Message.objects.filter(where, mailbox=OuterRef("mailbox"), thread=OuterRef("thread"), direction="city")
    same = same.filter(visible_from__lte=clock.now())
    # Looked up row by row. With "none stands higher" the database compares all messages of a box with each other.
    first = same.order_by(*NEWEST).values("pk")[:1]
    count = same.order_by().values("thread").annotate(count=Count("pk"))
    return messages.filter(pk=Subquery(first)).annotate(in_thread=Subquery(count.values("count")))


@functools.cache
def _first_page(count: int, threads: bool) -> Written[Message]:
    return Written(lambda user: _received(user, None, INBOX, threads=threads)[:count])


# unread_count() of the person %(owner)s at the moment %(now)s, for statements written out elsewhere.
UNREAD: Final = """
select count(*) from mailbox_message m join mailbox_mailbox b on b.id = m.mailbox_id
where b.user_id = %(owner)s and m.visible_from <= %(now)s and m.direction = 'city' and m.shown_unread
  and m.archived_at is null and m.folder_id is null
"""


def unread_count(user: User, by: User | None = None) -> int:
    """Unread messages in the inbox."""
    if by is None:
        with connection.cursor() as cursor:
            cursor.execute(UNREAD, {"owner": user.pk, "now": clock.now()})
            return int(cursor.fetchone()[0])
    return Message.objects.of(user, by).received().filter(INBOX, shown_unread=True).count()


def latest(user: User, count: int = 3, by: User | None = None) -> list[Heading]:
    """The first `count` headings of the inbox, for the overview."""
    return list(inbox(user, by=by, size=count).headings)


@dataclasses.dataclass(frozen=True)
class Waiting:
    """A decision that nobody has opened yet. `delivered_on`: the day on which it counts as announced by lapse of time
    (mailbox/deliveries.py); None while its notice has not gone out, and where only opening it counts."""

    public_id: uuid.UUID
    subject: str
    delivered_on: dt.date | None


def unread_decisions(user: User, count: int, by: User | None = None) -> list[Waiting]:
    """The longest waiting first."""
    opener, rows = Opener(), _unopened(user, by)[:count] if by else _first_unopened(count)(user)
    return [Waiting(row.public_id, opener.subject(row), getattr(row, "counts_on", None)) for row in rows]


def _unopened(user: User, by: User | None) -> MessageQuerySet:
    rows = Message.objects.of(user, by).unread().filter(kind=Kind.DECISION).select_related("mailbox")
    return rows.defer("sealed_body").annotate(counts_on=F("delivery__counts_on")).order_by("visible_from", "id")


@functools.cache
def _first_unopened(count: int) -> Written[Message]:
    return Written(lambda user: _unopened(user, None)[:count])


def letter(message: Message) -> Letter:
    """One message, opened, as its owner sees it. Ask access.py for the message first."""
    return Opener().shown_letter(message)


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


def answered_since(message: Message) -> bool:
    """Whether somebody of the city wrote in this thread after a person did; what the house tells by itself is none."""
    later = Message.objects.filter(thread=message.thread, direction=Direction.CITY, is_copy=False)
    later = later.filter(created_at__gt=message.created_at, withdrawn_at=None)
    return later.filter(kind__in=[Kind.MESSAGE, Kind.DECISION]).exists()


def notices_of(thread: str) -> dict[uuid.UUID, list[Notice]]:
    """How the e-mails about the messages of a thread fare, by message: what clerks see of it.

    Without reminders that nobody needs any more.
    """
    found: dict[uuid.UUID, list[Notice]] = {}
    idle = Q(plan_day__gt=0) & (Q(state=NoticeState.DROPPED) | Q(message__first_read_at__isnull=False, sent_at=None))
    for notice in Notice.objects.filter(message__thread=thread).exclude(idle).select_related("message").order_by("id"):
        found.setdefault(notice.message.public_id, []).append(notice)
    return found


def conversation(user: User, message: Message) -> list[Heading]:
    """The other messages of the same thread in the same mailbox that the reader may open, oldest first.

    Without the texts: opening a message is a legal moment, so a text from the city is only shown on its own page.
    """
    others = Message.objects.open_to(user).filter(thread=message.thread, mailbox=message.mailbox_id)
    others = others.exclude(pk=message.pk)
    opener = Opener()
    return [opener.heading(other) for other in for_lists(others).order_by("visible_from", "id")]


def opened_thread(user: User, message: Message) -> tuple[list[Message], int]:
    """What the reader wrote or has opened in this thread, oldest first, and how many messages are still closed."""
    rows = Message.objects.open_to(user).filter(thread=message.thread, mailbox=message.mailbox_id)
    rows = rows.select_related("mailbox__user", "author").prefetch_related(
        Prefetch("attachments", Attachment.objects.select_related("stored", "message__mailbox")), "replies"
    )
    every = list(rows.order_by("visible_from", "id")[:THREAD])
    opened = [row for row in every if row.direction == Direction.CITIZEN or row.first_read_at or row.withdrawn_at]
    return opened, len(every) - len(opened)


def exports(user: User) -> list[Export]:
    """Archives that the person ordered, the newest first."""
    return list(Export.objects.filter(asked_by=user).select_related("mailbox__user", "stored").order_by("-id"))


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
