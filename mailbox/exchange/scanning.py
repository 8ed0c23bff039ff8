"""Whole files wait for their scan as the house's other files do (portal.documents.scans.queue), read record by record.

The same pass gives the SHA-256 of the file. A file of which the scanner says that it is too large for it is given to it
in windows, which overlap so that no signature is cut at a border: first one run for the SHA-256, then one for each
window, for no run may take longer than a task. One window with a find locks the file, one without an answer is asked
for again. settings.EXCHANGE_SCAN_PARTS forbids that: then such a file stays locked, with the reason, and is asked about
again from time to time: the scanner's limit may have been raised.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from mailbox.exchange import actions, records
from mailbox.exchange.models import Event, RoomFile, Scan
from mailbox.exchange.vault import Vault
from portal.audit import actions as audit
from portal.common import clock, crypto
from portal.documents.scans.base import TooLarge, Unavailable, Verdict, scanner
from portal.documents.store import FileDamaged
from portal.outbox import relay

LEASE = dt.timedelta(minutes=6)  # longer than a task may live
LONGEST_PAUSE = dt.timedelta(minutes=10)
TOO_LARGE_PAUSE = dt.timedelta(hours=6)
OVERLAP = 1024 * 1024  # bytes of a window that the one before has seen; the patterns of signatures are far shorter
# How clamd says with AlertExceedsMax that it did not look at all of a file: no virus, and no clean bill either.
LIMIT = "Heuristics.Limits.Exceeded"


class NotAllSeen(TooLarge):
    """The scanner took these bytes and left out some of what is packed in them. Windows would show it even less."""


def scan(pk: int) -> bool:
    """Scan one file, or the next window of it, if it is due and nobody else is at it. True once there is a verdict."""
    now = clock.now()
    if not _due().filter(pk=pk).update(scan_due_at=now + LEASE, scan_attempts=F("scan_attempts") + 1):
        return False
    file = RoomFile.objects.select_related("upload__by", "room__owner").get(pk=pk)
    file.upload.room = file.room
    try:
        return _next_part(file) if file.scan_in_parts and settings.EXCHANGE_SCAN_PARTS else _whole(file)
    except crypto.KeyDestroyed:  # deleted while we were reading
        return False
    except TooLarge as error:
        return _too_large(file, error)
    except (Unavailable, FileDamaged) as error:
        pause = dt.timedelta(seconds=min(5 * 2 ** min(file.scan_attempts, 10), LONGEST_PAUSE.total_seconds()))
        _ours(file).update(scan_due_at=clock.now() + pause, scan_note=str(error)[:200])
        return False


def _whole(file: RoomFile) -> bool:
    sha256 = hashlib.sha256()
    verdict = _judged(_hashed(_read(file), sha256), file.size)
    return _seen(file, verdict, sha256=sha256.hexdigest(), scan_in_parts=False, scan_offset=0)


def _too_large(file: RoomFile, error: TooLarge) -> bool:
    """Begin with windows where they may help, else lock. The next try of a locked file is for the whole of it."""
    small = file.size <= settings.EXCHANGE_SCAN_WINDOW_BYTES
    if file.scan_in_parts or small or isinstance(error, NotAllSeen) or not settings.EXCHANGE_SCAN_PARTS:
        again = {"scan_due_at": clock.now() + TOO_LARGE_PAUSE, "scan_in_parts": False, "scan_offset": 0}
        return _verdict(file, Scan.TOO_LARGE, scan_note=str(error)[:200], **again)
    return _go_on(file, scan_in_parts=True, scan_offset=0)


def _next_part(file: RoomFile) -> bool:
    """The SHA-256, then window after window. Raises like _judged."""
    if not file.sha256:
        sha256 = hashlib.sha256()
        for _ in _hashed(_read(file), sha256):
            pass
        return _go_on(file, sha256=sha256.hexdigest())
    start = max(0, file.scan_offset - OVERLAP)
    stop = min(file.size, start + settings.EXCHANGE_SCAN_WINDOW_BYTES)
    verdict = _judged(_read(file, start, stop), stop - start)
    if verdict.found or stop == file.size:
        return _seen(file, verdict, scan_offset=file.scan_offset if verdict.found else stop)
    return _go_on(file, scan_offset=stop)


def _go_on(file: RoomFile, **facts: Any) -> bool:
    """Keep what is known and have the next run come at once."""
    if _ours(file).update(scan_due_at=clock.now(), scan_note="", **facts):
        relay.ring("exchange.scan", str(file.pk))
    return False


def _read(file: RoomFile, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    return records.read(Vault(file.room).sealed(file.upload), start, stop)


def _hashed(pieces: Iterator[bytes], sha256: Any) -> Iterator[bytes]:
    for piece in pieces:
        sha256.update(piece)
        yield piece


def _judged(pieces: Iterator[bytes], size: int) -> Verdict:
    """The verdict on so many bytes, which are all read. Raises like scanner.scan(), TooLarge, FileDamaged."""
    seen = 0

    def counted() -> Iterator[bytes]:
        nonlocal seen
        for piece in pieces:
            seen += len(piece)
            yield piece

    rest = counted()
    verdict = scanner().scan(rest)
    if verdict.found.startswith(LIMIT):
        raise NotAllSeen("Der Virenscanner hat nicht alles in der Datei angesehen.")
    for _ in rest:  # whoever finds something may stop reading
        pass
    if seen != size:
        raise FileDamaged(records.CHANGED)
    return verdict


def _seen(file: RoomFile, verdict: Verdict, **facts: Any) -> bool:
    facts |= {"scan_due_at": None, "scanned_by": verdict.by, "scanned_at": clock.now(), "scan_note": verdict.found}
    return _verdict(file, Scan.INFECTED if verdict.found else Scan.CLEAN, **facts)


def _verdict(file: RoomFile, state: Scan, **facts: Any) -> bool:
    with transaction.atomic():
        if not _ours(file).update(scan=state, **facts):
            return False
        if state != file.scan:
            in_parts = state == Scan.CLEAN and facts["scan_offset"] > 0
            actions.note(file.room, Event.PARTS if in_parts else Event(state.value), actions.SYSTEM, file=file.number)
        if state == Scan.CLEAN:
            actions.owe_news(file.room, but=file.upload.by)
        if state == Scan.INFECTED:
            audit.record("exchange.infected", f"room:{file.room}", actions.SYSTEM, file=file.number)
    return state != Scan.TOO_LARGE


def sweep_scans(limit: int = 100) -> int:
    """Ring again for every file that is due: lost doorbells, dead workers, scanners that were away."""
    ids = list(_due().order_by("scan_due_at").values_list("pk", flat=True)[:limit])
    for pk in ids:
        relay.ring("exchange.scan", str(pk))
    return len(ids)


def _due() -> QuerySet[RoomFile]:
    return RoomFile.objects.filter(scan_due_at__lte=clock.now(), deleted_at=None, room__ended_at=None)


def _ours(file: RoomFile) -> QuerySet[RoomFile]:
    """The row, unless somebody claimed it later or it was deleted."""
    rows = RoomFile.objects.filter(pk=file.pk, scan_attempts=file.scan_attempts, deleted_at=None)
    return rows.filter(scan__in=[Scan.WAITING, Scan.TOO_LARGE])
