"""Whole files wait for their scan as the house's other files do (portal.documents.scans.queue), read record by record.

The same pass gives the SHA-256 of the file. A scanner that does not take a file of this size leaves it locked, with the
reason, and is asked again from time to time: its limit may have been raised.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any

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
# How clamd says with AlertExceedsMax that it did not look at all of a file: no virus, and no clean bill either.
LIMIT = "Heuristics.Limits.Exceeded"


def scan(pk: int) -> bool:
    """Scan one file, if it is due and nobody else is at it. True once there is a verdict."""
    now = clock.now()
    if not _due().filter(pk=pk).update(scan_due_at=now + LEASE, scan_attempts=F("scan_attempts") + 1):
        return False
    file = RoomFile.objects.select_related("upload__by", "room__owner").get(pk=pk)
    file.upload.room = file.room
    try:
        verdict, sha256 = _judged(file)
    except crypto.KeyDestroyed:  # deleted while we were reading
        return False
    except TooLarge as error:
        return _verdict(file, Scan.TOO_LARGE, scan_due_at=clock.now() + TOO_LARGE_PAUSE, scan_note=str(error)[:200])
    except (Unavailable, FileDamaged) as error:
        pause = dt.timedelta(seconds=min(5 * 2 ** min(file.scan_attempts, 10), LONGEST_PAUSE.total_seconds()))
        _ours(file).update(scan_due_at=clock.now() + pause, scan_note=str(error)[:200])
        return False
    facts = {"sha256": sha256, "scanned_by": verdict.by, "scanned_at": clock.now(), "scan_note": verdict.found}
    return _verdict(file, Scan.INFECTED if verdict.found else Scan.CLEAN, scan_due_at=None, **facts)


def _judged(file: RoomFile) -> tuple[Verdict, str]:
    """Verdict and SHA-256. A scanner that did not take every byte has not seen the file. Raises like scanner.scan()."""
    found, seen = hashlib.sha256(), 0

    def pieces() -> Iterator[bytes]:
        nonlocal seen
        for piece in records.read(Vault(file.room).sealed(file.upload)):
            found.update(piece)
            seen += len(piece)
            yield piece

    rest = pieces()
    verdict = scanner().scan(rest)
    if verdict.found.startswith(LIMIT):
        raise TooLarge("Die Datei ist größer, als der Virenscanner annimmt.")
    for _ in rest:  # whoever finds something may stop reading
        pass
    if seen != file.size:
        raise FileDamaged(records.CHANGED)
    return verdict, found.hexdigest()


def _verdict(file: RoomFile, state: Scan, **facts: Any) -> bool:
    with transaction.atomic():
        if not _ours(file).update(scan=state, **facts):
            return False
        if state != file.scan:
            actions.note(file.room, Event(state.value), actions.SYSTEM, file=file.number)
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
