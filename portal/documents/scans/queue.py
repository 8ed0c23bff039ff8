"""Files that wait for their scan, as a queue of rows: claimed with lease and fence, scanned outside any transaction.

A scanner that is away, slow or talks nonsense costs time and nothing else: the file waits and is tried again.
"""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, QuerySet

from portal.audit import actions as audit
from portal.common import clock, crypto
from portal.documents import store
from portal.documents.models import Scan, StoredFile
from portal.documents.scans.base import TooLarge, Unavailable, scanner
from portal.outbox import relay

LEASE = dt.timedelta(minutes=6)  # longer than a task may live
LONGEST_PAUSE = dt.timedelta(minutes=10)


def hold(files: Iterable[StoredFile]) -> None:
    """Read these files' verdicts anew and let none come until the caller's transaction ends.

    For whoever gives files to somebody who is told of a bad one ("file.infected"): it is told either way.
    """
    held = {file.pk: file for file in files}
    for row in StoredFile.objects.select_for_update(no_key=True).filter(pk__in=held).order_by("pk"):
        held[row.pk].scan = row.scan
        if row.is_infected:
            relay.publish("file.infected", row.public_id)


def scan(pk: int) -> bool:
    """Scan one waiting file, if it is due and nobody else is at it. True once there is a verdict."""
    now = clock.now()
    due = _waiting().filter(pk=pk, scan_due_at__lte=now)
    if not due.update(scan_due_at=now + LEASE, scan_attempts=F("scan_attempts") + 1):
        return False
    stored = StoredFile.objects.get(pk=pk)
    try:
        verdict = scanner().scan(store.chunks(stored))
    except crypto.KeyDestroyed:  # deleted while we were reading
        return False
    except (Unavailable, store.FileDamaged) as error:
        _try_again(stored, error)
        return False
    with transaction.atomic():
        facts = {"scan_due_at": None, "scanned_at": clock.now(), "scanned_by": verdict.by, "scan_note": verdict.found}
        state = Scan.INFECTED if verdict.found else Scan.CLEAN
        if not _ours(stored).update(scan=state, **facts):
            return False
        if verdict.found:
            audit.record("file.infected", f"file:{stored.public_id}", "system:documents", found=verdict.found)
            relay.publish("file.infected", stored.public_id)
    return True


def sweep_scans(limit: int = 100) -> int:
    """Ring again for every file that is due: lost doorbells, dead workers, scanners that were away."""
    ids = list(_waiting().filter(scan_due_at__lte=clock.now()).order_by("scan_due_at").values_list("pk", flat=True))
    for pk in ids[:limit]:
        relay.ring("documents.scan", str(pk))
    return len(ids[:limit])


def release(stored: StoredFile, *, by: str, why: str) -> bool:
    """Open a file that was locked by mistake (a false alarm). `by` is who answers for it. False if it is not locked."""
    with transaction.atomic():
        locked = StoredFile.objects.filter(pk=stored.pk, scan=Scan.INFECTED, destroyed_at=None)
        if not locked.update(scan=Scan.CLEAN, scan_note=f"freigegeben: {why}"[:200]):
            return False
        audit.record("file.released", f"file:{stored.public_id}", by, why=why)
    return True


def destroy(stored: StoredFile, *, by: str) -> bool:
    """Destroy the content of a locked file for good. False if it is not locked, or gone already."""
    with transaction.atomic():
        if not StoredFile.objects.filter(pk=stored.pk, scan=Scan.INFECTED).exists() or not store.destroy(stored):
            return False
        audit.record("file.destroyed", f"file:{stored.public_id}", by)
    return True


def again(rows: QuerySet[StoredFile]) -> int:
    """Give waiting files their next try now. Returns how many."""
    return rows.filter(scan=Scan.WAITING, destroyed_at=None).update(scan_due_at=clock.now())


def _waiting() -> QuerySet[StoredFile]:
    return StoredFile.objects.filter(scan=Scan.WAITING, destroyed_at=None)


def _ours(stored: StoredFile) -> QuerySet[StoredFile]:
    """The row, unless somebody claimed it later."""
    return _waiting().filter(pk=stored.pk, scan_attempts=stored.scan_attempts)


def _try_again(stored: StoredFile, error: Exception) -> None:
    pause = dt.timedelta(seconds=min(5 * 2 ** min(stored.scan_attempts, 10), LONGEST_PAUSE.total_seconds()))
    if isinstance(error, TooLarge | store.FileDamaged):
        pause = LONGEST_PAUSE
    _ours(stored).update(scan_due_at=clock.now() + pause, scan_note=str(error)[:200])
