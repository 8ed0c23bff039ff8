"""What is sealed in a room, and where its files lie. Without the room's key nothing here opens any more."""

import dataclasses
import functools
from pathlib import Path

from mailbox import texts
from mailbox.exchange.models import Invitation, Room, RoomMail, Upload
from mailbox.exchange.records import Sealed
from portal.common import clock, crypto
from portal.documents import store

PURPOSE_LENGTH = 120
MEDIA_LENGTH = 100


@dataclasses.dataclass(frozen=True)
class About:
    """What the sender's device says of a file. `mark`: digits by which it knows the file again."""

    name: str
    media_type: str = ""
    mark: str = ""


class Vault:
    """Opens and seals everything in one room. Raises crypto.KeyDestroyed once it has ended."""

    def __init__(self, room: Room):
        self._room, self._envelope = room, crypto.Envelope(room.wrapped_key)

    def seal_purpose(self, text: str) -> bytes:
        return self._envelope.seal(texts.one_line(text, PURPOSE_LENGTH).encode(), f"room:{self._room}:purpose")

    def purpose(self) -> str:
        return self._envelope.open(self._room.sealed_purpose, f"room:{self._room}:purpose").decode()

    def seal_address(self, invitation: Invitation, address: str) -> bytes:
        return self._envelope.seal(address.encode(), f"invitation:{invitation}:address")

    def address(self, invitation: Invitation) -> str:
        return self._envelope.open(invitation.sealed_address, f"invitation:{invitation}:address").decode()

    def seal_secret(self, mail: RoomMail, secret: str) -> bytes:
        return self._envelope.seal(secret.encode(), f"mail:{mail}:secret")

    def secret(self, mail: RoomMail) -> str:
        sealed = mail.sealed_secret
        return self._envelope.open(sealed, f"mail:{mail}:secret").decode() if sealed else ""

    def prepare(self, upload: Upload, about: About) -> None:
        """A fresh key and the sealed name; hostile names are made harmless first (mailbox.texts)."""
        clean = About(
            texts.file_name(about.name),
            texts.one_line(about.media_type, MEDIA_LENGTH),
            about.mark if about.mark.isdecimal() and len(about.mark) <= 30 else "",
        )
        upload.sealed_key = self._envelope.seal(clock.random_bytes(32), f"upload:{upload}:key")
        upload.sealed_about = self._envelope.seal_json(dataclasses.asdict(clean), f"upload:{upload}:about")

    def about(self, upload: Upload) -> About:
        if upload.sealed_about is None:
            raise crypto.KeyDestroyed("Die Datei wurde gelöscht.")
        return About(**self._envelope.open_json(upload.sealed_about, f"upload:{upload}:about"))

    def sealed(self, upload: Upload) -> Sealed:
        """The file on the disk, as far as the row says that it is there."""
        if upload.sealed_key is None:
            raise crypto.KeyDestroyed("Die Datei wurde gelöscht.")
        key = self._envelope.open(upload.sealed_key, f"upload:{upload}:key")
        return Sealed(path(upload), upload.public_id.bytes, key, upload.offset, upload.position)


@functools.singledispatch
def path(of: Room | Upload) -> Path:
    raise TypeError(of)


@path.register
def _(of: Room) -> Path:
    return home() / of.public_id.hex


@path.register
def _(of: Upload) -> Path:
    return path(of.room) / of.public_id.hex


def home() -> Path:
    """Beside the files of the house's own store, which never looks in here."""
    folder = store.root() / "exchange"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
