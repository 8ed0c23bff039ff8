"""The clerk's workplace in the admin frame: case page, ask, write, decide. Each button is one flow call."""

import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from forms_engine.cases import access, downloads, flow, payloads, queries, rules
from forms_engine.cases.forms import (
    AssignForm,
    DecisionForm,
    FinishForm,
    RequestDocumentsForm,
    SendBackForm,
    Wanted,
    WriteForm,
)
from forms_engine.cases.models import Case, DecisionKind, Proposal
from forms_engine.cases.post import NoPostbox
from forms_engine.cases.states import DECIDABLE, IllegalTransition, Status
from forms_engine.cases.workplace.frame import clerks, page
from forms_engine.submissions import queries as answers
from mailbox import queries as mailbox
from portal.accounts.access import citizen
from portal.audit import actions as audit

TOO_LATE = "Der Vorgang hat sich inzwischen geändert. Ihre Aktion wurde nicht ausgeführt."


@clerks
@require_GET
def case_page(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    return _case(request, _look(request, case, "case.read"))


def _look(request: HttpRequest, case: uuid.UUID, what: str) -> Case:
    """The door by which a clerk reads. What passes it stands in the person's own access log (queries.readings)."""
    found = access.case_for_clerk(citizen(request), case)
    audit.record(what, f"case:{found.public_id}", str(citizen(request).public_id))
    return found


def _case(request: HttpRequest, case: Case, status: int = 200, **forms: object) -> HttpResponse:
    colleagues = access.colleagues(citizen(request), case) if case.is_open else []
    words, proposal, decidable = rules.deciding(case), queries.proposal(case), case.status in DECIDABLE
    context = {
        "case": case,
        "sections": answers.sections(case.submission),
        "files": queries.files(case),
        "documents": queries.documents(case),
        "timeline": queries.desk_timeline(case),
        "representation": queries.representation(case),
        "wishes": queries.wishes(case),
        "thread": mailbox.thread_messages(case.thread),
        "papers": queries.papers(case),
        "checklist": words.checklist if words else (),
        "mine": case.assigned_to_id == citizen(request).id,
        "can_write": case.party is not None,
        "can_ask": case.status == Status.IN_REVIEW and case.party is not None,
        "can_decide": decidable and words is not None,
        "can_finish": decidable and words is None,
        "two_clerks": rules.four_eyes(case),
        "sent_back": queries.sent_back(case),
        "proposal": proposal if case.status == Status.IN_APPROVAL else None,
        "can_approve": proposal is not None and proposal.author != citizen(request),
        "decide_basis": case.definition.casework.decide_basis,
        "request_form": RequestDocumentsForm(prefix="nachfordern"),
        "write_form": WriteForm(prefix="schreiben"),
        "decision_form": _decision_form(case) if words else None,
        "finish_form": FinishForm(prefix="erledigen", initial={"text": _proposed_answer(case)}),
        "send_back_form": SendBackForm(prefix="zurueckgeben"),
        "preview": _preview(case, proposal) if proposal and case.status == Status.IN_APPROVAL else None,
        "can_assign": bool(colleagues),
        "assign_form": AssignForm(prefix="zuteilen", colleagues=colleagues),
        **forms,
    }
    return page(request, "workplace/case.html", f"Vorgang {case.number}", status, **context)


def _decision_form(case: Case, data: object = None) -> DecisionForm:
    """Raises Http404 for a case in which nothing is decided."""
    words, term, area = rules.deciding(case), rules.term(case), case.definition.meaning.area
    if words is None:
        raise Http404
    wanted = Wanted(
        positive=rules.positive(case),
        reasons=[(reason.key, str(reason.title)) for reason in words.refusal_reasons],
        areas=payloads.areas(case),
        area_label=str(area.label) if area else "",
        term=term,
        charge=rules.charge(case),
        explained=words.grant_explained,
    )
    initial: dict[str, object] = {"area": payloads.area(case)}
    if term:
        initial |= {"valid_from": term.start, "valid_until": term.end}
    if back := queries.sent_back(case):
        initial |= _typed_before(queries.outcome_of(case, back[0]))
    return DecisionForm(data, prefix="entscheiden", initial=initial, wanted=wanted)


def _typed_before(outcome: payloads.Outcome) -> dict[str, object]:
    """What a clerk has proposed stands in the form again."""
    kept: dict[str, object] = {"kind": outcome.kind, "reasons": outcome.reasons, "explanation": outcome.explanation}
    if outcome.kind != DecisionKind.REFUSED:
        kept |= {"valid_from": outcome.valid_from, "valid_until": outcome.valid_until, "area": outcome.area}
        kept |= {"fee": Decimal(outcome.fee_cents) / 100} if outcome.fee_cents else {}
    return kept


def _proposed_answer(case: Case) -> str:
    return "\n\n".join(str(part) for part in case.definition.casework.done_text)


def _preview(case: Case, proposal: Proposal) -> dict[str, Any]:
    outcome = queries.outcome_of(case, proposal)
    return payloads.decision(case, outcome, clerk=proposal.author.get_full_name()) | {"term": outcome}


@clerks
@require_POST
def claim(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = access.case_for_clerk(citizen(request), case)
    if flow.claim(found, by=citizen(request)):
        messages.success(request, "Sie haben den Vorgang übernommen.")
    else:
        messages.warning(request, "Der Vorgang ist schon übernommen oder nicht mehr offen.")
    return redirect("workplace:case", found.public_id)


@clerks
@require_POST
def release(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = access.case_for_clerk(citizen(request), case)
    if flow.release(found, by=citizen(request)):
        messages.success(request, "Der Vorgang steht wieder in der Liste des Teams.")
    return redirect("workplace:queue")


@clerks
@require_POST
def assign(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """The team lead gives the case to a colleague."""
    found = access.case_for_clerk(citizen(request), case)
    colleagues = access.colleagues(citizen(request), found)
    if not colleagues:
        raise Http404
    form = AssignForm(request.POST, prefix="zuteilen", colleagues=colleagues)
    if not form.is_valid():
        return _case(request, found, 422, assign_form=form, form=form)
    if flow.reassign(found, to=form.cleaned_data["to"], by=citizen(request)):
        messages.success(request, f"Der Vorgang ist jetzt bei {form.cleaned_data['to']}.")
    else:
        messages.warning(request, "Der Vorgang ist schon dort oder nicht mehr offen.")
    return redirect("workplace:case", found.public_id)


@clerks
@require_POST
def request_documents(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = access.case_for_clerk(citizen(request), case)
    form = RequestDocumentsForm(request.POST, prefix="nachfordern")
    if not form.is_valid():
        return _case(request, found, 422, request_form=form, form=form)
    try:
        flow.request_documents(found, text=form.cleaned_data["text"], by=citizen(request))
    except (IllegalTransition, NoPostbox):
        messages.error(request, TOO_LATE)
    else:
        messages.success(request, "Die Nachforderung ist im Postfach der Person.")
    return redirect("workplace:case", found.public_id)


@clerks
@require_POST
def write(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = access.case_for_clerk(citizen(request), case)
    form = WriteForm(request.POST, prefix="schreiben")
    if not form.is_valid():
        return _case(request, found, 422, write_form=form, form=form)
    if found.party is None:
        raise Http404
    flow.write(found, text=form.cleaned_data["text"], by=citizen(request))
    messages.success(request, "Die Nachricht ist im Postfach der Person.")
    return redirect("workplace:case", found.public_id)


@clerks
@require_POST
def decide(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Two steps: the filled form shows what the letter will say, the second POST signs it off (F47)."""
    found, clerk = access.case_for_clerk(citizen(request), case), citizen(request)
    form = _decision_form(found, request.POST)
    if not form.is_valid():
        return _case(request, found, 422, decision_form=form, form=form)
    outcome, both = form.outcome(), rules.four_eyes(found)
    if "bestaetigt" not in request.POST:
        preview = payloads.decision(found, outcome, clerk=clerk.get_full_name()) | {"term": outcome}
        title = f"{'Bescheinigung' if outcome.kind == DecisionKind.CERTIFICATE else 'Bescheid'} prüfen"
        return page(request, "workplace/confirm.html", title, case=found, form=form, preview=preview, two_clerks=both)
    try:
        if both:
            flow.propose(found, outcome, by=clerk)
            done = "Ihr Vorschlag wartet auf eine zweite Person aus dem Team."
        else:
            flow.decide(found, by=clerk, **vars(outcome))
            done = "Entschieden. Das Schreiben wird ausgestellt und zugestellt."
    except IllegalTransition:
        messages.error(request, TOO_LATE)
    else:
        messages.success(request, done)
    return redirect("workplace:case", found.public_id)


@clerks
@require_POST
def approve(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """The second clerk signs; with „zurueck“ they send the proposal back with a reason."""
    found = access.case_for_clerk(citizen(request), case)
    form = SendBackForm(request.POST, prefix="zurueckgeben")
    back = "zurueck" in request.POST
    if back and not form.is_valid():
        return _case(request, found, 422, send_back_form=form, form=form)
    try:
        if back:
            flow.send_back(found, why=form.cleaned_data["why"], by=citizen(request))
        else:
            flow.approve(found, by=citizen(request))
    except IllegalTransition:
        messages.error(request, TOO_LATE)
    except flow.SameClerk:
        messages.error(request, "Ihren eigenen Vorschlag muss eine andere Person gegenzeichnen.")
    else:
        messages.success(request, "Zurückgegeben." if back else "Gegengezeichnet. Das Schreiben wird zugestellt.")
    return redirect("workplace:case", found.public_id)


@clerks
@require_POST
def finish(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Answer a report; with that it is done."""
    found = access.case_for_clerk(citizen(request), case)
    form = FinishForm(request.POST, prefix="erledigen")
    if not form.is_valid():
        return _case(request, found, 422, finish_form=form, form=form)
    try:
        flow.finish(found, text=form.cleaned_data["text"], by=citizen(request))
    except IllegalTransition:
        messages.error(request, TOO_LATE)
    else:
        messages.success(request, "Erledigt. Die Antwort ist bei der Person.")
    return redirect("workplace:case", found.public_id)


@clerks
@require_GET
def paper(request: HttpRequest, case: uuid.UUID, kind: str) -> StreamingHttpResponse:
    return downloads.paper(_look(request, case, "case.paper_read"), kind)


@clerks
@require_GET
def submission_file(request: HttpRequest, case: uuid.UUID, file: uuid.UUID) -> StreamingHttpResponse:
    return downloads.submission_file(_look(request, case, "case.file_read"), file)


@clerks
@require_GET
def case_document(request: HttpRequest, case: uuid.UUID, file: uuid.UUID) -> StreamingHttpResponse:
    return downloads.case_document(_look(request, case, "case.file_read"), file)
