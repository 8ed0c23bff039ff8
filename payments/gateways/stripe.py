"""Stripe: hosted Checkout Sessions through the genuine SDK (16.1, API 2026-10-28.endive).

Why Checkout and not an own card page: no card data ever touches the city (PCI DSS SAQ A), and cards, PayPal, direct
debit or Wero are switched on at Stripe without code.

Why thin events and not snapshots: an event is only a bell here, the session is fetched anyway. A thin event
(`v1.checkout.session.completed`, an event destination with the payload style "thin") carries an id and nothing else: no
name or e-mail address reaches our database, and its shape does not change with the API version. A destination left on
"snapshot" is refused with 400, so that the mistake shows in Stripe's dashboard; meanwhile the sweeper settles.
"""

import datetime as dt
import functools
import logging
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import stripe
from django.conf import settings

from payments.gateways.base import (
    BadBell,
    Capabilities,
    GatewayError,
    Order,
    Patience,
    Phase,
    ProviderState,
    Ring,
    UnknownThere,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stripe.params.checkout import SessionCreateParams

stripe.enable_telemetry = False  # no timings of our citizens' requests to third parties
logging.getLogger("stripe").setLevel(logging.WARNING)  # below, it writes the numbers of payment pages into our log

TOLERANCE_SECONDS = 300
EXPAND = ["payment_intent.latest_charge"]
CLOCK_SKEW = dt.timedelta(minutes=5)
_BEST_FIRST = (Phase.SUCCEEDED, Phase.PROCESSING, Phase.OPEN, Phase.FAILED, Phase.EXPIRED)


@functools.lru_cache(maxsize=8)
def _client(key: str, base: str, patience: Patience) -> stripe.StripeClient:
    connect, read, retries = patience.value
    return stripe.StripeClient(
        key,
        base_addresses={"api": base},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=(connect, read)),
    )


@contextmanager
def _our_errors() -> "Iterator[None]":
    # Only codes leave this file: messages of the provider may repeat what a person typed.
    try:
        yield
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing":
            raise UnknownThere from error
        raise GatewayError(error.code or "invalid_request", permanent=True) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise GatewayError(type(error).__name__, permanent=True) from error
    except stripe.StripeError as error:
        raise GatewayError(error.code or type(error).__name__, permanent=False) from error


class StripeGateway:
    name: ClassVar[str] = "stripe"
    capabilities: ClassVar[Capabilities] = Capabilities(
        delayed_methods=True,
        refunds=True,
        partial_refunds=True,
        can_expire=True,
        # Keys live 24 h, but a page must stay open for 30 more minutes when it is created.
        resend_within=dt.timedelta(minutes=55),
        page_minutes=90,
    )

    @property
    def test_mode(self) -> bool:
        return "_test_" in settings.STRIPE_SECRET_KEY

    def _sessions(self, patience: Patience = Patience.USUAL) -> Any:
        # The SDK's services are typed per version; what we read is checked against its public fixtures instead.
        if not settings.STRIPE_SECRET_KEY:
            raise GatewayError("not_configured", permanent=True)
        return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, patience).v1.checkout.sessions

    def create(self, order: Order) -> ProviderState:
        with _our_errors():
            session = self._sessions().create(_create_params(order), {"idempotency_key": order.idempotency_key})
        return _state(session.to_dict())

    def fetch(self, ref: str, patience: Patience = Patience.USUAL) -> ProviderState:
        with _our_errors():
            session = self._sessions(patience).retrieve(ref, {"expand": EXPAND})
        return _state(session.to_dict())

    def find(self, order: Order) -> Sequence[ProviderState]:
        created = {
            "gte": int((order.created_at - CLOCK_SKEW).timestamp()),
            "lte": int((order.created_at + self.capabilities.resend_within + CLOCK_SKEW).timestamp()),
        }
        params = {"created": created, "limit": 100, "expand": [f"data.{path}" for path in EXPAND]}
        with _our_errors():
            pages = self._sessions().list(params).auto_paging_iter()
            ours = [s.to_dict() for s in pages if s.client_reference_id == order.payment_id]
        return sorted(map(_state, ours), key=lambda state: _BEST_FIRST.index(state.phase))

    def expire(self, ref: str) -> ProviderState:
        try:
            with _our_errors():
                self._sessions().expire(ref)
        except GatewayError as error:
            # Not open any more: paid or expired a moment before. The fetch below says which.
            if not error.permanent or isinstance(error, UnknownThere):
                raise
        return self.fetch(ref)

    def parse_bell(self, body: bytes, headers: Mapping[str, str]) -> Ring:
        client = _client(settings.STRIPE_SECRET_KEY or "none", settings.STRIPE_API_BASE, Patience.USUAL)
        _verify(body, headers.get("Stripe-Signature", ""), settings.STRIPE_WEBHOOK_SECRETS)
        try:
            event = client.parse_event_notification_without_verification(body)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadBell(f"unreadable: {type(error).__name__}") from error
        related = getattr(event, "related_object", None)
        ours = event.type.startswith("v1.checkout.session.") and related is not None
        return Ring(event.id, event.type, related.id if ours and related else "")


