"""Owe, pay, settle, cancel. One rule above all: write the intent, commit, call out, then write the answer.

Lock order: receivable -> payment. `durable=True` refuses to run inside a caller's transaction, where a call out would
hold locks and a rollback would forget what the provider already did.
"""

import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from payments import gateways, ledger, schedule
from payments.fold import Mismatch, fold
from payments.gateways.base import Gateway, Order, Patience, Phase, ProviderState, Ring, UnknownThere
from payments.gateways.base import GatewayError as GatewayError  # callers above meet it here, never in gateways
from payments.models import Bell, BookedAs, OutboundCall, Payment, Problem, Receivable, ReceivableItem
from payments.states import ENDED_UNPAID, LIVE, PaymentState, ReceivableState, advance
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock, references
from portal.outbox import relay

log = logging.getLogger(__name__)
# No create() is under way any longer than this: 3 tries of 13 s each, twice over, and room for a stopped process.
ANSWER_LOST_AFTER = dt.timedelta(minutes=5)
TRIES = 3  # a live payment may turn out paid or expired when we ask; then we look again


class Item(NamedTuple):
    """One line of a receivable: text, cents, and what the finance system wants to know (str -> str)."""

    text: str
    amount_cents: int
    booking: Mapping[str, str] = {}


class PaymentUnavailable(Exception):
    """The provider does not answer. Nothing is lost: the same button works later."""


class CannotCancel(Exception):
    """A payment is under way whose outcome nobody knows yet. The message is German and fit for the page."""


# --- owing ------------------------------------------------------------------------------------------------------------


def open_receivable(
    *,
    payer: User,
    amount_cents: int,
    purpose: str,
    due_on: dt.date,
    return_path: str,
    items: Sequence[Item] = (),
    subject: str = "",
) -> Receivable:
    """A new receivable with its own Kassenzeichen, posted to the ledger. In the caller's transaction.

    `purpose` is shown to the payer and to the provider: what is paid for, nothing about the person. `subject` is
    opaque to us. Raises ValueError when the items do not add up, IntegrityError for an amount that is not positive or a
    foreign return path.
    """
    items = tuple(items) or (Item(purpose, amount_cents),)
    if sum(item.amount_cents for item in items) != amount_cents:
        raise ValueError("the items of a receivable must add up to its amount")
    with transaction.atomic(savepoint=False):
        receivable = Receivable.objects.create(
            kassenzeichen=references.cash_reference(settings.CASH_AREA, _next_serial()),
            payer=payer,
            purpose=purpose,
            amount_cents=amount_cents,
            due_on=due_on,
            return_path=return_path,
            subject=subject,
        )
        ReceivableItem.objects.bulk_create(
            ReceivableItem(
                receivable=receivable, position=n, text=i.text, amount_cents=i.amount_cents, booking=dict(i.booking)
            )
            for n, i in enumerate(items, start=1)
        )
        ledger.post_opened(receivable)
        _record("receivable.opened", receivable, str(payer.public_id), amount_cents=amount_cents)
    return receivable


def _next_serial() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select nextval('payments_kassenzeichen_serial')")
        return int(cursor.fetchone()[0])


def cancel_receivable(receivable: Receivable, *, by: User | None) -> bool:
    """Take a receivable back, closing its payment page first. False when it turned out to be paid or was not open.

    Raises CannotCancel while the bank still decides, GatewayError when the provider does not answer.
    """
    for _attempt in range(TRIES):
        payment = receivable.payments.filter(state__in=LIVE).first()
        if payment is not None:
            _close(payment)
        with transaction.atomic(durable=True):
            locked = Receivable.objects.select_for_update().get(pk=receivable.pk)
            if locked.state != ReceivableState.OPEN:
                return False
            if locked.payments.filter(state__in=LIVE).exists():
                continue  # started between our look and our lock, or still closing
            advance(locked, ReceivableState.CANCELLED, cancelled_at=clock.now())
            ledger.post_cancelled(locked)
            _record("receivable.cancelled", locked, _actor(by))
            return True
    raise CannotCancel(_("Es läuft gerade eine Zahlung. Versuchen Sie es in einigen Minuten noch einmal."))


