"""The clerk's workplace in the admin frame: case page, ask, write, decide. Each button is one flow call."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from forms_engine.cases import access, downloads, flow, lists, queries, replying, rules, textblocks
from forms_engine.cases.forms import (
    AssignForm,
    FinishForm,
    RequestDocumentsForm,
    SendBackForm,
    WriteForm,
)
from forms_engine.cases.models import Case, Proposal
from forms_engine.cases.post import NoPostbox
from forms_engine.cases.states import DECIDABLE, REVISABLE, TO_SIGN, IllegalTransition, Status
from forms_engine.cases.workplace import choices, contents, deciding
from forms_engine.cases.workplace.frame import clerks, page
from forms_engine.submissions import queries as answers
from mailbox import delivery_reports
from portal.accounts.access import citizen
from portal.audit import actions as audit

TOO_LATE = "Der Vorgang hat sich inzwischen geändert. Ihre Aktion wurde nicht ausgeführt."


@clerks
@require_GET
def case_page(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = look(request, case, "case.read")
    choices.hold(request)
    return _case(request, found)


@clerks
@require_GET
def next_case(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """The case after this one in the list it was opened from."""
    found, (chosen, address) = access.case_for_clerk(citizen(request), case), choices.held(request)
    following = lists.following(citizen(request), chosen, found)
    if following is not None:
        return redirect("workplace:case", following.public_id)
    messages.info(request, "Das war der letzte Vorgang dieser Liste.")
    return redirect(f"{reverse('workplace:queue')}{address}")


def look(request: HttpRequest, case: uuid.UUID, what: str) -> Case:
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
        "thread": contents.thread(case),
        "blocks": textblocks.of(citizen(request)),
        "open_reply": replying.is_open(case),
        "papers": queries.papers(case, withdrawn=True),
        "deliveries": delivery_reports.of_thread(case.thread),
        "mine": case.assigned_to_id == citizen(request).id,
        "can_write": case.party is not None,
        "can_ask": case.status == Status.IN_REVIEW and case.party is not None,
        "can_decide": decidable and words is not None,
        "can_finish": decidable and words is None,
        "two_clerks": rules.four_eyes(case),
        "sent_back": queries.sent_back(case),
        "proposal": proposal if case.status in TO_SIGN else None,
        "can_approve": proposal is not None and proposal.author != citizen(request),
        "decide_basis": case.definition.casework.decide_basis,
        "request_form": RequestDocumentsForm(prefix="nachfordern"),
        "write_form": WriteForm(prefix="schreiben"),
        "decision_form": deciding.form(case) if words else None,
        "finish_form": FinishForm(prefix="erledigen", initial={"text": _proposed_answer(case)}),
        "send_back_form": SendBackForm(prefix="zurueckgeben"),
        "preview": _preview(case, proposal) if proposal and case.status in TO_SIGN else None,
        "can_revise": case.status in REVISABLE and queries.standing(case) is not None,
        "can_assign": bool(colleagues),
        "assign_form": AssignForm(prefix="zuteilen", colleagues=colleagues),
        **contents.context(case, citizen(request)),
        **forms,
    }
    return page(request, "workplace/case.html", f"Vorgang {case.number}", status, **context)


def again(request: HttpRequest, case: Case, **forms: object) -> HttpResponse:
    """The case page with a form that has to be corrected."""
    return _case(request, case, 422, **forms)


def _proposed_answer(case: Case) -> str:
    return "\n\n".join(str(part) for part in case.definition.casework.done_text)


def _preview(case: Case, proposal: Proposal) -> dict[str, Any]:
    outcome = queries.outcome_of(case, proposal)
    return deciding.preview(case, outcome, proposal.author)


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
    if block := request.POST.get("baustein") if "einfuegen" in request.POST else "":
        words = textblocks.filled(access.block_of_clerk(citizen(request), block), found, citizen(request))
        text = "\n\n".join(filter(None, [form["text"].value(), words]))
        return _case(request, found, write_form=WriteForm(prefix="schreiben", initial={"text": text}))
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
    found = access.case_for_clerk(citizen(request), case)
    form = deciding.form(found, request.POST)
    if not form.is_valid():
        return _case(request, found, 422, decision_form=form, form=form)
    return deciding.look_or_sign(request, found, form, deciding.First())


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
    return downloads.paper_for_clerk(look(request, case, "case.paper_read"), kind)


@clerks
@require_GET
def submission_file(request: HttpRequest, case: uuid.UUID, file: uuid.UUID) -> StreamingHttpResponse:
    return downloads.submission_file(look(request, case, "case.file_read"), file)


@clerks
@require_GET
def case_document(request: HttpRequest, case: uuid.UUID, file: uuid.UUID) -> StreamingHttpResponse:
    return downloads.case_document(look(request, case, "case.file_read"), file)
