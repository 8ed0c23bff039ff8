"""Large files for a case page: the same pieces as in a form (submissions.arriving), kept until the answer is sent."""

import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from forms_engine.cases import uploads
from forms_engine.cases.doors import with_case
from forms_engine.cases.models import Case
from forms_engine.cases.states import Status
from forms_engine.submissions import arrivals, arriving
from forms_engine.submissions.models import Arrival
from portal.accounts.access import citizen, signed_in
from portal.documents import filetypes, receiving, store


@never_cache
@signed_in
@require_POST
@with_case
def announce(request: HttpRequest, found: Case) -> HttpResponseBase:
    """A file for the answer to what is asked. Raises Http404 while nothing is."""
    _asked(found)

    def address(arrival: Arrival) -> str:
        return reverse("cases:arrival", args=[found.public_id, arrival.public_id])

    scope = uploads.scope(found, citizen(request))
    return arriving.begin(scope, address, "unterlagen", settings.UPLOAD_MAX_BYTES, request.POST)


@never_cache
@signed_in
@require_http_methods(["HEAD", "PATCH", "DELETE"])
@with_case
def arrival(request: HttpRequest, found: Case, arrival: uuid.UUID) -> HttpResponseBase:
    _asked(found)
    scope = uploads.scope(found, citizen(request))
    return arriving.respond(request, scope, arrival, lambda whole: _land(found, whole))


def _asked(case: Case) -> None:
    if case.status != Status.WAITING_FOR_CITIZEN:
        raise Http404


def _land(case: Case, arrival: Arrival) -> HttpResponse:
    if arrival.stored is None:
        try:
            with arrivals.opened(arrival) as source:
                media_type = filetypes.examine(source, receiving.ALLOWED)
                stored = store.put(source, media_type=media_type, foreign=True)
        except filetypes.Refused as wrong:
            arrivals.forget(arrival)
            return arriving.refused(arrival.name, wrong.sentence)
        if not arrivals.landed(arrival, stored):
            store.destroy(stored)  # another window was faster, or gave up
    arrival.stored = arrival.stored or stored
    return JsonResponse({"line": render_to_string("cases/_arrived.html", {"case": case, "arrival": arrival})})