def _close(payment: Payment) -> None:
    """Ask what became of a live payment and close its page if it is still open."""
    gateway = gateways.gateway_for(payment.provider)
    truth = _look(gateway, payment, Patience.USUAL)
    if truth is not None and truth.phase is Phase.OPEN:
        truth = _expire(gateway, payment, truth.ref)
    _take_in(payment.pk, truth)


# --- paying -----------------------------------------------------------------------------------------------------------


def start_payment(receivable: Receivable, *, by: User) -> str:
    """Where to send the person: the payment page, or our own page when there is nothing left to pay.

    Reuses the live payment, so two tabs or a double click lead to the same page. Raises PaymentUnavailable.
    """
    for _attempt in range(TRIES):
        payment = _intend(receivable.pk, by)
        if payment is None:
            return reverse("payments:receivable", args=[receivable.public_id])
        try:
            url = _page_of(payment)
        except GatewayError as error:
            log.warning("payment %s: provider does not help (%s)", payment.public_id, error.code)
            raise PaymentUnavailable from error
        if url:
            return url
    raise PaymentUnavailable


def _intend(receivable_pk: int, by: User) -> Payment | None:
    """The live payment of an open receivable, or a new one written together with the call it will need."""
    with transaction.atomic(durable=True):
        receivable = Receivable.objects.select_for_update().get(pk=receivable_pk)
        if receivable.state != ReceivableState.OPEN:
            return None
        live = receivable.payments.filter(state__in=LIVE).first()
        if live is not None:
            return live
        gateway = gateways.gateway_for(gateways.DEFAULT)
        now = clock.now()
        payment = Payment.objects.create(
            receivable=receivable,
            provider=gateway.name,
            amount_cents=receivable.amount_cents,
            created_at=now,
            expires_at=now + dt.timedelta(minutes=gateway.capabilities.page_minutes),
            next_look_at=schedule.next_look(now, None, now),
        )
        _write_call(payment, "create", repr(_order(payment)))
        _record("payment.started", payment, str(by.public_id), amount_cents=payment.amount_cents)
    return payment


def _page_of(payment: Payment) -> str:
    """The open page of a live payment; "" when it is over and the caller should look again. Raises GatewayError."""
    gateway = gateways.gateway_for(payment.provider)
    may_send = clock.now() - payment.created_at < gateway.capabilities.resend_within
    try:
        if payment.provider_ref is None and may_send:
            truth: ProviderState | None = _create(gateway, payment)
        else:
            truth = _look(gateway, payment, Patience.USUAL)
    except UnknownThere:
        # Nobody can pay on a page that does not exist: make room for a new one.
        _end_unpaid(payment.pk, PaymentState.EXPIRED, "resource_missing", problem=Problem.MISSING)
        return ""
    if truth is not None and truth.phase is Phase.PROCESSING:
        _take_in(payment.pk, truth)
        return reverse("payments:return", args=[payment.receivable.public_id])
    if truth is None or truth.phase is not Phase.OPEN:
        _take_in(payment.pk, truth)
        return ""
    _take_in(payment.pk, truth)
    payment.refresh_from_db()
    if not payment.is_live:  # cancelled while we were calling: nobody may pay on this page
        _expire(gateway, payment, truth.ref)
        return ""
    return truth.url


def _create(gateway: Gateway, payment: Payment) -> ProviderState:
    """Open the page. When the answer is lost, look it up by our id before giving up."""
    order = _order(payment)
    try:
        return _called(payment, "create", repr(order), lambda: gateway.create(order))
    except GatewayError as error:
        if error.permanent:
            _end_unpaid(payment.pk, PaymentState.FAILED, error.code)
            raise
        found = gateway.find(order)
        if not found:
            raise
        return found[0]


def _expire(gateway: Gateway, payment: Payment, ref: str) -> ProviderState:
    return _called(payment, "expire", ref, lambda: gateway.expire(ref))


