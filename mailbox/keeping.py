"""How owners keep their post: unread again, folders, whole threads at once; and how the city takes a message back."""

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from mailbox import deliveries, states, texts
from mailbox.actions import open_mailbox
from mailbox.journal import name_of, note
from mailbox.letters import folder_place
from mailbox.models import Event, Folder, Kind, Mailbox, Message, MessageEvent, MessageQuerySet, Notice
from mailbox.states import NoticeState
from portal.accounts.models import AccountKind, User
from portal.common import clock
from portal.common.crypto import Envelope

OPENED = "Jemand hat den Bescheid schon geöffnet. Nehmen Sie ihn förmlich zurück."
MOST_FOLDERS = 50
NAME_LENGTH = 60


class FolderRefused(Exception):
    """There is no name, or there are folders enough; the sentence is fit for the page."""


def keeps(whose: User, by: User | None) -> bool:
    """Whether a person keeps this post in order: their own, or that of an account nobody signs in with."""
    return by is None or whose.kind != AccountKind.PERSON


def threads_of(whose: User, by: User | None, chosen: Iterable[uuid.UUID]) -> MessageQuerySet:
    """What the city wrote in the threads of these messages, as far as the person may keep them."""
    if not keeps(whose, by):
        return Message.objects.none()
    mine = Message.objects.of(whose, by)
    named = set(mine.filter(public_id__in=list(chosen)).values_list("thread", flat=True))
    keys = list(mine.received().filter(thread__in=named).values_list("pk", flat=True))
    return Message.objects.filter(pk__in=keys)


def archive_threads(rows: MessageQuerySet) -> int:
    return rows.filter(archived_at=None).update(archived_at=clock.now())


def move(rows: MessageQuerySet, folder: Folder | None) -> int:
    """Into a folder of the same mailbox, None: back into the inbox. Returns how many moved."""
    if folder is not None:
        rows = rows.filter(mailbox=folder.mailbox_id)
    return rows.update(folder=folder, archived_at=None)


def mark_unread(rows: MessageQuerySet) -> int:
    """Only for the eye: the moment of the first retrieval stays as it is."""
    return rows.filter(first_read_at__isnull=False, withdrawn_at=None).update(marked_unread=True)


def add_folder(whose: User, name: str) -> Folder:
    """Raises FolderRefused."""
    clean = texts.one_line(name, NAME_LENGTH)
    if not clean:
        raise FolderRefused(_("Geben Sie einen Namen für den Ordner ein."))
    box = open_mailbox(whose)
    with transaction.atomic():
        Mailbox.objects.select_for_update(no_key=True).get(pk=box.pk)
        if Folder.objects.filter(mailbox=box).count() >= MOST_FOLDERS:
            raise FolderRefused(_("Sie haben schon %(most)s Ordner. Löschen Sie einen davon.") % {"most": MOST_FOLDERS})
        folder = Folder(mailbox=box)
        folder.sealed_name = Envelope(box.wrapped_key).seal(clean.encode(), folder_place(folder))
        folder.save(force_insert=True)
    return folder


@transaction.atomic
def remove_folder(folder: Folder) -> None:
    """The folder goes; what lies in it is in the inbox again."""
    Folder.objects.select_for_update().get(pk=folder.pk)
    Message.objects.filter(folder=folder).update(folder=None)
    folder.delete()


@transaction.atomic
def withdraw(message: Message, *, by: User) -> bool:
    """Take back a message that nobody has opened; its owner sees that there was one. Copies for agents go, too.

    False: read meanwhile (by an agent, too), withdrawn before, or a decision (withdraw_decision). A notice that has not
    gone out will not; the caller checks that `by` may write in this thread.
    """
    if not _unseen(message).exclude(kind=Kind.DECISION).update(withdrawn_at=clock.now()):
        return False
    _put_away(message, by)
    return True


@transaction.atomic
def withdraw_decision(message: Message, *, by: User) -> bool:
    """The same for a decision that nobody has opened and that does not count yet: its delivery ends with it.

    False if it was taken back before. Raises deliveries.CannotWithdraw, also when an agent has read a copy. The message
    goes first: reading locks message and delivery in this order, too.
    """
    if not _unseen(message).update(withdrawn_at=clock.now()):
        if Message.objects.filter(pk=message.pk, withdrawn_at__isnull=False).exists():
            return False
        raise deliveries.CannotWithdraw(OPENED)
    if message.dedupe_key and _copies_of(message).filter(first_read_at__isnull=False).exists():
        raise deliveries.CannotWithdraw(OPENED)
    deliveries.withdraw(message, by=by)
    _put_away(message, by)
    return True


def _unseen(message: Message) -> MessageQuerySet:
    """The message, unless somebody has opened it: its owner, or an agent who leaves it unread."""
    seen = Exists(MessageEvent.objects.filter(message=OuterRef("pk"), kind=Event.SEEN))
    return Message.objects.filter(~seen, pk=message.pk).unread()


def _put_away(message: Message, by: User) -> None:
    for taken in [message, *_copies(message)]:
        queued = Notice.objects.filter(message=taken, digest_of=None)
        states.advance(queued, NoticeState.QUEUED, NoticeState.DROPPED, last_error="withdrawn")
        note(taken, Event.WITHDRAWN, name_of(by))


def _copies(message: Message) -> list[Message]:
    """Those of the same letter to agents, made with the key of the first one (cases.post). Read ones stay."""
    if not message.dedupe_key:
        return []
    unread = list(_copies_of(message).unread().select_for_update())
    Message.objects.filter(pk__in=[copy.pk for copy in unread]).update(withdrawn_at=clock.now())
    return unread


def _copies_of(message: Message) -> MessageQuerySet:
    return Message.objects.filter(is_copy=True, dedupe_key__startswith=f"{message.dedupe_key}:copy:")
