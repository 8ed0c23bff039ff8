"""A page to print and put on top of papers sent by post: by the code on it the scanner files them by itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from forms_engine.cases import queries, returning, rules
from forms_engine.cases.doors import with_case
from forms_engine.cases.models import Case
from forms_engine.cases.states import Status
from portal.accounts.access import signed_in


@never_cache
@signed_in
@require_GET
@with_case
def sheet(request: HttpRequest, found: Case) -> HttpResponse:
    """Only while something is asked for; later the case page says how it stands."""
    asked = queries.open_request(found) if found.status == Status.WAITING_FOR_CITIZEN else None
    if asked is None:
        return redirect("cases:case", found.public_id)
    context = {"case": found, "code": returning.code(asked[0]), "answer_by": asked[0].answer_by}
    return render(request, "cases/return_sheet.html", {**context, "to": rules.letterhead(found)})
