"""Transactional outbox: publish() writes the row, drain_one() hands it to its handler exactly once per success.

The row is the queue; the Celery task is only a doorbell. Handlers touch the database only, re-read the truth and
tolerate repetition: they run in the same transaction as the row's done mark.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping

from django.db import transaction
from django.db.models import Model
from django.utils.module_loading import import_string

from portal.common import clock, rows
from portal.outbox import bells
from portal.outbox.models import OutboxMessage

Handler = Callable[[str], None]
MAX_ATTEMPTS = 24  # doubling to one hour: about 15 hours, then a human has to look
log = logging.getLogger(__name__)


def publish(topic: str, key: object, *, dedupe: str | None = None, delay: dt.timedelta = dt.timedelta()) -> None:
    """Write a fact into the caller's transaction. With `dedupe`, a second one of the same name is dropped.

    Raises RuntimeError outside a transaction: a fact without its cause, or a cause without its fact, is a lie.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"publish({topic!r}) needs the transaction that makes the fact true")
    row = OutboxMessage(topic=topic, key=str(key), dedupe_key=dedupe, due_at=clock.now() + delay)
    rows.insert_unless_there(row) if dedupe else rows.insert(row)
    ring("portal.drain_outbox")


def ring(task_name: str, *args: str | Model) -> None:
    """Ring a worker after commit, once for however many asked (bells.py). A lost ring is harmless: the sweep finds the
    row by age.

    A row among `args` is told by its key, which it may get as late as at the commit.
    What asked within a savepoint that is rolled back is forgotten, and only that.
    """
    held = transaction.get_connection()
    within, bell = set(held.savepoint_ids), (task_name, args)
    if any(getattr(waits, "bell", None) == bell and asked <= within for asked, waits, *_ in held.run_on_commit):
        return

    def heard() -> None:
        bells.ring(task_name, *(str(arg.pk) if isinstance(arg, Model) else arg for arg in args))

    heard.bell = bell  # type: ignore[attr-defined]
    transaction.on_commit(heard, robust=True)


def drain_one(handlers: Mapping[str, str]) -> bool:
    """Take one due row, run its handler in a savepoint, mark the row. False when nothing was due."""
    with transaction.atomic():
        row = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(done_at=None, dead_at=None, due_at__lte=clock.now())
            .order_by("due_at", "id")
            .first()
        )
        if row is None:
            return False
        try:
            with transaction.atomic():
                import_string(handlers[row.topic])(row.key)
        except Exception as error:
            _note_failure(row, error)
        else:
            row.done_at = clock.now()
            row.save(update_fields=["done_at"])
    return True


def _note_failure(row: OutboxMessage, error: Exception) -> None:
    # Only the class and our own topic: messages of foreign exceptions may hold personal data.
    log.exception("outbox %s failed (%s)", row, row.attempts + 1)
    row.attempts += 1
    row.last_error = f"{type(error).__module__}.{type(error).__qualname__}"
    row.due_at = clock.now() + min(dt.timedelta(seconds=2**row.attempts), dt.timedelta(hours=1))
    if row.attempts >= MAX_ATTEMPTS:
        row.dead_at = clock.now()
    row.save(update_fields=["attempts", "last_error", "due_at", "dead_at"])


def retry(rows: "list[int]") -> int:
    """Give dead or waiting rows a fresh start. Returns how many changed."""
    return OutboxMessage.objects.filter(id__in=rows, done_at=None).update(attempts=0, dead_at=None, due_at=clock.now())
