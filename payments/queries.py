"""Reads for pages, lists and reports."""

from django.db.models import Case, Prefetch, QuerySet, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from payments.models import Payment, Receivable
from payments.states import PaymentState, ReceivableState
from portal.accounts.models import User
from portal.accounts.parties import matters
from portal.common import clock, formats, references

METHODS = {
    "card": _lazy("Karte"),
    "paypal": "PayPal",
    "sepa_debit": "SEPA-Lastschrift",
    "wero": "Wero",
    "klarna": "Klarna",
}

_STANDING = {
    ReceivableState.PAID.value: ("success", "bezahlt"),
    ReceivableState.CANCELLED.value: ("", "aufgehoben"),
    ReceivableState.REFUNDED.value: ("info", "erstattet"),
}


def for_person(user: User, by: User | None = None) -> QuerySet[Receivable]:
    """Everything a person owes or paid, newest first, each with `payments` loaded, newest first.

    `by`: the agent who looks, and sees only what belongs to matters they may see.
    """
    scope = matters.as_far_as(by, matters.WORK, key="subject", principal="payer")
    payments = Payment.objects.order_by("-created_at", "-pk")
    return (
        Receivable.objects.filter(scope, payer=user)
        .prefetch_related(Prefetch("payments", queryset=payments))
        .order_by("-created_at", "-pk")
    )


def open_first(rows: QuerySet[Receivable]) -> QuerySet[Receivable]:
    """What is to pay, then the rest, each newest first."""
    to_pay = Case(When(state=ReceivableState.OPEN, then=0), default=1)
    return rows.order_by(to_pay, "-created_at", "-pk")


def latest_payment(receivable: Receivable) -> Payment | None:
    """The attempt a returning person speaks of: the live one, else the last one begun."""
    return receivable.payments.order_by("-created_at", "-pk").first()


def settling_payment(receivable: Receivable) -> Payment | None:
    """The payment that settled a receivable."""
    return receivable.payments.filter(booked_as="receivable").first()


def standing(receivable: Receivable) -> tuple[str, str]:
    """Kind of badge (KERN colour, "" for none) and text, from the rows for_person() loaded."""
    if receivable.state != ReceivableState.OPEN:
        return _STANDING[receivable.state]
    if any(payment.state == PaymentState.PROCESSING for payment in receivable.payments.all()):
        return "info", _("wird geprüft")
    return "warning", _("zu bezahlen") if receivable.due_on >= clock.today() else _("überfällig")


def under_way(receivable: Receivable) -> bool:
    """The person did their part, the bank has not answered yet."""
    return receivable.payments.filter(state=PaymentState.PROCESSING).exists()


def unsettled(receivable: Receivable) -> bool:
    """Whether anything is still to be paid or to be heard of."""
    return receivable.state == ReceivableState.OPEN or under_way(receivable)


def proof(receivable: Receivable) -> list[tuple[str, str]]:
    """Label and value of each line of the proof of payment; empty while nothing is paid."""
    payment = settling_payment(receivable)
    if payment is None or receivable.paid_at is None:
        return []
    paid_on = clock.local(receivable.paid_at)
    return [
        (_("Bezahlt"), formats.eur(receivable.amount_cents)),
        (_("Wofür"), receivable.purpose),
        (_("Bezahlt am"), formats.in_words(paid_on, "moment")),
        (_("Zahlungsart"), str(METHODS.get(payment.method, "online"))),
        (_("Kassenzeichen"), references.grouped(receivable.kassenzeichen)),
        (_("Zahlungsnummer"), str(payment.public_id)),
    ]


def proof_text(receivable: Receivable, *, city: str) -> str:
    """The proof of payment as plain text, for messages and for the download. "" while nothing is paid."""
    lines = proof(receivable)
    if not lines:
        return ""
    body = "\n".join(f"{label}: {value}" for label, value in lines)
    return (
        f"Zahlungsbestätigung\n{city}\n\n{body}\n\nWir haben Ihre Zahlung erhalten. Heben Sie diese Bestätigung auf.\n"
    )
