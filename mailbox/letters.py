"""Sealing and opening: the only place that turns rows into words and words into rows."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from mailbox.models import Attachment, Direction, Mailbox, Message
from portal.common.crypto import Envelope, KeyDestroyed

GONE = "Der Inhalt dieser Nachricht wurde gelöscht."


def place(public_id: uuid.UUID, field: str) -> str:
    """The additional data that ties a sealed value to its message and field."""
    return f"message:{public_id}:{field}"


def attachment_place(attachment: Attachment) -> str:
    return place(attachment.message.public_id, f"attachment:{attachment.position}")


def seal(message: Message, subject: str, body: str) -> None:
    """Put subject and body into the unsaved message. Raises KeyDestroyed."""
    envelope = Envelope(message.mailbox.wrapped_key)
    message.sealed_subject = envelope.seal(subject.encode(), place(message.public_id, "subject"))
    message.sealed_body = envelope.seal(body.encode(), place(message.public_id, "body"))


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

    @property
    def kind(self) -> str:
        """The type of the file in everyday words."""
        return KINDS.get(self.media_type, "Datei")


@dataclasses.dataclass(frozen=True)
class Heading:
    """A message without its text, for lists."""

    public_id: uuid.UUID
    direction: str
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

    @property
    def received(self) -> bool:
        """Sent by the city to the person."""
        return self.direction == Direction.CITY

    @property
    def unread(self) -> bool:
        return self.received and self.first_read_at is None


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

    def subject(self, message: Message) -> str:
        where = place(message.public_id, "subject")
        return self.text(message.mailbox, message.sealed_subject, where, message.neutral_title)

    def heading(self, message: Message) -> Heading:
        """Needs mailbox loaded, and `attachments` and `replies` prefetched to stay at one query per list."""
        return Heading(**self._heading(message))

    def letter(self, message: Message) -> Letter:
        return Letter(
            **self._heading(message),
            body=self.text(message.mailbox, message.sealed_body, place(message.public_id, "body"), GONE),
            reply_allowed=message.reply_allowed and self._envelope(message.mailbox) is not None,
            attachments=tuple(self.enclosures(message.attachments.all())),
        )

    def enclosures(self, attachments: Iterable[Attachment]) -> Iterable[Enclosure]:
        for attachment in attachments:
            yield Enclosure(
                position=attachment.position,
                name=self.name(attachment),
                media_type=attachment.stored.media_type,
                size=attachment.stored.size,
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
            "sender": writer,
            "subject": self.subject(message),
            "created_at": message.created_at,
            "at": message.visible_from,
            "first_read_at": message.first_read_at,
            "archived_at": message.archived_at,
            "link_path": message.link_path,
            "link_text": message.link_text,
            "enclosures": len(message.attachments.all()),
            "answered": bool(message.replies.all()),
            "by_agent": message.author_id is not None,
        }
