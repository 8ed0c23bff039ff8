"""Papers the worker owes: order -> claim (lease and fence) -> render, check, seal -> finish. Once, by constraint.

order() runs in the transaction that makes the paper due. issue() may run anywhere, any number of times: rendering
twice is harmless, finishing twice is impossible (fence, unique message per paper, state).
"""

import datetime as dt
import hashlib
import json
import logging
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from forms_engine.cases import letters, payloads
from forms_engine.cases.models import Case, CaseEvent, Decision, Paper, PaperKind, PaperState
from mailbox import actions as mailbox
from portal.audit import actions as audit
from portal.common import clock
from portal.documents import actions as documents
from portal.documents import store
from portal.documents.models import StoredFile
from portal.documents.render import check_pdf
from portal.documents.seal import get_sealer
from portal.outbox import relay

log = logging.getLogger(__name__)
LEASE = dt.timedelta(minutes=3)  # a letter takes a second; a page of a hundred vehicles would take ten
MAX_ATTEMPTS = 8


def order(case: Case, kind: PaperKind, payload: dict[str, Any], decision: Decision | None = None) -> Paper:
    """Freeze what the paper will say. In the caller's transaction; the doorbell rings after commit."""
    body = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    paper = Paper.objects.create(
        case=case,
        kind=kind,
        decision=decision,
        payload_sealed=case.envelope.seal_json(payload, case.place(f"paper:{kind}")),
        payload_sha256=hashlib.sha256(body.encode()).hexdigest(),
        code=documents.new_code(),
    )
    relay.ring("cases.issue_paper", str(paper.id))
    return paper


@dataclass(frozen=True)
class Claim:
    """The right to finish a paper, as long as nobody claimed it later."""

    paper_id: int
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
    paper = Paper.objects.get(id=paper_id)
    if paper.attempts > MAX_ATTEMPTS:
        _park(paper, "zu viele Versuche")
        return None
    return Claim(paper_id, paper.fence)


def issue(paper_id: int) -> bool:
    """Make one paper and hand it over. True when this call finished it."""
    held = claim(paper_id)
    if held is None:
        return False
    paper = Paper.objects.select_related("case").get(id=held.paper_id)
    payload = paper.payload()
    pdf = letters.render(paper, payload)
    findings = check_pdf(pdf)
    if findings:
        log.error("paper %s is not fit for the archive: %s", paper.id, "; ".join(findings))
        _park(paper, "Prüfung der PDF-Datei nicht bestanden")
        return False
    sealed = get_sealer().seal(pdf, reason=paper.get_kind_display(), at=clock.now())
    stored = store.put(sealed, media_type="application/pdf")
    if _finish(held, payload, stored):
        return True
    store.destroy(stored)
    return False


@transaction.atomic
def _finish(held: Claim, payload: dict[str, Any], stored: StoredFile) -> bool:
    """Everything the citizen gets, in one transaction; nothing when somebody else claimed meanwhile."""
    paper = (
        Paper.objects.select_for_update(of=("self",))
        .select_related("case__applicant")
        .filter(id=held.paper_id, fence=held.fence, state=PaperState.QUEUED)
        .first()
    )
    if paper is None:
        return False
    case, now, facts = paper.case, clock.now(), letters.facts(paper, payload)
    documents.register_document(
        kind=facts.kind,
        number=case.number,
        issued_at=facts.issued_at,
        sha256=stored.sha256,
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
        code=paper.code,
    )
    text = letters.covering_message(paper, payload)
    message = mailbox.post(
        recipient=case.applicant,
        sender=payloads.SENDER,
        subject=text.subject,
        body=text.body,
        thread=case.thread,
        dedupe_key=f"paper:{paper.id}",
        attachments=[(stored, letters.file_name(paper))],
        link_path=f"/vorgaenge/{case.public_id}/",
        link_text="Zum Vorgang",
    )
    Paper.objects.filter(id=paper.id).update(
        state=PaperState.ISSUED, stored=stored, message=message, issued_at=now, lease_until=None
    )
    if paper.decision_id:
        Decision.objects.filter(id=paper.decision_id, issued_at=None).update(issued_at=now)
    kind = "decision_issued" if paper.decision_id else "receipt_issued"
    CaseEvent.objects.create(case=case, kind=kind, actor="system:papers")
    audit.record(f"case.{kind}", f"case:{case.public_id}", "system:papers", sha256=stored.sha256)
    return True


def _park(paper: Paper, why: str) -> None:
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
