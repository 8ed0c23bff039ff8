"""Large files in pieces, so that a cut connection costs one piece (after draft-ietf-httpbis-resumable-upload).

The person's browser says how long the file is and then sends stretches of it, each with the place where it begins. Only
the next one is taken; asked where it stopped, the house answers with what it really has. Every piece is encrypted on
its own and read back as one seekable file, so that nothing is ever whole in memory or readable on a disk.
"""

import bisect
import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from django.db import transaction
from django.db.models import F
from django.http.request import UnreadablePostError

from forms_engine.submissions.models import Arrival, ArrivalPiece
from portal.common import clock, crypto
from portal.documents import store
from portal.documents.models import StoredFile

MAX_PIECE = 8_000_000  # bytes in one request
PIECE = 2_000_000  # what the browser is told to send at once
MAX_OPEN = 20  # at once for one draft or case
KEPT = dt.timedelta(days=1)  # after the last piece


class TooManyOpen(Exception):
    """There are unfinished files enough."""


class WrongPlace(Exception):
    """The piece does not begin where the file ends so far. `received` is that place."""

    def __init__(self, received: int):
        super().__init__(received)
        self.received = received


def begin(scope: str, field: str, name: str, *, length: int, fingerprint: str) -> Arrival:
    """A new arrival, or the unfinished one of the same file to go on with. Raises TooManyOpen."""
    mark = hashlib.sha256(f"{name}\0{length}\0{fingerprint}".encode()).hexdigest()
    row = Arrival(scope=scope, field=field, fingerprint=mark, length=length, wrapped_key=crypto.new_wrapped_key())
    row.sealed_name = crypto.Envelope(row.wrapped_key).seal(name.encode(), f"{row}:name")
    held = Arrival.objects.filter(scope=scope)
    if found := held.filter(field=field, fingerprint=mark).first():
        return found
    if held.count() >= MAX_OPEN:
        raise TooManyOpen
    Arrival.objects.bulk_create([row], ignore_conflicts=True)  # a second window may have been faster
    return held.get(field=field, fingerprint=mark)


def append(arrival: Arrival, start: int, source: BinaryIO) -> Arrival:
    """Take the next piece, or as much of it as arrived before the line was cut. Raises WrongPlace."""
    if start != arrival.received or arrival.is_whole:
        raise WrongPlace(arrival.received)
    piece = cast(BinaryIO, _Bounded(source, min(MAX_PIECE, arrival.length - start)))
    stored = store.put(piece, media_type="application/octet-stream")
    taken = stored.size > 0 and _append(arrival, start, stored)
    if not taken:
        store.destroy(stored)
    arrival.refresh_from_db(fields=["received"])
    if not taken and stored.size:
        raise WrongPlace(arrival.received)
    return arrival


@transaction.atomic
def _append(arrival: Arrival, start: int, stored: StoredFile) -> bool:
    """The place is looked at again in the same statement that moves it: of two equal pieces one is taken."""
    here = Arrival.objects.filter(pk=arrival.pk, received=start)
    if not here.update(received=F("received") + stored.size, touched_at=clock.now()):
        return False
    ArrivalPiece.objects.create(arrival=arrival, start=start, stored=stored)
    return True


@contextmanager
def opened(arrival: Arrival) -> Iterator[BinaryIO]:
    """What has arrived as one file to read and seek in. Raises store.FileDamaged."""
    pieces = list(arrival.pieces.select_related("stored").order_by("start"))
    with io.BufferedReader(_Joined(pieces), store.CHUNK) as source:
        yield cast(BinaryIO, source)


def forget(arrival: Arrival) -> None:
    """Its pieces are gone for good, and the file itself if nobody took it. A second time does no harm."""
    with transaction.atomic():
        held = Arrival.objects.select_for_update().filter(pk=arrival.pk).first()
        if held is None:
            return
        files = [piece.stored for piece in held.pieces.select_related("stored")]
        files += [held.stored] if held.stored else []
        held.delete()
        for stored in files:
            store.destroy(stored)


@transaction.atomic
def landed(arrival: Arrival, stored: StoredFile) -> bool:
    """Keep the whole file until somebody takes it; its pieces go. False if it is kept already, or forgotten."""
    held = Arrival.objects.select_for_update().filter(pk=arrival.pk, stored=None).first()
    if held is None:
        return False
    pieces = [piece.stored for piece in held.pieces.select_related("stored")]
    held.pieces.all().delete()
    for piece in pieces:
        store.destroy(piece)
    held.stored, held.touched_at = stored, clock.now()
    held.save(update_fields=["stored", "touched_at"])
    return True


def waiting(scope: str, ids: Iterable[str] | None = None) -> list[Arrival]:
    """Whole files that nobody has taken yet; only those of these ids, whatever was posted."""
    rows = Arrival.objects.filter(scope=scope, stored__isnull=False).select_related("stored").order_by("id")
    return [row for row in rows if ids is None or str(row.public_id) in ids]


def claim(found: Iterable[Arrival]) -> list[Arrival]:
    """Those that are still there; until the caller's transaction ends nobody forgets them."""
    wanted = [arrival.pk for arrival in found]
    rows = Arrival.objects.select_for_update(of=("self",)).select_related("stored")
    return list(rows.filter(pk__in=wanted, stored__isnull=False).order_by("id"))


def taken(found: Iterable[Arrival]) -> None:
    """Somebody else owns these whole files now: only the arrivals go."""
    Arrival.objects.filter(pk__in=[arrival.pk for arrival in found]).delete()


def forget_all(scope: str) -> None:
    for arrival in Arrival.objects.filter(scope=scope):
        forget(arrival)


def sweep_arrivals() -> int:
    """Forget what nobody went on with for a day. Returns how many."""
    late = list(Arrival.objects.filter(touched_at__lt=clock.now() - KEPT).order_by("id")[:100])
    for arrival in late:
        forget(arrival)
    return len(late)


class _Bounded(io.RawIOBase):
    """At most so many bytes of a request; where the line is cut it ends."""

    def __init__(self, source: BinaryIO, most: int):
        super().__init__()
        self._source, self._left = source, most

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        try:
            found = self._source.read(wanted) if wanted else b""
        except (UnreadablePostError, OSError):
            found = b""
        self._left = self._left - len(found) if found else 0
        return found


class _Joined(io.RawIOBase):
    """Several stored files one after the other. One is open at a time."""

    def __init__(self, pieces: list[ArrivalPiece]):
        super().__init__()
        self._pieces, self._starts = pieces, [piece.start for piece in pieces]
        self._length = pieces[-1].start + pieces[-1].stored.size if pieces else 0
        self._at, self._number = 0, -1
        self._source: store.Reader | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._length:
            return 0
        number = bisect.bisect_right(self._starts, self._at) - 1
        if number != self._number or self._source is None:
            self._close()
            self._number, self._source = number, store.Reader(self._pieces[number].stored)
        self._source.seek(self._at - self._starts[number])
        count = self._source.readinto(buffer)
        self._at += count
        return count

    def close(self) -> None:
        self._close()
        super().close()

    def _close(self) -> None:
        if self._source is not None:
            self._source.close()
            self._source = None
