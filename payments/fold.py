"""The provider's truth folded into what we know. Pure: values in, values out.

Folding never goes back: states only along PAYMENT_MOVES, cents only upwards. So the order in which answers arrive, and
how often, does not matter (tests/payments/test_fold.py).
"""

from dataclasses import dataclass, replace

from payments.gateways.base import Phase, ProviderState
from payments.states import PAYMENT_MOVES, PaymentState

CURRENCY = "eur"
_STATE_OF_PHASE = {
    Phase.OPEN: PaymentState.REDIRECTED,
    Phase.PROCESSING: PaymentState.PROCESSING,
    Phase.EXPIRED: PaymentState.EXPIRED,
    Phase.FAILED: PaymentState.FAILED,
}


class Mismatch(Exception):
    """The provider speaks of another payment, amount or currency: nothing may be booked, a person has to look."""


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of a payment. Cents; 0 <= refunded <= captured <= amount."""

    payment_id: str
    state: PaymentState
    amount_cents: int
    captured_cents: int = 0
    refunded_cents: int = 0


def fold(truth: ProviderState, known: Known) -> Known:
    """What we know after hearing `truth`; equal to `known` when it says nothing new. Raises Mismatch."""
    if (truth.payment_id, truth.amount_cents, truth.currency) != (known.payment_id, known.amount_cents, CURRENCY):
        raise Mismatch(truth.ref)
    if not 0 <= truth.refunded_cents <= truth.captured_cents <= known.amount_cents:
        raise Mismatch(truth.ref)
    captured = max(known.captured_cents, truth.captured_cents)
    refunded = max(known.refunded_cents, truth.refunded_cents)
    target = _state(truth.phase, captured, refunded)
    state = target if target in PAYMENT_MOVES[known.state] else known.state
    return replace(known, state=state, captured_cents=captured, refunded_cents=refunded)


def _state(phase: Phase, captured: int, refunded: int) -> PaymentState:
    if not captured:
        # "Succeeded" without captured money is not money: wait for the numbers.
        return _STATE_OF_PHASE.get(phase, PaymentState.PROCESSING)
    if not refunded:
        return PaymentState.SUCCEEDED
    return PaymentState.REFUNDED if refunded == captured else PaymentState.PARTIALLY_REFUNDED
