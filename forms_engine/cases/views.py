"""The citizen's pages of a case: follow, hand in, withdraw. Sending: see sending.py, booking: booking.py."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from forms_engine.cases import codes, downloads, fees, flow, queries, rules, uploads
from forms_engine.cases.doors import with_case
from forms_engine.cases.forms import HandInForm
from forms_engine.cases.models import Case
from forms_engine.cases.states import WITHDRAWABLE, IllegalTransition, Status
from forms_engine.submissions import arrivals
from forms_engine.submissions import queries as answers
from portal.accounts import mandates
from portal.accounts.access import citizen, signed_in
from portal.documents import quota, receiving


@signed_in
@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    whose, by = mandates.whose(request)
    drafts = [d for d in answers.open_drafts(citizen(request)) if d.acting_for == (whose if by else None)]
    return render(request, "cases/list.html", {"cases": queries.for_party(whose, by), "drafts": drafts})


@never_cache
@signed_in
@require_GET
@with_case
def case_page(request: HttpRequest, found: Case) -> HttpResponse:
    return _case_page(request, found, HandInForm())


def _case_page(request: HttpRequest, case: Case, form: HandInForm, status: int = 200) -> HttpResponse:
    appointment = queries.appointment(case)
    context = {
        "case": case,
        "form": form,
        "arrived": arrivals.waiting(uploads.scope(case, citizen(request))),
        "code": codes.shown_once(request, case),
        "timeline": queries.timeline(case),
        "open_request": queries.open_request(case) if case.status == Status.WAITING_FOR_CITIZEN else None,
        "papers": queries.papers(case),
        "documents": queries.documents(case),
        "files": queries.files(case),
        "sections": answers.sections(case.submission, shown=True),
        "can_withdraw": case.status in WITHDRAWABLE,
        "appointment": appointment,
        "visits": appointment is not None or rules.offering(case) is not None,
        "can_book": case.is_open and case.status != Status.DECIDED and appointment is None,
    }
    return render(request, "cases/case.html", context, status=status)


@signed_in
@require_http_methods(["POST"])
@with_case
def hand_in(request: HttpRequest, found: Case) -> HttpResponseBase:
    """Answer a request for documents; a second click changes nothing."""
    if found.status != Status.WAITING_FOR_CITIZEN:
        _say_nothing_is_asked(request)
        return redirect("cases:case", found.public_id)
    form = HandInForm(request.POST, request.FILES)
    arrived = uploads.arrived(form, found, citizen(request), request.POST.getlist("angekommen"))
    accepted = receiving.accept(form, quota.dropped(request))
    if accepted is None:
        return _case_page(request, found, form, status=422)
    text = form.cleaned_data["text"].strip()
    if uploads.hand_in(found, arrived, accepted, text=text, by=citizen(request)):
        messages.success(request, _("Ihre Antwort ist bei uns angekommen."))
    else:
        receiving.discard(accepted)
        _say_nothing_is_asked(request)
    return redirect("cases:case", found.public_id)


def _say_nothing_is_asked(request: HttpRequest) -> None:
    messages.info(request, _("Zurzeit ist nichts mehr angefordert. Wir haben nichts gespeichert."))


@signed_in
@require_http_methods(["GET", "POST"])
@with_case
def withdraw(request: HttpRequest, found: Case) -> HttpResponseBase:
    """Says what withdrawing means before it happens (F47)."""
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
@with_case
def paper(request: HttpRequest, found: Case, kind: str) -> HttpResponseBase:
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=503)  # as for a message: a guess of the browser is not a person who reads
    return downloads.paper_for_party(found, kind, by=citizen(request))


@signed_in
@require_GET
@with_case
def submission_file(request: HttpRequest, found: Case, file: uuid.UUID) -> StreamingHttpResponse:
    return downloads.submission_file(found, file)


@signed_in
@require_GET
@with_case
def case_document(request: HttpRequest, found: Case, file: uuid.UUID) -> StreamingHttpResponse:
    return downloads.case_document(found, file)
