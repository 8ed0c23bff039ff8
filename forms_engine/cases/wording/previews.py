"""A letter to look at before anything is decided: ordered as a row, drawn by the worker, gone after an hour.

Same payload, code and moment, same bytes: it goes through the very function that makes the letter (letters.render).
"""

import datetime as dt
from typing import Any

from django.db.models import F

from forms_engine.cases.models import LetterPreview, PreviewState
from portal.accounts.models import User
from portal.common import clock, crypto
from portal.outbox import relay

KEPT = dt.timedelta(hours=1)
MAX_ATTEMPTS = 3
MAX_WAITING = 20  # of one person
SAMPLE_CODE = "2222-2222-2222"  # no letter ever has it: codes come from chance


def ask(payload: dict[str, Any], *, by: User) -> LetterPreview:
    """Order a preview of a letter with this payload. In the caller's transaction; the doorbell rings after commit."""
    mine = LetterPreview.objects.filter(asked_by=by).order_by("-id")
    LetterPreview.objects.filter(pk__in=mine.values("pk")[MAX_WAITING - 1 :]).delete()
    row = LetterPreview(asked_by=by, wrapped_key=crypto.new_wrapped_key())
    row.payload_sealed = row.envelope.seal_json(payload, row.place("payload"))
    row.save(force_insert=True)
    relay.ring("cases.draw_preview", str(row.pk))
    return row


def take(preview_id: int) -> LetterPreview | None:
    """The row to draw now, its attempt counted before the work. None: drawn, given up or gone."""
    waiting = LetterPreview.objects.filter(pk=preview_id, state=PreviewState.WAITING)
    if not waiting.filter(attempts__lt=MAX_ATTEMPTS).update(attempts=F("attempts") + 1):
        waiting.update(state=PreviewState.FAILED)
        return None
    return waiting.first()


def hand_over(row: LetterPreview, pdf: bytes | None) -> None:
    """What was drawn; None: it could not be."""
    waiting = LetterPreview.objects.filter(pk=row.pk, state=PreviewState.WAITING)
    if pdf is None:
        waiting.update(state=PreviewState.FAILED)
    else:
        waiting.update(state=PreviewState.READY, pdf_sealed=row.envelope.seal(pdf, row.place("pdf")))


def sweep_previews(limit: int = 50) -> int:
    """Ring again for what nobody drew, and let go of what is older than an hour."""
    now = clock.now()
    gone, _ = LetterPreview.objects.filter(asked_at__lt=now - KEPT).delete()
    late = LetterPreview.objects.filter(state=PreviewState.WAITING, asked_at__lt=now - dt.timedelta(seconds=20))
    for preview_id in late.order_by("id").values_list("pk", flat=True)[:limit]:
        relay.ring("cases.draw_preview", str(preview_id))
    return gone
