"""Files on their way out: decrypted record by record, with Range (RFC 9110, section 14), or all as one ZIP."""

import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from mailbox.exchange import actions, records
from mailbox.exchange.access import Visitor
from mailbox.exchange.models import AccessLog, Event, Room, RoomFile, Scan
from mailbox.exchange.vault import Vault
from portal.common import clock
from portal.common.crypto import KeyDestroyed

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Span(NamedTuple):
    """Bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int


class Unsatisfiable(Exception):
    """No byte of the file lies in the range asked for."""


def span(header: str, size: int) -> Span | None:
    """What a Range header asks for; None for the whole file: no header, several ranges, or nonsense, which a server may
    ignore. Raises Unsatisfiable.
    """
    match = _RANGE.fullmatch(header.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= stop:
        raise Unsatisfiable
    return Span(start, stop)


def answer(request: HttpRequest, file: RoomFile, visitor: Visitor) -> HttpResponseBase:
    """The file or a part of it. Raises Http404 before its scan has found it clean, and after its deletion."""
    if not file.can_open:
        raise Http404
    tag = f'"{file.sha256}"'
    wanted = request.headers.get("Range", "") if request.headers.get("If-Range", tag) == tag else ""
    try:
        part = span(wanted, file.size)
    except Unsatisfiable:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{file.size}"
        return refused
    start, stop = part or Span(0, file.size)
    try:
        vault = Vault(visitor.room)
        about, pieces = vault.about(file.upload), records.read(vault.sealed(file.upload), start, stop)
    except KeyDestroyed:
        raise Http404 from None
    first = next(pieces, b"")  # whatever is wrong with the file shows here, before the answer has begun
    response = StreamingHttpResponse(itertools.chain([first], pieces), status=206 if part else 200)
    response["Content-Disposition"] = content_disposition_header(True, about.name) or "attachment"
    response["Content-Length"] = str(stop - start)
    response["Accept-Ranges"], response["ETag"] = "bytes", tag
    if part:
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    if request.method == "GET":
        _note(file, visitor, anew=start == 0)
    return _harmless(response)


def _harmless(response: StreamingHttpResponse) -> StreamingHttpResponse:
    """Nothing in a stranger's file is ever shown in our origin, whatever kind it says it is."""
    response["Content-Type"] = "application/octet-stream"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _note(file: RoomFile, visitor: Visitor, *, anew: bool) -> None:
    """Each download is a line of the log; one that goes on after a break is none of its own, for a day."""
    if not anew:
        day = clock.now() - actions.NEWS_WAIT * 288
        rows = AccessLog.objects.filter(room=visitor.room, file=file.number, event=Event.DOWNLOADED, at__gt=day)
        if rows.filter(actor=visitor.actor).exists():
            return
    actions.note(visitor.room, Event.DOWNLOADED, visitor.actor, file=file.number)


def everything(visitor: Visitor) -> StreamingHttpResponse:
    """All files that may be opened as one ZIP, made while it is sent. Raises Http404 if there is none."""
    files = list(openable(visitor.room).select_related("upload"))
    if not files:
        raise Http404
    try:
        pieces = _zipped(Vault(visitor.room), files)
    except KeyDestroyed:
        raise Http404 from None
    response = StreamingHttpResponse(pieces)
    response["Content-Disposition"] = 'attachment; filename="Austausch.zip"'
    for file in files:
        _note(file, visitor, anew=True)
    return _harmless(response)


def openable(room: Room) -> QuerySet[RoomFile]:
    return RoomFile.objects.filter(room=room, scan=Scan.CLEAN, deleted_at=None).order_by("number")


class _Pipe(io.RawIOBase):
    """Takes what zipfile writes; take() hands it on."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


def _zipped(vault: Vault, files: Iterable[RoomFile]) -> Iterator[bytes]:
    """Stored, not compressed: most large files are compressed already."""
    pipe, taken = _Pipe(), set[str]()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            file.upload.room = file.room
            name = _free(vault.about(file.upload).name, taken)
            for _ in _packed(archive, name, file, vault):
                yield pipe.take()
    yield pipe.take()


def _packed(archive: zipfile.ZipFile, name: str, file: RoomFile, vault: Vault) -> Iterator[None]:
    """Writes one file; stops after each piece, so that it can be sent."""
    entry = zipfile.ZipInfo(name, clock.local(file.arrived_at).timetuple()[:6])
    with archive.open(entry, "w", force_zip64=True) as target:
        for piece in records.read(vault.sealed(file.upload)):
            target.write(piece)
            yield


def _free(name: str, taken: set[str]) -> str:
    """Two files of the same name both come out of the archive."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    tries = (f"{stem} ({number}){dot}{ending}" for number in itertools.count(2))
    found = next(found for found in itertools.chain([name], tries) if found.casefold() not in taken)
    taken.add(found.casefold())
    return found