def _order(payment: Payment) -> Order:
    receivable = payment.receivable
    page = [receivable.public_id]
    return Order(
        payment_id=str(payment.public_id),
        idempotency_key=str(payment.idempotency_key),
        amount_cents=payment.amount_cents,
        purpose=receivable.purpose,
        kassenzeichen=receivable.kassenzeichen,
        created_at=payment.created_at,
        expires_at=payment.expires_at,
        success_url=settings.PUBLIC_URL + reverse("payments:return", args=page),
        cancel_url=settings.PUBLIC_URL + reverse("payments:abort", args=page),
    )


def _write_call(payment: Payment, verb: str, request: str) -> OutboundCall:
    call, _ = OutboundCall.objects.get_or_create(
        key=f"{verb}:{payment.idempotency_key}",
        defaults={"payment": payment, "request_hash": hashlib.sha256(request.encode()).hexdigest()},
    )
    return call


def _called(payment: Payment, verb: str, request: str, act: Callable[[], ProviderState]) -> ProviderState:
    """Call out with a committed row before and the outcome after. Raises what `act` raises."""
    with transaction.atomic(durable=True):
        call = _write_call(payment, verb, request)
        this = OutboundCall.objects.filter(pk=call.pk)
        this.update(attempts=call.attempts + 1)
    try:
        answer = act()
    except GatewayError as error:
        outcome = OutboundCall.Outcome.ERROR if error.permanent else OutboundCall.Outcome.UNKNOWN
        this.update(outcome=outcome, error=error.code[:80], finished_at=clock.now())
        raise
    this.update(outcome=OutboundCall.Outcome.OK, error="", finished_at=clock.now())
    return answer


# --- settling: every bell ends here -----------------------------------------------------------------------------------


def settle(payment_id: int, *, patience: Patience = Patience.USUAL) -> bool:
    """Fetch the provider's truth and take it in. True when a row changed. Never inside a transaction.

    Safe to call any number of times, in any order, from anywhere. Raises GatewayError when there is no answer.
    """
    with transaction.atomic(durable=True):
        payment = Payment.objects.select_related("receivable").get(pk=payment_id)
    gateway = gateways.gateway_for(payment.provider)
    try:
        truth = _look(gateway, payment, patience)
        if truth is not None and truth.phase is Phase.OPEN and not payment.is_live:
            truth = _expire(gateway, payment, truth.ref)  # an orphan page: nobody shall pay twice
    except GatewayError as error:
        missing = {"problem": Problem.MISSING} if isinstance(error, UnknownThere) else {}
        Payment.objects.filter(pk=payment.pk).update(looked_at=clock.now(), last_error=error.code[:80], **missing)
        raise
    return _take_in(payment.pk, truth)


def _look(gateway: Gateway, payment: Payment, patience: Patience) -> ProviderState | None:
    """The truth by number, or found by our id when the number was never stored; None: the provider knows nothing."""
    if payment.provider_ref is not None:
        return gateway.fetch(payment.provider_ref, patience)
    return next(iter(gateway.find(_order(payment))), None)


def _take_in(payment_pk: int, truth: ProviderState | None) -> bool:
    """One transaction: rows, ledger, announcement and record, or nothing. True when a row changed."""
    if truth is None:
        return _give_up_lost_intent(payment_pk)
    with transaction.atomic(durable=True):
        payment = _locked(payment_pk)
        _note_look(payment, truth)
        before = payment.known()
        try:
            after = fold(truth, before)
        except Mismatch:
            return _flag(payment, Problem.MISMATCH)
        if after == before:
            return False
        now = clock.now()
        changes: dict[str, object] = {
            "captured_cents": after.captured_cents,
            "refunded_cents": after.refunded_cents,
            **_booking(payment, after.captured_cents, min(truth.captured_at or now, now)),
            "ended_at": now if after.state in ENDED_UNPAID else None,
        }
        changes["next_look_at"] = (
            None if after.captured_cents else schedule.next_look(payment.created_at, changes["ended_at"], now)  # type: ignore[arg-type]  # a datetime or None, seen above
        )
        if not advance(payment, after.state, **changes):
            return False
        _book(payment, before.captured_cents, before.refunded_cents)
        _record(f"payment.{after.state}", payment, "system:payments", captured_cents=after.captured_cents)
    return True