def _verify(body: bytes, signature: str, secrets: Sequence[str]) -> None:
    """Raises BadBell unless one of the secrets signed this body in the last 300 s."""
    reason = "no webhook secret configured"
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
        except stripe.SignatureVerificationError as error:
            reason = error.user_message or "bad signature"
        except UnicodeDecodeError:
            reason = "not UTF-8"
        else:
            return
    raise BadBell(reason)


def _create_params(order: Order) -> "SessionCreateParams":
    """Same order, same parameters: Stripe refuses a key that comes back with others."""
    known_as = {"payment": order.payment_id, "kassenzeichen": order.kassenzeichen}
    return {
        "mode": "payment",
        "locale": "de",
        "submit_type": "pay",
        "client_reference_id": order.payment_id,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "eur",
                    "unit_amount": order.amount_cents,
                    "product_data": {"name": order.purpose},
                },
            }
        ],
        "adaptive_pricing": {"enabled": False},  # euro cents in, euro cents out
        "expires_at": int(order.expires_at.timestamp()),
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "metadata": known_as,
        "payment_intent_data": {"description": f"Kassenzeichen {order.kassenzeichen}", "metadata": known_as},
    }


def _state(session: dict[str, Any]) -> ProviderState:
    """A checkout.session (payment_intent.latest_charge expanded where there is one) in our words."""
    intent = session.get("payment_intent")
    intent = intent if isinstance(intent, dict) else {"id": intent or ""}
    charge = intent.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    paid = session["payment_status"] == "paid"
    return ProviderState(
        ref=session["id"],
        payment_id=session["client_reference_id"] or "",
        phase=_phase(session, intent),
        amount_cents=session["amount_total"] or 0,
        currency=session["currency"] or "",
        captured_cents=intent.get("amount_received", session["amount_total"]) if paid else 0,
        refunded_cents=charge.get("amount_refunded", 0) if paid else 0,
        captured_at=_moment(charge["created"]) if paid and charge else None,
        intent_ref=intent["id"],
        method=(charge.get("payment_method_details") or {}).get("type") or "",
        url=session.get("url") or "",
        expires_at=_moment(session["expires_at"]),
    )


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _phase(session: dict[str, Any], intent: dict[str, Any]) -> Phase:
    if session["payment_status"] == "paid":
        return Phase.SUCCEEDED
    if session["status"] == "complete":
        # Complete and unpaid is a delayed method: on its way, or returned by the bank.
        returned = intent.get("status") in ("requires_payment_method", "canceled")
        return Phase.FAILED if returned else Phase.PROCESSING
    return Phase.EXPIRED if session["status"] == "expired" else Phase.OPEN
