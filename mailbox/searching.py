"""Finding words in one's own post: opened piece by piece and looked through, newest first (docs/adr/0039).

Nothing about the words is kept anywhere. Of a message that was not opened yet, or that asks for a stronger sign-in
than this one, only the subject is looked at: what it says is for whoever opens it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from mailbox import queries
from mailbox.letters import Heading, Opener
from mailbox.models import Direction, Message
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User

PIECE = 500
MOST = 10_000  # messages looked through for one page; whoever has more goes on from there
LENGTH = 100


@dataclass(frozen=True)
class Found:
    """One page of what was found. `older`: where to go on, "" at the end."""

    headings: tuple[Heading, ...]
    older: str


def words_of(text: str) -> list[str]:
    return text.casefold().split()


def search(user: User, by: User | None, text: str, *, level: TrustLevel, after: str = "") -> Found:
    """Messages that have every word in subject, text or file names, received and sent ones, newest first."""
    wanted, opener = words_of(text), Opener()
    hits: list[int] = []
    last, ended = _number(after), not wanted
    rows = _walk(user, by, last) if wanted else iter(())
    for row in islice(rows, MOST):
        last = row.pk
        if _has(opener, row, wanted, level):
            hits.append(row.pk)
            if len(hits) == queries.PAGE:
                break
    else:
        ended = next(rows, None) is None
    return Found(_headings(hits, opener), "" if ended else str(last))


def _walk(user: User, by: User | None, last: int | None) -> Iterator[Message]:
    """Newest first, a piece at a time, so that no mailbox is ever whole in memory."""
    while rows := _piece(user, by, last):
        yield from rows
        last = rows[-1].pk


def _piece(user: User, by: User | None, last: int | None) -> list[Message]:
    rows = Message.objects.of(user, by).filter(withdrawn_at=None).select_related("mailbox").order_by("-id")
    rows = rows.prefetch_related("attachments")
    return list((rows if last is None else rows.filter(pk__lt=last))[:PIECE])


def _number(key: str) -> int | None:
    return int(key) if key.isascii() and key.isdigit() and len(key) < 19 else None


def _has(opener: Opener, message: Message, wanted: list[str], level: TrustLevel) -> bool:
    text = f"{opener.subject(message)} {opener.about(message)} {message.link_text}"
    if all(word in text.casefold() for word in wanted):
        return True
    opened = message.direction == Direction.CITIZEN or message.first_read_at is not None
    if not opened or message.level > level:
        return False
    text = f"{text} {opener.body(message)} {' '.join(_names(opener, message))}".casefold()
    return all(word in text for word in wanted)


def _names(opener: Opener, message: Message) -> list[str]:
    names = []
    for attachment in message.attachments.all():
        attachment.message = message
        names.append(opener.name(attachment))
    return names


def _headings(keys: list[int], opener: Opener) -> tuple[Heading, ...]:
    rows = queries.for_lists(Message.objects.filter(pk__in=keys)).order_by("-id")
    return tuple(opener.heading(row) for row in rows)
