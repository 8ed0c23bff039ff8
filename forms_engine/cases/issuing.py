"""Makes a claimed paper and hands it over: render, check, seal, finish. Once, by constraint.

issue() may run anywhere, any number of times: rendering twice is harmless, finishing twice is impossible (fence,
unique message per paper, state). Only workers load this module: WeasyPrint and pyHanko take seconds to import.
"""

import logging
from typing import Any

from django.db import transaction

from forms_engine.cases import bounds, letters, papers, post, replying
from forms_engine.cases.models import CaseEvent, Decision, DecisionKind, Paper, PaperState
from forms_engine.cases.models.kinds import ENDING
from mailbox import deliveries
from mailbox.models import Kind
from portal.audit import actions as audit
from portal.common import clock, os_errors
from portal.documents import actions as documents
from portal.documents import store
from portal.documents.models import StoredFile
from portal.documents.render import check_pdf
from portal.documents.seal import SealUnavailable, get_sealer

log = logging.getLogger(__name__)


def issue(paper_id: int) -> bool:
    """Make one paper and hand it over. True when this call finished it."""
    held = papers.claim(paper_id)
    if held is None:
        return False
    paper = held.paper
    payload = paper.payload()
    try:
        with bounds.held():
            pdf = letters.render(paper, payload)
    except bounds.Exceeded as error:
        log.error("paper %s is parked: %s", paper.id, error)
        papers.park(paper, str(error))
        return False
    findings = check_pdf(pdf)
    if findings:
        log.error("paper %s is not fit for the archive: %s", paper.id, "; ".join(findings))
        papers.park(paper, "Prüfung der PDF-Datei nicht bestanden")
        return False
    try:
        sealed = get_sealer().seal(pdf, reason=paper.name, at=clock.now())
    except SealUnavailable as error:
        log.error("paper %s waits for its seal: %s", paper.id, error)
        papers.postpone(held, str(error))
        return False
    try:
        stored = store.put(sealed, media_type="application/pdf")
    except OSError as error:
        why = f"Der Dateispeicher nimmt nichts an ({os_errors.why(error)})."
        log.error("paper %s waits for room: %s", paper.id, why)
        papers.postpone(held, why)
        return False
    if _finish(held, payload, stored):
        return True
    store.destroy(stored)
    return False


@transaction.atomic
def _finish(held: papers.Claim, payload: dict[str, Any], stored: StoredFile) -> bool:
    """Everything the citizen gets, in one transaction; nothing when somebody else claimed meanwhile."""
    paper = (
        Paper.objects.select_for_update(of=("self",))
        .select_related(
            "case__applicant", "case__submission__acting_for", "case__submission__form_version__form", "decision"
        )
        .filter(id=held.paper.id, fence=held.fence, state=PaperState.QUEUED)
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
    message = post.send(
        case,
        subject=text.subject,
        body=text.body,
        kind=Kind.DECISION if paper.decision_id else Kind.STATUS,
        dedupe_key=f"paper:{paper.id}",
        attachments=[(stored, letters.file_name(paper))],
        order=_order(paper, payload),
    )
    Paper.objects.filter(id=paper.id).update(
        state=PaperState.ISSUED, stored=stored, message=message, issued_at=now, lease_until=None, code_sealed=b""
    )
    if paper.decision_id:
        Decision.objects.filter(id=paper.decision_id, issued_at=None).update(issued_at=now)
        _end_earlier(paper)
        replying.answered(case)
    kind = "decision_issued" if paper.decision_id else "receipt_issued"
    CaseEvent.objects.create(case=case, kind=kind, actor="system:papers")
    audit.record(f"case.{kind}", f"case:{case.public_id}", "system:papers", sha256=stored.sha256)
    return True


def _order(paper: Paper, payload: dict[str, Any]) -> deliveries.Order | None:
    """What the delivery of a decision has to know: where a letter would go, and whether an appeal is explained.

    A certificate, and a grant without any burden that says nothing of an appeal, leave nothing to appeal against.
    """
    if paper.decision_id is None:
        return None
    recipient = payload["recipient"]
    harmless = payload["kind"] in (DecisionKind.CERTIFICATE, DecisionKind.GRANTED)  # remedies.text()
    instructed = None if harmless and not payload["remedy"] else bool(payload["remedy"])
    lines = tuple(recipient["lines"])[: deliveries.MOST_LINES]
    return deliveries.Order((recipient["name"], *lines) if lines else (), instructed)


def _end_earlier(paper: Paper) -> None:
    """From now on the check page says of the decision that this one replaces or ends that it no longer counts."""
    if paper.decision is None or paper.decision.replaces_id is None:
        return
    for code in Paper.objects.filter(decision=paper.decision.replaces_id).values_list("code", flat=True):
        documents.withdraw_document(code, by="system:papers", replaced=paper.decision.kind not in ENDING)
