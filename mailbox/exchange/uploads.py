"""Files on their way into a room: announced, written in stretches that survive a crash, whole, or given up.

One writer at a time, over all processes: a session lock of the database, which goes with its connection and so with
the process. No transaction is open while bytes come in. Each stretch is on the disk before its row says so, and the
row moves only for the writer that began last (Upload.openings).
"""

import contextlib
import datetime as dt
import hashlib
import time
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, Sum
from django.http.request import UnreadablePostError

from mailbox.exchange import actions, vault
from mailbox.exchange.access import Visitor
from mailbox.exchange.models import Event, Room, RoomFile, Upload
from mailbox.exchange.records import RECORD, Writer
from mailbox.exchange.vault import About, Vault
from portal.common import clock
from portal.outbox import relay

KEPT = dt.timedelta(days=1)  # after the last piece
STRETCH = 16 * 1024 * 1024  # bytes that a crash may cost
STRETCH_SECONDS = 2.0  # and how long a slow line may go without being safe
MAX_OPEN = 50  # unfinished at once in a room
MAX_FILES = 2000


class Busy(Exception):
    """Somebody else is writing just now."""


class WrongPlace(Exception):
    """The bytes do not begin where the file ends so far."""


class Gone(Exception):
    """Given up, expired, or its room has ended."""


class TooMuch(Exception):
    """More than the room, one file or the announced length may hold. The sentence is in `args`."""


class Mismatch(Exception):
    """The bytes are not those of the promised checksum; none was kept."""


class Checksum(NamedTuple):
    """What the client promised of the bytes of one request."""

    algorithm: str
    digest: bytes


def create(visitor: Visitor, about: About, length: int) -> Upload:
    """Announce a file; an empty one is whole at once. Raises actions.Ended, TooMuch."""
    if length > settings.EXCHANGE_MAX_BYTES:
        raise TooMuch(f"höchstens {settings.EXCHANGE_MAX_BYTES} Byte je Datei")
    with transaction.atomic():
        room = actions.held_open(visitor.room)
        held = Upload.objects.filter(room=room, ended_at=None)
        if length > room.quota - (held.aggregate(sum=Sum("length"))["sum"] or 0):
            raise TooMuch("Der Raum ist voll.")
        if held.filter(file=None).count() >= MAX_OPEN or held.count() >= MAX_FILES:
            raise TooMuch("Zu viele Dateien auf einmal.")
        upload = Upload(room=room, by=visitor.invitation, length=length, expires_at=_expiry(room))
        Vault(room).prepare(upload, about)
        upload.save(force_insert=True)
        vault.path(room).mkdir(mode=0o700, exist_ok=True)
        if not length:
            _finish(upload)
    return upload


def append(upload: Upload, start: int, source: BinaryIO, *, size: int, promised: Checksum | None = None) -> Upload:
    """Write `size` bytes of `source` from `start` on, or as many as came before the line was cut.

    With a promise all of them or none. Returns the row as it is then. Raises Busy, WrongPlace, Gone, TooMuch, Mismatch,
    records.FileDamaged.
    """
    with writing(upload, start) as stream:
        if start + size > stream.row.length:
            raise TooMuch("Mehr Byte als angekündigt.")
        digest = hashlib.new(promised.algorithm) if promised else None
        for block in _blocks(source, size):
            stream.write(block, keep=promised is None)
            if digest:
                digest.update(block)
        if promised and digest and (stream.offset != start + size or digest.digest() != promised.digest):
            raise Mismatch
        stream.keep()
    return stream.row


@contextlib.contextmanager
def writing(upload: Upload, start: int = 0) -> Iterator["Stream"]:
    """The one who may write now. What was not kept at the end is lost. Raises like append()."""
    with _only_writer(upload):
        row = _opened(upload, start)
        with Writer(Vault(row.room).sealed(row), row.openings) as writer:
            yield Stream(row, writer)


