"""The citizen's pages of a case: check and send, follow, hand in, withdraw. Booking: see booking.py."""

import re
import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from forms_engine.cases import access, downloads, fees, flow, queries, uploads
from forms_engine.cases.forms import HandInForm
from forms_engine.cases.models import Case
from forms_engine.cases.states import WITHDRAWABLE, IllegalTransition, Status
from forms_engine.submissions import access as drafts
from forms_engine.submissions import actions as submissions
from forms_engine.submissions import completeness, quota
from forms_engine.submissions import queries as answers
from forms_engine.submissions.models import Draft
from forms_engine.submissions.states import DraftState, NotOpen
from portal.accounts.access import citizen, signed_in
from portal.accounts.identity import stepup
from portal.common.crypto import KeyDestroyed


@signed_in
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, draft: uuid.UUID) -> HttpResponseBase:
    """Check answers (F44), declare, send. Sending again, from any tab, leads to the same case."""
    found = drafts.draft_for_owner(citizen(request), draft)
    if found.state == DraftState.SENT:
        return redirect("cases:received", flow.submit(found, by=citizen(request)).public_id)
    if found.state == DraftState.DISCARDED:
        return redirect("submissions:draft", found.public_id)
    if response := stepup.demand(request, drafts.trust_needed(found.form_version)):
        return response
    changed = False
    if request.method == "POST":
        try:
            case = flow.submit(found, by=citizen(request), read=_version_read(request))
            return redirect("cases:received", case.public_id)
        except NotOpen:  # deleted in another window a moment ago
            return redirect("submissions:draft", found.public_id)
        except submissions.NotAllowed:
            messages.error(request, _("Ihre Vertretung ist beendet. Der Antrag ist nicht abgesendet."))
            return redirect("home:overview")
        except submissions.Incomplete as missing:
            return redirect("submissions:page", found.public_id, missing.page)
        except submissions.Changed:  # what is sent is what was read: show what another window has changed
            changed = True
            found = drafts.draft_for_owner(citizen(request), draft)
    try:
        held = answers.contents(found, shown=True)
        missing_page = completeness.first_open_page(held)
        if missing_page:
            return redirect("submissions:page", found.public_id, missing_page)
        return render(
            request,
            "cases/check.html",
            _check_context(found, held) | {"changed": changed},
            status=409 if changed else 200,
        )
    except KeyDestroyed:  # sent or deleted in another window a moment ago
        return redirect("submissions:draft", found.public_id)


def _version_read(request: HttpRequest) -> int | None:
    """The version of the draft the posted page has shown; None if it says nothing, -1 if it says nonsense."""
    posted = request.POST.get("stand")
    if posted is None:
        return None
    return int(posted) if re.fullmatch(r"\d{1,9}", posted, re.ASCII) else -1


def _check_context(draft: Draft, held: completeness.Contents) -> dict[str, object]:
    return {
        "draft": draft,
        "definition": held.definition,
        "languages_of_page": held.definition.languages,
        "sections": answers.draft_sections(held),
        "fee_cents": held.evaluation.fee_cents,
        "back": held.evaluation.pages[-1],
    }


@signed_in
@require_GET
def received(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Confirmation (F45): can be reopened, repeats nothing."""
    found = access.case_for_applicant(citizen(request), case)
    return render(request, "cases/received.html", {"case": found, "next_steps": answers.next_steps(found.submission)})


@signed_in
@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    user = citizen(request)
    return render(
        request, "cases/list.html", {"cases": queries.for_applicant(user), "drafts": answers.open_drafts(user)}
    )


@signed_in
@require_GET
def case_page(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = access.case_for_applicant(citizen(request), case)
    return _case_page(request, found, HandInForm())


def _case_page(request: HttpRequest, case: Case, form: HandInForm, status: int = 200) -> HttpResponse:
    appointment = queries.appointment(case)
    context = {
        "case": case,
        "form": form,
        "timeline": queries.timeline(case),
        "open_request": queries.open_request(case) if case.status == Status.WAITING_FOR_CITIZEN else None,
        "papers": queries.papers(case),
        "documents": queries.documents(case),
        "files": queries.files(case),
        "sections": answers.sections(case.submission, shown=True),
        "can_withdraw": case.status in WITHDRAWABLE,
        "appointment": appointment,
        "can_book": case.is_open and case.status != Status.DECIDED and appointment is None,
    }
    return render(request, "cases/case.html", context, status=status)


@signed_in
@require_http_methods(["POST"])
def hand_in(request: HttpRequest, case: uuid.UUID) -> HttpResponseBase:
    """Answer a request for documents; a second click changes nothing."""
    found = access.case_for_applicant(citizen(request), case)
    if found.status != Status.WAITING_FOR_CITIZEN:
        _say_nothing_is_asked(request)
        return redirect("cases:case", found.public_id)
    form = HandInForm(request.POST, request.FILES)
    accepted = uploads.accept(form, quota.dropped(request))
    if accepted is None:
        return _case_page(request, found, form, status=422)
    if flow.hand_in(found, files=accepted, text=form.cleaned_data["text"].strip(), by=citizen(request)):
        messages.success(request, _("Ihre Antwort ist bei uns angekommen."))
    else:
        uploads.discard(accepted)
        _say_nothing_is_asked(request)
    return redirect("cases:case", found.public_id)


def _say_nothing_is_asked(request: HttpRequest) -> None:
    messages.info(request, _("Zurzeit ist nichts mehr angefordert. Wir haben nichts gespeichert."))


@signed_in
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, case: uuid.UUID) -> HttpResponseBase:
    """Says what withdrawing means before it happens (F47)."""
    found = access.case_for_applicant(citizen(request), case)
    if found.status not in WITHDRAWABLE:
        return redirect("cases:case", found.public_id)
    if request.method == "POST":
        try:
            flow.withdraw(found, by=citizen(request))
        except IllegalTransition:
            messages.info(
                request, _("Wir haben inzwischen entschieden. Sie können den Antrag nicht mehr zurückziehen.")
            )
        else:
            fees.cancel(found)
        return redirect("cases:case", found.public_id)
    return render(request, "cases/withdraw.html", {"case": found})


@signed_in
@require_GET
def paper(request: HttpRequest, case: uuid.UUID, kind: str) -> StreamingHttpResponse:
    found = access.case_for_applicant(citizen(request), case)
    return downloads.paper(found, kind)


@signed_in
@require_GET
def submission_file(request: HttpRequest, case: uuid.UUID, file: uuid.UUID) -> StreamingHttpResponse:
    return downloads.submission_file(access.case_for_applicant(citizen(request), case), file)


@signed_in
@require_GET
def case_document(request: HttpRequest, case: uuid.UUID, file: uuid.UUID) -> StreamingHttpResponse:
    return downloads.case_document(access.case_for_applicant(citizen(request), case), file)
