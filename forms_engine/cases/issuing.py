"""Makes a claimed paper and hands it over: render, check, seal, finish. Once, by constraint.

issue() may run anywhere, any number of times: rendering twice is harmless, finishing twice is impossible (fence,
unique message per paper, state). Only workers load this module: WeasyPrint and pyHanko take seconds to import.
"""

import logging
from typing import Any

from django.db import transaction

from forms_engine.cases import letters, papers, post
from forms_engine.cases.models import CaseEvent, Decision, Paper, PaperState
from mailbox.models import Kind
from portal.audit import actions as audit
from portal.common import clock
from portal.documents import actions as documents
from portal.documents import store
from portal.documents.models import StoredFile
from portal.documents.render import check_pdf
from portal.documents.seal import get_sealer

log = logging.getLogger(__name__)


def issue(paper_id: int) -> bool:
    """Make one paper and hand it over. True when this call finished it."""
    held = papers.claim(paper_id)
    if held is None:
        return False
    paper = held.paper
    payload = paper.payload()
    pdf = letters.render(paper, payload)
    findings = check_pdf(pdf)
    if findings:
        log.error("paper %s is not fit for the archive: %s", paper.id, "; ".join(findings))
        papers.park(paper, "Prüfung der PDF-Datei nicht bestanden")
        return False
    sealed = get_sealer().seal(pdf, reason=paper.name, at=clock.now())
    stored = store.put(sealed, media_type="application/pdf")
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
    )
    Paper.objects.filter(id=paper.id).update(
        state=PaperState.ISSUED, stored=stored, message=message, issued_at=now, lease_until=None, code_sealed=b""
    )
    if paper.decision_id:
        Decision.objects.filter(id=paper.decision_id, issued_at=None).update(issued_at=now)
    kind = "decision_issued" if paper.decision_id else "receipt_issued"
    CaseEvent.objects.create(case=case, kind=kind, actor="system:papers")
    audit.record(f"case.{kind}", f"case:{case.public_id}", "system:papers", sha256=stored.sha256)
    return True