class Stream:
    """Bytes on their way into one upload; every stretch is made safe on the way."""

    def __init__(self, row: Upload, writer: Writer):
        self.row, self._writer, self._since = row, writer, time.monotonic()

    @property
    def offset(self) -> int:
        """Plain bytes written, safe or not."""
        return self._writer.offset

    def write(self, block: bytes, *, keep: bool = True) -> None:
        """At most RECORD bytes."""
        self._writer.append(block)
        due = self.offset - self.row.offset >= STRETCH or time.monotonic() - self._since >= STRETCH_SECONDS
        if keep and due:
            self.keep()

    def keep(self) -> None:
        """First the disk, then the row. Raises Gone if the upload was given up, or a later writer has begun."""
        self._since = time.monotonic()
        row, writer = self.row, self._writer
        if writer.offset == row.offset:
            return
        writer.keep()
        with transaction.atomic():
            mine = Upload.objects.filter(pk=row.pk, openings=row.openings, offset=row.offset, ended_at=None)
            expires_at = _expiry(row.room)
            if not mine.update(offset=writer.offset, position=writer.position, expires_at=expires_at):
                raise Gone
            row.offset, row.position, row.expires_at = writer.offset, writer.position, expires_at
            if row.is_whole:
                _finish(row)


def finish(upload: Upload) -> Upload:
    """What has arrived is all: for files whose length nobody knew before (a form without a script). Raises Gone."""
    with _only_writer(upload), transaction.atomic():
        row = Upload.objects.select_for_update(no_key=True, of=("self",)).select_related("room").get(pk=upload.pk)
        if row.ended_at is not None or hasattr(row, "file"):
            raise Gone
        row.length = row.offset
        row.save(update_fields=["length"])
        _finish(row)
    return row


def terminate(upload: Upload) -> None:
    """Give an upload up; a whole file is deleted otherwise (actions.delete_file). Raises Busy, Gone."""
    with _only_writer(upload), transaction.atomic():
        row = Upload.objects.select_related("room").get(pk=upload.pk)
        if hasattr(row, "file") or not actions.drop(row):
            raise Gone


def unfinished(visitor: Visitor) -> list[Upload]:
    """What this visitor may go on with, oldest first."""
    rows = Upload.objects.filter(room=visitor.room, by=visitor.invitation, ended_at=None, file=None)
    return list(rows.filter(expires_at__gt=clock.now()).order_by("id"))


def is_gone(upload: Upload) -> bool:
    """A whole upload stays as long as its file; an unfinished one until its day."""
    if upload.ended_at is not None or not upload.room.is_open:
        return True
    return not upload.is_whole and upload.expires_at <= clock.now()


def _expiry(room: Room) -> dt.datetime:
    return min(clock.now() + KEPT, room.expires_at)


@contextlib.contextmanager
def _only_writer(upload: Upload) -> Iterator[None]:
    """Raises Busy at once. The lock lives in the connection, not in a transaction: a dead process holds nothing."""
    key = upload.public_id.int >> 65  # 63 bits of a random id
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            raise Busy
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [key])


def _opened(upload: Upload, start: int) -> Upload:
    """The row with a fresh opening, which is safe before anything is written under it."""
    row = Upload.objects.select_related("room").get(pk=upload.pk)
    if is_gone(row):
        raise Gone
    if row.offset != start:
        raise WrongPlace
    rows = Upload.objects.filter(pk=row.pk, openings=row.openings, ended_at=None)
    if not rows.update(openings=F("openings") + 1):
        raise Gone
    row.openings += 1
    return row


def _finish(row: Upload) -> None:
    """The upload has become a file, in the transaction that made it whole; nobody gets it before its scan."""
    visitor = Visitor(row.room, row.by)
    # One numbering at a time; not the strongest lock, for rows that point to the room may come meanwhile.
    Room.objects.select_for_update(no_key=True).get(pk=row.room_id)
    last = RoomFile.objects.filter(room=row.room).aggregate(last=Max("number"))["last"] or 0
    file = RoomFile.objects.create(upload=row, room=row.room, number=last + 1, size=row.length)
    actions.note(row.room, Event.UPLOADED, visitor.actor, file=file.number)
    relay.ring("exchange.scan", str(file.pk))


def _blocks(source: BinaryIO, size: int) -> Iterator[bytes]:
    """Pieces of at most RECORD bytes; where the line is cut they end."""
    while size:
        try:
            block = source.read(min(RECORD, size))
        except (UnreadablePostError, OSError):
            return
        if not block:
            return
        size -= len(block)
        yield block
