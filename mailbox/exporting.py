"""A mailbox to take away: a ZIP with one mail file a message, a print of all of them, and a list with checksums.

The row is the order; a worker packs it, piece by piece, into the encrypted store (PDFs are drawn by workers only, ADR
0007). Messages that were never opened stay out: taking them along would be opening them.
"""

import datetime as dt
import io
from typing import BinaryIO, cast

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q

from mailbox import packing
from mailbox.journal import name_of
from mailbox.models import Direction, Export, ExportState, Mailbox, Message, MessageQuerySet
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock
from portal.common.crypto import KeyDestroyed
from portal.common.pieces import Source
from portal.documents import render, store
from portal.documents.models import StoredFile
from portal.outbox import relay

KEPT = dt.timedelta(days=1)
LEASE = dt.timedelta(seconds=settings.TASK_HARD_LIMIT)
MAX_ATTEMPTS = 3
MOST_WAITING = 5  # of one person


class TooMany(Exception):
    """There are archives enough of this person."""


def contents(whose: User, by: User | None, chosen: MessageQuerySet | None = None) -> MessageQuerySet:
    """What an archive holds: sent, or opened before, and not withdrawn."""
    rows = Message.objects.of(whose, by).filter(withdrawn_at=None)
    rows = rows.filter(Q(direction=Direction.CITIZEN) | Q(first_read_at__isnull=False))
    return rows if chosen is None else rows.filter(thread__in=chosen.values("thread"))


def level_of(rows: MessageQuerySet) -> TrustLevel:
    """How sure we must be who takes these along."""
    return TrustLevel(rows.aggregate(most=Max("level"))["most"] or TrustLevel.NONE)


@transaction.atomic
def ask(box: Mailbox, rows: MessageQuerySet, *, by: User) -> Export:
    """Order an archive of these messages as they are now. Raises TooMany."""
    Mailbox.objects.select_for_update(no_key=True).get(pk=box.pk)
    if Export.objects.filter(asked_by=by).count() >= MOST_WAITING:
        raise TooMany
    keys = sorted(rows.values_list("pk", flat=True))
    export = Export.objects.create(mailbox=box, asked_by=by, chosen=keys, level=level_of(rows))
    audit.record("mailbox.export_ordered", f"mailbox:{box.number}", name_of(by), messages=len(keys))
    relay.ring("mailbox.pack_export", str(export.pk))
    return export


def pack(export_id: int) -> bool:
    """Make the archive, if it is due and nobody else is at it. Never inside a transaction."""
    now = clock.now()
    due = Export.objects.filter(pk=export_id, state=ExportState.WAITING, due_at__lte=now)
    if not due.update(due_at=now + LEASE, attempts=F("attempts") + 1):
        return False
    export = Export.objects.select_related("mailbox__user").get(pk=export_id)
    if export.attempts > MAX_ATTEMPTS:
        return _finish(export, ExportState.FAILED, None)
    try:
        source = io.BufferedReader(Source(packing.pieces(export)), store.CHUNK)
        stored = store.put(cast(BinaryIO, source), media_type="application/zip")
    except render.RenderBusy:
        return False  # nothing is wrong with the archive: the sweep rings again when the lease is over
    except (render.RenderError, store.FileDamaged, KeyDestroyed):
        return _finish(export, ExportState.FAILED, None)
    if not _finish(export, ExportState.READY, stored):
        store.destroy(stored)
        return False
    return True


def _finish(export: Export, state: ExportState, stored: StoredFile | None) -> bool:
    mine = Export.objects.filter(pk=export.pk, state=ExportState.WAITING, attempts=export.attempts)
    return bool(mine.update(state=state, stored=stored))


def fetched(export: Export, *, by: User) -> None:
    """Write down that the archive was taken."""
    audit.record("mailbox.exported", f"mailbox:{export.mailbox.number}", name_of(by), messages=len(export.chosen))


def sweep_exports(limit: int = 100) -> int:
    """Ring for what waits, and let go of what is older than a day. Returns how many went."""
    now = clock.now()
    for pk in Export.objects.filter(state=ExportState.WAITING, due_at__lte=now).values_list("pk", flat=True)[:limit]:
        relay.ring("mailbox.pack_export", str(pk))
    late = list(Export.objects.filter(asked_at__lt=now - KEPT).select_related("stored")[:limit])
    return sum(_forget(export) for export in late)


@transaction.atomic
def _forget(export: Export) -> bool:
    gone, _ = Export.objects.filter(pk=export.pk).delete()
    if gone and export.stored:
        store.destroy(export.stored)
    return bool(gone)
