"""The states of a receivable and of a payment, which may follow which, and the only writer of a status."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _lazy

if TYPE_CHECKING:
    from payments.models import Payment, Receivable


class ReceivableState(models.TextChoices):
    OPEN = "open", _lazy("offen")
    PAID = "paid", _lazy("bezahlt")
    CANCELLED = "cancelled", _lazy("aufgehoben")
    REFUNDED = "refunded", _lazy("erstattet")


class PaymentState(models.TextChoices):
    """In the order in which a payment can move: an older answer of the provider never moves it back."""

    CREATED = "created", "vorgemerkt"  # our intent is written, the provider may not know it yet
    REDIRECTED = "redirected", "auf der Bezahlseite"
    PROCESSING = "processing", "in Prüfung"  # delayed methods, such as direct debit
    EXPIRED = "expired", "abgelaufen"
    FAILED = "failed", "nicht ausgeführt"
    SUCCEEDED = "succeeded", "bezahlt"
    PARTIALLY_REFUNDED = "partially_refunded", "teilweise erstattet"
    REFUNDED = "refunded", "erstattet"


LIVE = (PaymentState.CREATED, PaymentState.REDIRECTED, PaymentState.PROCESSING)
ENDED_UNPAID = (PaymentState.EXPIRED, PaymentState.FAILED)
WITH_MONEY = (PaymentState.SUCCEEDED, PaymentState.PARTIALLY_REFUNDED, PaymentState.REFUNDED)

RECEIVABLE_MOVES: Mapping[str, frozenset[str]] = {
    ReceivableState.OPEN: frozenset({ReceivableState.PAID, ReceivableState.CANCELLED}),
    ReceivableState.PAID: frozenset({ReceivableState.REFUNDED}),
    ReceivableState.CANCELLED: frozenset(),
    ReceivableState.REFUNDED: frozenset(),
}
# Late success: what once failed or expired may still turn out to be paid. The provider's word counts, not ours.
PAYMENT_MOVES: Mapping[str, frozenset[str]] = {
    PaymentState.CREATED: frozenset(
        {PaymentState.REDIRECTED, PaymentState.PROCESSING, *ENDED_UNPAID, *WITH_MONEY},
    ),
    PaymentState.REDIRECTED: frozenset({PaymentState.PROCESSING, *ENDED_UNPAID, *WITH_MONEY}),
    PaymentState.PROCESSING: frozenset({PaymentState.FAILED, *WITH_MONEY}),
    PaymentState.EXPIRED: frozenset(WITH_MONEY),
    PaymentState.FAILED: frozenset(WITH_MONEY),
    # Staying counts as a move where the cents may grow.
    PaymentState.SUCCEEDED: frozenset(WITH_MONEY),
    PaymentState.PARTIALLY_REFUNDED: frozenset({PaymentState.PARTIALLY_REFUNDED, PaymentState.REFUNDED}),
    PaymentState.REFUNDED: frozenset({PaymentState.REFUNDED}),
}

Row = TypeVar("Row", "Receivable", "Payment")


class IllegalMove(Exception):
    """This state does not follow that one; the message names both."""


def advance(row: Row, to: str, **changes: object) -> bool:
    """Move a row to a state, together with `changes` (field -> new value), by one conditional update.

    The update applies only while state and changed fields still hold what `row` shows. False: somebody was faster,
    nothing was written, read again. Raises IllegalMove.
    """
    if to not in row.moves[row.state]:
        raise IllegalMove(f"{type(row).__name__} {row.public_id}: {row.state} -> {to}")
    seen = {name: getattr(row, name) for name in changes}
    changed = type(row)._default_manager.filter(pk=row.pk, state=row.state, **seen).update(state=to, **changes)
    if changed:
        for name, value in {"state": to, **changes}.items():
            setattr(row, name, value)
    return bool(changed)
