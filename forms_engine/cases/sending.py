"""The last page of the wizard and the first of the case: check the answers, send them, read that they arrived."""

import re
import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from forms_engine.cases import codes, flow, strangers
from forms_engine.cases import queries as cases
from forms_engine.cases.doors import with_case
from forms_engine.cases.models import Case
from forms_engine.submissions import access, actions, completeness, proof, queries, surveys
from forms_engine.submissions.completeness import Contents
from forms_engine.submissions.doors import with_draft
from forms_engine.submissions.models import Draft
from forms_engine.submissions.states import DraftState, NotOpen
from portal.accounts.access import signed_in
from portal.accounts.identity import stepup
from portal.common.crypto import KeyDestroyed


@require_http_methods(["GET", "POST"])
@with_draft
def check(request: HttpRequest, found: Draft) -> HttpResponseBase:
    """Check answers (F44), declare, send. Sending again, from any tab, leads to the same case."""
    if found.state == DraftState.SENT:
        return redirect("cases:received", flow.submit(found, by=found.owner).public_id)
    if found.state == DraftState.DISCARDED or found.paused:
        return redirect("submissions:draft", found.public_id)
    if response := stepup.demand_for(request, access.trust_needed(found.form_version)):
        return response
    asked, changed = proof.asked(request, found), False
    if request.method == "POST" and (asked is None or asked.is_valid()):
        try:
            return _send(request, found)
        except actions.Changed:  # what is sent is what was read: show what another window has changed
            changed, asked = True, asked and proof.ProofForm(request, found)
            found.refresh_from_db(fields=["sealed", "version", "page_versions", "page", "wrapped_key"])
    try:
        held = queries.contents(found, shown=True)
    except KeyDestroyed:  # sent or deleted in another window a moment ago
        return redirect("submissions:draft", found.public_id)
    missing_page = completeness.first_open_page(held)
    if missing_page:
        return redirect("submissions:page", found.public_id, missing_page)
    context = _check_context(found, held) | {"changed": changed, "proof": asked}
    status = 409 if changed else asked.status if asked else 200
    return render(request, "cases/check.html", context, status=status)


def _send(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Where a click on the button leads. Raises actions.Changed."""
    try:
        if draft.form_version.definition.is_survey:
            surveys.send(draft, read=_version_read(request))
            return redirect("submissions:thanks", draft.form_version.form.slug)
        case = flow.submit(draft, by=draft.owner, read=_version_read(request))
        codes.hand_over(request, case)
        return redirect("cases:received", case.public_id)
    except NotOpen:  # deleted in another window a moment ago
        return redirect("submissions:draft", draft.public_id)
    except actions.NotAllowed:
        messages.error(request, _("Ihre Vertretung ist beendet. Der Antrag ist nicht abgesendet."))
        return redirect("home:overview")
    except actions.Incomplete as missing:
        return redirect("submissions:page", draft.public_id, missing.page)


def _version_read(request: HttpRequest) -> int | None:
    """The version of the draft the posted page has shown; None if it says nothing, -1 if it says nonsense."""
    posted = request.POST.get("stand")
    if posted is None:
        return None
    return int(posted) if re.fullmatch(r"\d{1,9}", posted, re.ASCII) else -1


def _check_context(draft: Draft, held: Contents) -> dict[str, object]:
    return {
        "draft": draft,
        "definition": held.definition,
        "languages_of_page": held.definition.languages,
        "sections": queries.draft_sections(held),
        "fee_cents": held.evaluation.fee_cents,
        "back": held.evaluation.pages[-1],
        "texts_kept": surveys.TEXTS_KEPT,
    }


@never_cache
@require_GET
def received(request: HttpRequest, case: uuid.UUID) -> HttpResponseBase:
    """Confirmation (F45): can be reopened, repeats nothing. Without an account only in the session that has sent."""
    if stranger := codes.held(request, case):
        return _received(request, stranger, stranger.fresh_code)
    return _own_received(request, case=case)


@signed_in
@with_case
def _own_received(request: HttpRequest, found: Case) -> HttpResponse:
    return _received(request, found, codes.shown_once(request, found))


def _received(request: HttpRequest, case: Case, code: str) -> HttpResponse:
    context = {
        "case": case,
        "code": code,
        "mail": strangers.address(case),
        "sections": queries.sections(case.submission, shown=True) if case.party is None else (),
        "next_steps": queries.next_steps(case.submission),
        "papers": cases.papers(case) if case.party else (),
        "consent": cases.consent_to_ask(case, request.user),
    }
    return render(request, "cases/received.html", context)
