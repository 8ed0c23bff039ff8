"""What the pages of a room show. Names and addresses are opened here, and only here, for somebody who may see them."""

import dataclasses
import datetime as dt

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from mailbox.exchange import uploads
from mailbox.exchange.access import Visitor
from mailbox.exchange.models import Event, Invitation, Room, RoomFile, Upload
from mailbox.exchange.vault import Vault
from portal.accounts.models import User
from portal.common import clock

LOG_LINES = 200
KEPT = dt.timedelta(days=365)  # how long an ended room stays in its owner's list


@dataclasses.dataclass(frozen=True)
class Line:
    """One file of the room."""

    number: int
    name: str
    size: int
    who: str
    arrived_at: dt.datetime
    scan: str
    in_parts: bool
    sha256: str
    can_open: bool
    is_own: bool


@dataclasses.dataclass(frozen=True)
class Begun:
    """An upload to go on with; `mark` as its device gave it."""

    public_id: str
    name: str
    mark: str
    offset: int
    length: int

    @property
    def percent(self) -> int:
        return 100 * self.offset // max(1, self.length)


@dataclasses.dataclass(frozen=True)
class Guest:
    invitation: Invitation
    address: str


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line of the log, in words."""

    at: dt.datetime
    event: str
    who: str
    what: str


@dataclasses.dataclass(frozen=True)
class Heading:
    """A room in its owner's list. `purpose` is empty once it has ended."""

    room: Room
    purpose: str
    files: int
    guests: int


def headings(owner: User) -> list[Heading]:
    recent = Q(ended_at=None) | Q(ended_at__gt=clock.now() - KEPT)
    rooms = Room.objects.filter(recent, owner=owner).order_by("ended_at", "-opened_at")
    rooms = rooms.annotate(
        file_count=Count("files", Q(files__deleted_at=None), distinct=True),
        guest_count=Count("invitations", Q(invitations__revoked_at=None), distinct=True),
    )
    return [
        Heading(room, Vault(room).purpose() if room.is_open else "", room.file_count, room.guest_count)
        for room in rooms[:100]
    ]


def files(visitor: Visitor) -> list[Line]:
    """What the visitor may know of: everything with the right to read, else what they brought."""
    rows = RoomFile.objects.filter(room=visitor.room, deleted_at=None).select_related("upload__by").order_by("-number")
    if not visitor.may_read:
        rows = rows.filter(upload__by=visitor.invitation)
    vault = Vault(visitor.room)
    return [
        Line(
            row.number,
            vault.about(row.upload).name,
            row.size,
            _who(visitor, vault, row.upload),
            row.arrived_at,
            row.scan,
            row.scan_in_parts,
            row.sha256,
            row.can_open and visitor.may_read,
            row.upload.by == visitor.invitation,
        )
        for row in rows
    ]


def _who(visitor: Visitor, vault: Vault, upload: Upload) -> str:
    """Guests are not told each other's addresses."""
    if upload.by == visitor.invitation:
        return _("Ihnen")
    if upload.by is None:
        return str(visitor.room.owner)
    return vault.address(upload.by) if visitor.is_owner else _("einer anderen Person")


def begun(visitor: Visitor) -> list[Begun]:
    vault = Vault(visitor.room)
    rows = [(row, vault.about(row)) for row in uploads.unfinished(visitor)]
    return [Begun(str(row), about.name, about.mark, row.offset, row.length) for row, about in rows]


def guests(room: Room) -> list[Guest]:
    vault = Vault(room)
    return [Guest(row, vault.address(row)) for row in room.invitations.filter(revoked_at=None)]


def used(room: Room) -> int:
    """Bytes of the quota that are taken, or kept free for what is on its way."""
    return Upload.objects.filter(room=room, ended_at=None).aggregate(sum=Sum("length"))["sum"] or 0


def log(room: Room) -> list[Entry]:
    """Newest first. Once the room has ended, guests and files have only their numbers."""
    people, names = {row.number: "" for row in room.invitations.all()}, dict[int, str]()
    if room.is_open:
        vault = Vault(room)
        people = {row.number: vault.address(row) for row in room.invitations.all()}
        rows = RoomFile.objects.filter(room=room, deleted_at=None).select_related("upload")
        names = {row.number: vault.about(row.upload).name for row in rows}
    return [
        Entry(
            entry.at,
            str(EVENTS[Event(entry.event)]),
            _actor(entry.actor, people),
            _what(entry.guest, entry.file, people, names),
        )
        for entry in room.log.order_by("-id")[:LOG_LINES]
    ]


EVENTS = {
    Event.OPENED: _lazy("Raum eröffnet"),
    Event.INVITED: _lazy("Person eingeladen"),
    Event.REVOKED: _lazy("Einladung zurückgenommen"),
    Event.CODE: _lazy("Code angefordert"),
    Event.LOCKED: _lazy("Code zu oft falsch eingegeben"),
    Event.ENTERED: _lazy("Raum betreten"),
    Event.UPLOADED: _lazy("Datei hochgeladen"),
    Event.DOWNLOADED: _lazy("Datei heruntergeladen"),
    Event.DELETED: _lazy("Datei gelöscht"),
    Event.CLEAN: _lazy("Datei geprüft, nichts gefunden"),
    Event.PARTS: _lazy("Datei in Teilen geprüft, nichts gefunden"),
    Event.INFECTED: _lazy("Datei gesperrt, Schadsoftware"),
    Event.TOO_LARGE: _lazy("Datei gesperrt, zu groß für die Virenprüfung"),
    Event.EXTENDED: _lazy("Ende verschoben"),
    Event.ENDED: _lazy("Raum beendet"),
    Event.EXPIRED: _lazy("Raum abgelaufen"),
}


def _actor(actor: str, people: dict[int, str]) -> str:
    kind, _colon, rest = actor.partition(":")
    if kind == "guest":
        return _guest(int(rest), people)
    return _("Sie") if kind == "owner" else _("automatisch")


def _what(guest: int | None, file: int | None, people: dict[int, str], names: dict[int, str]) -> str:
    if guest is not None:
        return _guest(guest, people)
    if file is not None:
        return names.get(file) or _("Datei %(number)s") % {"number": file}
    return ""


def _guest(number: int, people: dict[int, str]) -> str:
    return people.get(number) or _("Gast %(number)s") % {"number": number}
