"""What is owed, how it is paid, what the ledger says, and what was heard from and said to a provider.

Money is integer euro cents. Triggers of migration 0002 keep facts frozen, the ledger append-only and balanced.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q

from payments.fold import Known
from payments.states import LIVE, PAYMENT_MOVES, RECEIVABLE_MOVES, WITH_MONEY, PaymentState, ReceivableState
from portal.common import clock


class DammValid(Func):
    """The database's own check of the check digit (migration 0001)."""

    function = "payments_damm_valid"
    output_field = models.BooleanField()


class Receivable(models.Model):
    """One sum one person owes the city. The Kassenzeichen identifies it on every statement."""

    moves = RECEIVABLE_MOVES

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    kassenzeichen = models.CharField("Kassenzeichen", max_length=13, unique=True)
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="receivables", verbose_name="zahlungspflichtig"
    )
    purpose = models.CharField("wofür", max_length=250)
    amount_cents = models.BigIntegerField("Betrag in Cent")
    state = models.CharField("Zustand", max_length=20, choices=ReceivableState.choices, default=ReceivableState.OPEN)
    due_on = models.DateField("fällig am")
    return_path = models.CharField("danach weiter zu", max_length=300)
    subject = models.CharField("Anlass", max_length=120, blank=True)  # opaque to us, e.g. "case:<uuid>"
    created_at = models.DateTimeField("entstanden", default=clock.now)
    paid_at = models.DateTimeField("bezahlt am", null=True, blank=True)
    cancelled_at = models.DateTimeField("aufgehoben am", null=True, blank=True)

    class Meta:
        verbose_name = "Forderung"
        verbose_name_plural = "Forderungen"
        indexes = [models.Index(fields=["payer", "-created_at"], name="receivable_of_person")]
        constraints = [
            models.CheckConstraint(
                condition=DammValid(F("kassenzeichen")) & Q(kassenzeichen__regex=r"^\d{13}$"),
                name="receivable_kassenzeichen_checked",
            ),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="receivable_amount_positive"),
            models.CheckConstraint(condition=Q(state__in=ReceivableState.values), name="receivable_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=["paid", "refunded"], paid_at__isnull=False)
                | (~Q(state__in=["paid", "refunded"]) & Q(paid_at=None)),
                name="receivable_paid_with_date",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_at=None)),
                name="receivable_cancelled_with_date",
            ),
            # One slash, then no second slash or backslash: never another host.
            models.CheckConstraint(condition=Q(return_path__regex=r"^/([^/\\]|$)"), name="receivable_return_path_own"),
        ]

    def __str__(self) -> str:
        return self.kassenzeichen


class ReceivableItem(models.Model):
    """One line of a receivable, with what the finance system needs to book it (XBezahldienste: bookingData)."""

    receivable = models.ForeignKey(Receivable, on_delete=models.CASCADE, related_name="items", verbose_name="Forderung")
    position = models.PositiveSmallIntegerField("Nummer")
    text = models.CharField("Text", max_length=250)
    amount_cents = models.BigIntegerField("Betrag in Cent")  # negative for a reduction
    booking = models.JSONField("Buchungsangaben", default=dict, blank=True)  # str -> str

    class Meta:
        verbose_name = "Posten"
        verbose_name_plural = "Posten"
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["receivable", "position"], name="item_position_once")]

    def __str__(self) -> str:
        return f"Position {self.position}"


class BookedAs(models.TextChoices):
    """Where the captured money of a payment went."""

    RECEIVABLE = "receivable", "Forderung beglichen"
    OVERPAYMENT = "overpayment", "Überzahlung"  # the receivable was already paid or cancelled
    SUSPENSE = "suspense", "ungeklärt"


class Problem(models.TextChoices):
    """What a person has to look at."""

    MISMATCH = "mismatch", "Betrag oder Nummer weicht beim Dienstleister ab"
    MISSING = "missing", "beim Dienstleister unbekannt"


