"""Sealing and opening: the only place that turns rows into words and words into rows."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from mailbox.models import Attachment, Direction, Folder, Mailbox, Message
from portal.common.crypto import Envelope, KeyDestroyed
from portal.documents.models import StoredFile

GONE = "Der Inhalt dieser Nachricht wurde gelöscht."
WITHDRAWN_TITLE = _("Zurückgezogene Nachricht")
WITHDRAWN = _("Diese Nachricht hat die Stadt zurückgezogen, bevor sie gelesen wurde.")


def place(public_id: uuid.UUID, field: str) -> str:
    """The additional data that ties a sealed value to its message and field."""
    return f"message:{public_id}:{field}"


def attachment_place(attachment: Attachment) -> str:
    return place(attachment.message.public_id, f"attachment:{attachment.position}")


def folder_place(folder: Folder) -> str:
    return f"folder:{folder.public_id}"


def seal(message: Message, subject: str, body: str, about: str = "") -> None:
    """Put subject, body and what the thread is about into the unsaved message. Raises KeyDestroyed."""
    envelope = Envelope(message.mailbox.wrapped_key)
    message.sealed_subject = envelope.seal(subject.encode(), place(message.public_id, "subject"))
    message.sealed_body = envelope.seal(body.encode(), place(message.public_id, "body"))
    if about:
        message.sealed_about = envelope.seal(about.encode(), place(message.public_id, "about"))


KINDS = {
    "application/pdf": "PDF",
    "image/jpeg": "JPEG-Bild",
    "image/png": "PNG-Bild",
    "text/plain": "Textdatei",
    "application/json": "JSON-Datei",
    "application/xml": "XML-Datei",
}


@dataclasses.dataclass(frozen=True)
class Enclosure:
    """An attachment as people see it. `size` in bytes of the plain file."""

    position: int
    name: str
    media_type: str
    size: int
    stored: StoredFile  # whether it may be opened: what people send is scanned first

    @property
    def kind(self) -> str:
        """The type of the file in everyday words."""
        return KINDS.get(self.media_type, "Datei")


@dataclasses.dataclass(frozen=True)
class Heading:
    """A message without its text, for lists."""

    public_id: uuid.UUID
    direction: str
    kind: str
    sender: str
    subject: str
    created_at: dt.datetime
    at: dt.datetime  # since when the recipient can see it
    first_read_at: dt.datetime | None
    archived_at: dt.datetime | None
    link_path: str
    link_text: str
    enclosures: int  # how many attachments
    answered: bool
    by_agent: bool  # written by somebody who acts for the mailbox's owner
    about: str  # the case or service of the thread, "" for none
    withdrawn_at: dt.datetime | None
    unread: bool  # new, or marked so by its owner
    in_thread: int = dataclasses.field(default=1, kw_only=True)  # messages of its thread in the same list

    @property
    def received(self) -> bool:
        """Sent by the city to the person."""
        return self.direction == Direction.CITY


@dataclasses.dataclass(frozen=True)
class Letter(Heading):
    """A whole message with its attachments."""

    body: str
    reply_allowed: bool
    attachments: tuple[Enclosure, ...]


class Opener:
    """Opens messages; unwraps the key of each mailbox once. After disposal only the neutral title is left."""

    def __init__(self) -> None:
        self._envelopes: dict[int, Envelope | None] = {}

    def _envelope(self, mailbox: Mailbox) -> Envelope | None:
        if mailbox.pk not in self._envelopes:
            try:
                self._envelopes[mailbox.pk] = Envelope(mailbox.wrapped_key)
            except KeyDestroyed:
                self._envelopes[mailbox.pk] = None
        return self._envelopes[mailbox.pk]

    def text(self, mailbox: Mailbox, sealed: bytes | memoryview, where: str, otherwise: str) -> str:
        """The sealed text, or `otherwise` after disposal. Raises CannotOpen if someone changed or moved it."""
        envelope = self._envelope(mailbox)
        return envelope.open(sealed, where).decode() if envelope else otherwise

    def folder(self, folder: Folder) -> str:
        return self.text(folder.mailbox, folder.sealed_name, folder_place(folder), "Ordner")

    def subject(self, message: Message) -> str:
        where = place(message.public_id, "subject")
        return self.text(message.mailbox, message.sealed_subject, where, message.neutral_title)

    def heading(self, message: Message) -> Heading:
        """Of a message from queries.for_lists(), which counts what hangs on it."""
        told: Any = message
        words = self._heading(message)
        if message.withdrawn_at:
            words |= {"subject": str(WITHDRAWN_TITLE), "about": ""}
        count = getattr(message, "in_thread", 1)
        return Heading(
            **words, enclosures=told.attachment_count, answered=told.first_reply is not None, in_thread=count
        )

    def about(self, message: Message) -> str:
        if not message.sealed_about:
            return ""
        return self.text(message.mailbox, message.sealed_about, place(message.public_id, "about"), "")

    def body(self, message: Message) -> str:
        return self.text(message.mailbox, message.sealed_body, place(message.public_id, "body"), GONE)

    def letter(self, message: Message) -> Letter:
        """The whole message; callers that show it to its owner ask shown_letter()."""
        return Letter(
            **self._heading(message),
            enclosures=len(message.attachments.all()),
            answered=bool(message.replies.all()),
            body=self.body(message),
            reply_allowed=message.reply_allowed and self._envelope(message.mailbox) is not None,
            attachments=tuple(self.enclosures(message.attachments.all())),
        )

    def shown_letter(self, message: Message) -> Letter:
        """As its owner sees it: of a withdrawn one only that there was one."""
        letter = self.letter(message)
        if message.withdrawn_at is None:
            return letter
        empty: dict[str, Any] = {"attachments": (), "enclosures": 0, "reply_allowed": False, "about": ""}
        return dataclasses.replace(letter, subject=str(WITHDRAWN_TITLE), body=str(WITHDRAWN), **empty)

    def enclosures(self, attachments: Iterable[Attachment]) -> Iterable[Enclosure]:
        for attachment in attachments:
            yield Enclosure(
                position=attachment.position,
                name=self.name(attachment),
                media_type=attachment.stored.media_type,
                size=attachment.stored.size,
                stored=attachment.stored,
            )

    def name(self, attachment: Attachment) -> str:
        mailbox, where = attachment.message.mailbox, attachment_place(attachment)
        return self.text(mailbox, attachment.sealed_name, where, f"Anlage {attachment.position}")

    def _heading(self, message: Message) -> dict[str, Any]:
        owner = message.mailbox.user.get_full_name()
        writer = message.sender or (f"{message.author}, für {owner}" if message.author else owner)
        return {
            "public_id": message.public_id,
            "direction": message.direction,
            "kind": message.kind,
            "sender": writer,
            "subject": self.subject(message),
            "created_at": message.created_at,
            "at": message.visible_from,
            "first_read_at": message.first_read_at,
            "archived_at": message.archived_at,
            "link_path": message.link_path,
            "link_text": message.link_text,
            "by_agent": message.author_id is not None,
            "about": self.about(message),
            "withdrawn_at": message.withdrawn_at,
            "unread": message.shown_unread,
        }