def _locked(payment_pk: int) -> Payment:
    """The payment with its receivable, both locked, receivable first."""
    receivable_pk = Payment.objects.values_list("receivable_id", flat=True).get(pk=payment_pk)
    receivable = Receivable.objects.select_for_update().get(pk=receivable_pk)
    payment = Payment.objects.select_for_update().get(pk=payment_pk)
    payment.receivable = receivable
    return payment


def _note_look(payment: Payment, truth: ProviderState) -> None:
    """Keep what the provider calls this payment; its number is written once and never replaced."""
    known: dict[str, object] = {"looked_at": clock.now(), "last_error": ""}
    if truth.payment_id == str(payment.public_id):
        known |= {"provider_ref": payment.provider_ref or truth.ref}
        known |= {"intent_ref": truth.intent_ref} if truth.intent_ref else {}
        known |= {"method": truth.method[:40]} if truth.method else {}
        known |= {"redirect_url": truth.url} if truth.url else {}
        known |= {"expires_at": truth.expires_at} if truth.expires_at else {}
    Payment.objects.filter(pk=payment.pk).update(**known)
    for name, value in known.items():
        setattr(payment, name, value)


def _booking(payment: Payment, captured: int, at: dt.datetime) -> dict[str, object]:
    """Where newly captured money goes; decided once, under the lock of the receivable."""
    if not captured or payment.booked_as:
        return {}
    receivable = payment.receivable
    if receivable.state != ReceivableState.OPEN:
        booked = BookedAs.OVERPAYMENT
    elif captured == receivable.amount_cents:
        booked = BookedAs.RECEIVABLE
    else:
        booked = BookedAs.SUSPENSE
    return {"booked_as": booked, "settled_at": at}


def _book(payment: Payment, captured_before: int, refunded_before: int) -> None:
    """Ledger, receivable and announcement for what changed in a payment."""
    receivable, booked = payment.receivable, payment.booked_as
    if payment.captured_cents > captured_before:
        ledger.post_captured(payment, since=captured_before, booked_as=booked)
        if booked == BookedAs.RECEIVABLE:
            advance(receivable, ReceivableState.PAID, paid_at=payment.settled_at)
            relay.publish("payment.settled", receivable.public_id, dedupe=f"payment.settled:{payment.public_id}")
        else:
            # Visible in the list of payments, in payments_verify and here; no person is sent away with an error.
            _record(f"payment.{booked}", payment, "system:payments", captured_cents=payment.captured_cents)
            log.warning("payment %s booked as %s", payment.public_id, booked)
    if payment.refunded_cents > refunded_before:
        ledger.post_refunded(payment, since=refunded_before, booked_as=booked)
        if booked == BookedAs.RECEIVABLE and payment.refunded_cents == receivable.amount_cents:
            advance(receivable, ReceivableState.REFUNDED)


def _flag(payment: Payment, problem: Problem) -> bool:
    if payment.problem == problem:
        return False
    Payment.objects.filter(pk=payment.pk).update(problem=problem)
    _record("payment.problem", payment, "system:payments", problem=str(problem))
    log.error("payment %s: %s", payment.public_id, problem)
    return True


def _give_up_lost_intent(payment_pk: int) -> bool:
    """The provider knows nothing of this intent. Once no call can be under way any more, it failed."""
    payment = Payment.objects.get(pk=payment_pk)
    if clock.now() - payment.created_at < ANSWER_LOST_AFTER:
        return False
    return _end_unpaid(payment_pk, PaymentState.FAILED, "never_reached")


def _end_unpaid(payment_pk: int, state: PaymentState, cause: str, problem: str = "") -> bool:
    """End a live payment that cannot bring money any more. Late success is still taken in."""
    with transaction.atomic(durable=True):
        payment = _locked(payment_pk)
        if not payment.is_live or (state == PaymentState.FAILED and payment.provider_ref is not None):
            return False
        now = clock.now()
        if state not in payment.moves[payment.state]:
            return _flag(payment, Problem.MISSING)
        next_look = schedule.next_look(payment.created_at, now, now)
        ended = {"ended_at": now, "next_look_at": next_look, "looked_at": now, "last_error": cause[:80]}
        changed = advance(payment, state, **ended, problem=problem or payment.problem)
        _record(f"payment.{state}", payment, "system:payments", cause=cause)
    return changed


