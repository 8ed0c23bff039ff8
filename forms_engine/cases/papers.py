"""Papers the worker owes, as a queue of rows: order -> claim (lease and fence) -> made by issuing.py, or parked.

order() runs in the transaction that makes the paper due.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from forms_engine.cases.models import Case, Decision, Paper, PaperKind, PaperState
from portal.common import clock, rows
from portal.documents import actions as documents
from portal.outbox import relay

LEASE = dt.timedelta(minutes=3)  # a letter takes a second; a page of a hundred vehicles would take ten
MAX_ATTEMPTS = 8
SHORTEST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(minutes=30)


def order(
    case: Case,
    kind: PaperKind,
    payload: dict[str, Any],
    decision: Decision | None = None,
    *,
    status_code: str = "",
) -> Paper:
    """Freeze what the paper will say. In the caller's transaction; the doorbell rings after commit.

    `status_code` goes into the message that carries the paper, not onto the paper.
    """
    body = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    paper = Paper(
        case=case,
        kind=kind,
        decision=decision,
        payload_sealed=case.envelope.seal_json(payload, case.place(f"paper:{kind}")),
        payload_sha256=hashlib.sha256(body.encode()).hexdigest(),
        code_sealed=case.envelope.seal(status_code.encode(), case.place("status_code")) if status_code else b"",
        code=documents.new_code(),
    )
    rows.insert(paper)
    relay.ring("cases.issue_paper", paper)
    return paper


@dataclass(frozen=True)
class Claim:
    """The right to finish a paper, as long as nobody claimed it later."""

    paper: Paper
    fence: int


def claim(paper_id: int) -> Claim | None:
    """One conditional update: queued, due, and not under somebody's living lease."""
    now = clock.now()
    free = Paper.objects.filter(id=paper_id, state=PaperState.QUEUED, due_at__lte=now).filter(
        Q(lease_until=None) | Q(lease_until__lt=now)
    )
    # The attempt is counted before the work, so that a paper that kills its worker cannot loop for ever.
    if not free.update(lease_until=now + LEASE, fence=F("fence") + 1, attempts=F("attempts") + 1):
        return None
    paper = Paper.objects.select_related("case__submission__form_version", "decision").get(id=paper_id)
    if paper.attempts > MAX_ATTEMPTS:
        park(paper, "zu viele Versuche")
        return None
    return Claim(paper, paper.fence)


def postpone(held: Claim, why: str) -> None:
    """Somebody else is out of order: later again, without counting the try. The longer it lasts, the more seldom."""
    now = clock.now()
    wait = min(max((now - held.paper.ordered_at) / 2, SHORTEST_WAIT), LONGEST_WAIT)
    again = {"due_at": now + wait, "lease_until": None, "attempts": F("attempts") - 1, "last_error": why}
    Paper.objects.filter(id=held.paper.id, state=PaperState.QUEUED, fence=held.fence).update(**again)


def park(paper: Paper, why: str) -> None:
    Paper.objects.filter(id=paper.id, state=PaperState.QUEUED).update(state=PaperState.PARKED, last_error=why)


def sweep_papers(limit: int = 100) -> int:
    """Ring again for every queued paper that is due and unclaimed: lost doorbells, dead workers, flushed brokers."""
    now = clock.now()
    waiting = Paper.objects.filter(state=PaperState.QUEUED, due_at__lte=now).filter(
        Q(lease_until=None) | Q(lease_until__lt=now)
    )
    ids = list(waiting.order_by("due_at", "id").values_list("id", flat=True)[:limit])
    for paper_id in ids:
        relay.ring("cases.issue_paper", str(paper_id))
    return len(ids)


def retry(paper_id: int) -> bool:
    """Give a parked paper a fresh start (operators)."""
    fresh = {"state": PaperState.QUEUED, "attempts": 0, "due_at": clock.now(), "lease_until": None, "last_error": ""}
    return bool(Paper.objects.filter(id=paper_id, state=PaperState.PARKED).update(**fresh))
