"""Pages of a receivable. The URL never says what was paid: each page asks the rows, the return pages the provider."""

import logging
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from payments import access, actions, gateways, queries
from payments.gateways.base import BadBell, GatewayError, Patience
from payments.models import Receivable
from payments.states import ENDED_UNPAID, LIVE, PaymentState, ReceivableState
from portal.accounts import mandates
from portal.accounts.access import citizen, signed_in

log = logging.getLogger(__name__)


@signed_in
@never_cache
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    rows = [(owed, *queries.standing(owed)) for owed in queries.for_person(*mandates.whose(request))]
    return render(request, "payments/list.html", {"rows": rows})


@signed_in
@never_cache
@require_GET
def receivable(request: HttpRequest, public_id: UUID) -> HttpResponse:
    owed = access.receivable_for_payer(citizen(request), public_id)
    return render(request, "payments/receivable.html", _page(owed))


@signed_in
@require_POST
def start(request: HttpRequest, public_id: UUID) -> HttpResponse:
    owed = access.receivable_for_payer(citizen(request), public_id)
    try:
        url = actions.start_payment(owed, by=citizen(request))
    except actions.PaymentUnavailable:
        return render(request, "payments/unavailable.html", _page(owed), status=503)
    return HttpResponseRedirect(url, status=303)


@never_cache
@require_GET
def came_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _after_payment_page(request, public_id, aborted=False)


@never_cache
@require_GET
def aborted(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _after_payment_page(request, public_id, aborted=True)


def _after_payment_page(request: HttpRequest, public_id: UUID, *, aborted: bool) -> HttpResponse:
    """The second bell. It rings for everybody who knows the address and shows only to the payer."""
    if not request.user.is_authenticated:
        _ring(access.receivable_for_return(public_id))
        return render(request, "payments/signed_out.html", {"public_id": public_id})
    owed = access.receivable_for_payer(citizen(request), public_id)
    answered = _ring(owed)
    owed.refresh_from_db()
    result = _result(owed, answered=answered, aborted=aborted)
    return render(request, "payments/return.html", {**_page(owed), "result": result, "aborted": aborted})


def _ring(owed: Receivable) -> bool:
    """Ask the provider once, for 2 s at most. False when the truth is not known now."""
    payment = queries.latest_payment(owed)
    if payment is None or owed.state != ReceivableState.OPEN:
        return True
    try:
        actions.settle(payment.pk, patience=Patience.BRIEF)
    except GatewayError as error:
        log.warning("return page of payment %s: no answer (%s)", payment.public_id, error.code)
        return False
    return True


def _result(owed: Receivable, *, answered: bool, aborted: bool) -> str:
    """paid, pending, unpaid or closed. On any doubt pending, never unpaid."""
    if owed.state == ReceivableState.PAID:
        return "paid"
    if owed.state != ReceivableState.OPEN:
        return "closed"
    payment = queries.latest_payment(owed)
    if payment is None:
        return "unpaid"
    untouched = aborted and payment.state in (PaymentState.CREATED, PaymentState.REDIRECTED)
    surely_unpaid = answered and not payment.problem and (payment.state in ENDED_UNPAID or untouched)
    return "unpaid" if surely_unpaid else "pending"


@signed_in
@never_cache
@require_GET
def proof(request: HttpRequest, public_id: UUID) -> HttpResponse:
    owed = access.receivable_for_payer(citizen(request), public_id)
    text = queries.proof_text(owed, city=settings.CITY["name"])
    if not text:
        raise Http404
    name = f"Zahlungsbestaetigung-{owed.kassenzeichen}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """The first bell. 200 only after the event is committed; without a database 500, and the provider repeats."""
    if provider not in gateways.GATEWAYS:
        raise Http404
    try:
        ring = gateways.gateway_for(provider).parse_bell(request.body, request.headers)
    except BadBell as reason:
        log.warning("webhook refused: %s", reason)
        return HttpResponseBadRequest("refused", content_type="text/plain")
    actions.receive(ring, provider=provider)
    return HttpResponse("ok", content_type="text/plain")


def _page(owed: Receivable) -> dict[str, object]:
    return {
        "receivable": owed,
        "items": list(owed.items.all()),
        "proof": queries.proof(owed),
        "under_way": queries.under_way(owed),
        "begun": owed.payments.filter(state__in=LIVE).exists(),
        "test_mode": gateways.gateway_for(gateways.DEFAULT).test_mode,
    }