# --- the bells --------------------------------------------------------------------------------------------------------


def receive(ring: Ring, *, provider: str) -> Bell:
    """Keep a verified webhook call, then ring a worker. The caller may acknowledge once this returns: it is committed.

    The same event twice is one row.
    """
    now = clock.now()
    foreign = {"outcome": Bell.Outcome.FOREIGN, "processed_at": now} if not ring.ref else {}
    with transaction.atomic(durable=True):
        bell, new = Bell.objects.get_or_create(
            provider=provider,
            event_id=ring.event_id,
            defaults={
                "event_type": ring.event_type[:120],
                "ref": ring.ref,
                "received_at": now,
                "due_at": schedule.bell_due(0, now),  # the worker first, the sweep later
                **foreign,
            },
        )
        if new and ring.ref:
            relay.ring("payments.hear", str(bell.pk))
    return bell


def hear(bell_pk: int) -> bool:
    """Follow one bell to its payment. True when a row changed. A provider that does not answer leaves it waiting."""
    bell = Bell.objects.get(pk=bell_pk)
    if bell.processed_at is not None:
        return False
    now = clock.now()
    try:
        outcome, changed = _follow(bell)
    except GatewayError as error:
        log.warning("bell %s: provider does not answer (%s)", bell.pk, error.code)
        if now - bell.received_at < schedule.BELL_FOR:
            return False
        outcome, changed = Bell.Outcome.GIVEN_UP, False  # the payment itself is still looked after by the sweep
    Bell.objects.filter(pk=bell.pk, processed_at=None).update(outcome=outcome, processed_at=now)
    return changed


def _follow(bell: Bell) -> tuple[Bell.Outcome, bool]:
    # Asked by the bell's own number: it may be faster than the answer that tells us the number of a new payment.
    try:
        truth = gateways.gateway_for(bell.provider).fetch(bell.ref)
        payment = Payment.objects.get(provider=bell.provider, public_id=UUID(truth.payment_id))
    except (UnknownThere, ValueError, Payment.DoesNotExist):
        return Bell.Outcome.FOREIGN, False
    return Bell.Outcome.LOOKED, _take_in(payment.pk, truth)


def sweep_payments(limit: int = 100) -> int:
    """Follow bells nobody heard and ask after payments that are due. Returns how many rows changed.

    Any number of sweepers may run at once: a row is claimed by moving its due time. A provider that does not answer
    three times is left alone until the next run.
    """
    now = clock.now()
    moved = 0
    for bell in Bell.objects.filter(processed_at=None, due_at__lte=now).order_by("due_at")[:limit]:
        later = {"due_at": schedule.bell_due(bell.tries + 1, now), "tries": bell.tries + 1}
        if Bell.objects.filter(pk=bell.pk, due_at=bell.due_at, processed_at=None).update(**later):
            moved += hear(bell.pk)
    silent = 0
    for payment in Payment.objects.filter(next_look_at__lte=now).order_by("next_look_at")[:limit]:
        planned = schedule.next_look(payment.created_at, payment.ended_at, now)
        mine = Payment.objects.filter(pk=payment.pk, next_look_at=payment.next_look_at)
        if not mine.update(next_look_at=planned):
            continue
        try:
            moved += settle(payment.pk)
        except GatewayError as error:
            soon = schedule.after_silence(planned, now)
            Payment.objects.filter(pk=payment.pk, next_look_at=planned).update(next_look_at=soon)
            silent += not isinstance(error, UnknownThere)
            if silent == TRIES:
                log.warning("sweep stops: provider does not answer (%s)", error.code)
                break
    return moved


# --- the record -------------------------------------------------------------------------------------------------------


def _actor(by: User | None) -> str:
    return str(by.public_id) if by is not None else "system:payments"


def _record(action: str, row: Receivable | Payment, actor: str, **data: str | int) -> None:
    audit.record(action, f"{type(row).__name__.lower()}:{row.public_id}", actor, **data)