class Payment(models.Model):
    """One attempt to pay one receivable through one provider."""

    moves = PAYMENT_MOVES

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    receivable = models.ForeignKey(
        Receivable, on_delete=models.PROTECT, related_name="payments", verbose_name="Forderung"
    )
    provider = models.CharField("Dienstleister", max_length=20)
    state = models.CharField("Zustand", max_length=20, choices=PaymentState.choices, default=PaymentState.CREATED)
    amount_cents = models.BigIntegerField("Betrag in Cent")
    captured_cents = models.BigIntegerField("eingezogen in Cent", default=0)
    refunded_cents = models.BigIntegerField("erstattet in Cent", default=0)
    booked_as = models.CharField("gebucht als", max_length=20, choices=BookedAs.choices, blank=True, default="")
    problem = models.CharField("Auffälligkeit", max_length=20, choices=Problem.choices, blank=True, default="")
    method = models.CharField("Zahlungsart", max_length=40, blank=True, default="")
    idempotency_key = models.UUIDField("Einmal-Schlüssel", default=clock.uuid, unique=True, editable=False)
    provider_ref = models.CharField("Nummer beim Dienstleister", max_length=255, null=True, blank=True)  # noqa: DJ001 - null: not known yet; unique
    intent_ref = models.CharField("Zahlungsnummer beim Dienstleister", max_length=255, blank=True, default="")
    redirect_url = models.URLField("Bezahlseite", max_length=2000, blank=True, default="")
    created_at = models.DateTimeField("begonnen", default=clock.now)
    expires_at = models.DateTimeField("Bezahlseite gilt bis")
    settled_at = models.DateTimeField("bestätigt", null=True, blank=True)
    ended_at = models.DateTimeField("ohne Geld beendet", null=True, blank=True)
    next_look_at = models.DateTimeField("nächste Nachfrage", null=True, blank=True)
    looked_at = models.DateTimeField("zuletzt nachgefragt", null=True, blank=True)
    last_error = models.CharField("letzter Fehler", max_length=80, blank=True, default="")

    class Meta:
        verbose_name = "Zahlung"
        verbose_name_plural = "Zahlungen"
        indexes = [
            # read by actions.sweep_payments
            models.Index(fields=["next_look_at"], name="payment_due", condition=Q(next_look_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="payment_state_known"),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(
                    refunded_cents__gte=0,
                    captured_cents__gte=F("refunded_cents"),
                    amount_cents__gte=F("captured_cents"),
                ),
                name="payment_refunded_captured_amount",
            ),
            models.CheckConstraint(
                condition=Q(state__in=WITH_MONEY, captured_cents__gt=0, settled_at__isnull=False) & ~Q(booked_as="")
                | ~Q(state__in=WITH_MONEY) & Q(captured_cents=0, settled_at=None, booked_as=""),
                name="payment_money_with_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["partially_refunded", "refunded"]) | Q(refunded_cents__gt=0),
                name="payment_refunded_with_state",
            ),
            # Only an intent that never reached the provider has no number there.
            models.CheckConstraint(
                condition=Q(state__in=["created", "failed"]) | Q(provider_ref__isnull=False),
                name="payment_known_to_provider",
            ),
            models.CheckConstraint(condition=Q(booked_as__in=["", *BookedAs.values]), name="payment_booked_as_known"),
            models.CheckConstraint(condition=Q(problem__in=["", *Problem.values]), name="payment_problem_known"),
            models.UniqueConstraint(fields=["provider", "provider_ref"], name="payment_provider_ref_once"),
            # Two tabs, a double click: one live payment.
            models.UniqueConstraint(
                fields=["receivable"], condition=Q(state__in=LIVE), name="payment_one_live_per_receivable"
            ),
            # Three bells, one settle: whatever happens, one payment at most settles a receivable.
            models.UniqueConstraint(
                fields=["receivable"], condition=Q(booked_as="receivable"), name="payment_one_settles_receivable"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    def known(self) -> Known:
        """What we know of this payment, as a value for fold()."""
        return Known(
            payment_id=str(self.public_id),
            state=PaymentState(self.state),
            amount_cents=self.amount_cents,
            captured_cents=self.captured_cents,
            refunded_cents=self.refunded_cents,
        )

    @property
    def is_live(self) -> bool:
        return self.state in LIVE


class Account(models.TextChoices):
    """Accounts of the ledger. Debit is positive, credit negative."""

    RECEIVABLES = "receivables", "Forderungen"
    REVENUE = "revenue", "Gebühren"
    CLEARING = "clearing", "Verrechnung Zahlungsdienstleister"
    OVERPAYMENTS = "overpayments", "Überzahlungen"
    SUSPENSE = "suspense", "ungeklärte Einzahlungen"


class Posting(models.Model):
    """One entry of the ledger: written once, never changed, never deleted (triggers of migration 0002)."""

    class Source(models.TextChoices):
        RECEIVABLE = "receivable", "Forderung"
        PAYMENT = "payment", "Zahlung"

    source_type = models.CharField("Anlass", max_length=20, choices=Source.choices)
    source_id = models.UUIDField("Kennung des Anlasses")
    leg = models.CharField("Schritt", max_length=40)  # opened, cancelled, captured:<total>, refunded:<total>
    at = models.DateTimeField("gebucht", default=clock.now)
    line_count = models.PositiveSmallIntegerField("Zeilen")  # so that nobody adds lines later

    class Meta:
        verbose_name = "Buchung"
        verbose_name_plural = "Buchungen"
        constraints = [
            models.UniqueConstraint(fields=["source_type", "source_id", "leg"], name="posting_once_per_leg"),
            models.CheckConstraint(condition=Q(line_count__gte=2), name="posting_two_lines"),
            models.CheckConstraint(condition=Q(source_type__in=["receivable", "payment"]), name="posting_source_known"),
        ]

    def __str__(self) -> str:
        return f"{self.source_type} {self.source_id} {self.leg}"


class PostingLine(models.Model):
    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="lines", verbose_name="Buchung")
    account = models.CharField("Konto", max_length=20, choices=Account.choices)
    cents = models.BigIntegerField("Cent, Soll positiv")

    class Meta:
        verbose_name = "Buchungszeile"
        verbose_name_plural = "Buchungszeilen"
        constraints = [
            models.CheckConstraint(condition=~Q(cents=0), name="line_not_empty"),
            models.CheckConstraint(condition=Q(account__in=Account.values), name="line_account_known"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.cents}"


class Bell(models.Model):
    """One event a provider told us of, stored before it is acknowledged. It says where to look, never what is true."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", "wartet"
        LOOKED = "looked", "nachgefragt"
        FOREIGN = "foreign", "betrifft keine unserer Zahlungen"
        GIVEN_UP = "given_up", "aufgegeben"

    provider = models.CharField("Dienstleister", max_length=20)
    event_id = models.CharField("Kennung", max_length=255)
    event_type = models.CharField("Art", max_length=120)
    # "" for events that speak of no payment. The body itself is not kept: it holds nothing more that we use.
    ref = models.CharField("Nummer beim Dienstleister", max_length=255, blank=True, default="")
    received_at = models.DateTimeField("gehört", default=clock.now)
    due_at = models.DateTimeField("fällig", default=clock.now)
    tries = models.PositiveSmallIntegerField("Versuche", default=0)
    outcome = models.CharField("Ergebnis", max_length=20, choices=Outcome.choices, default=Outcome.WAITING)
    processed_at = models.DateTimeField("erledigt", null=True, blank=True)

    class Meta:
        verbose_name = "Klingelzeichen"
        verbose_name_plural = "Klingelzeichen"
        indexes = [models.Index(fields=["due_at"], name="bell_waiting", condition=Q(processed_at=None))]
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="bell_event_once"),
            models.CheckConstraint(
                condition=Q(outcome="waiting", processed_at=None)
                | (Q(outcome__in=["looked", "foreign", "given_up"]) & Q(processed_at__isnull=False)),
                name="bell_outcome_with_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"


class OutboundCall(models.Model):
    """One wish to change something at a provider: committed before the call, closed after it.

    An `unknown` one that nobody closes is looked up at the provider, never sent again under a new key.
    """

    class Outcome(models.TextChoices):
        UNKNOWN = "unknown", "unbekannt"
        OK = "ok", "gelungen"
        ERROR = "error", "abgelehnt"

    key = models.CharField("Schlüssel", max_length=80, unique=True)  # "<verb>:<idempotency key of the payment>"
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="calls", verbose_name="Zahlung")
    request_hash = models.CharField("Prüfsumme der Anfrage", max_length=64)
    outcome = models.CharField("Ergebnis", max_length=20, choices=Outcome.choices, default=Outcome.UNKNOWN)
    error = models.CharField("Fehler", max_length=80, blank=True, default="")
    attempts = models.PositiveSmallIntegerField("Versuche", default=0)
    started_at = models.DateTimeField("begonnen", default=clock.now)
    finished_at = models.DateTimeField("beantwortet", null=True, blank=True)

    class Meta:
        verbose_name = "Aufruf"
        verbose_name_plural = "Aufrufe"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(outcome__in=["unknown", "ok", "error"]), name="call_outcome_known"),
        ]

    def __str__(self) -> str:
        return self.key
