"""What is decided: proposals, decisions, and the papers that the worker makes of them."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _lazy

from forms_engine.cases.models.case import Case
from forms_engine.cases.models.kinds import ENDING, REFUSING, UNDATED, DecisionKind
from forms_engine.cases.models.templates import LetterTemplate
from mailbox.models import Message
from payments.models import Receivable
from portal.accounts.models import User
from portal.common import clock
from portal.documents.models import StoredFile


class Proposal(models.Model):
    """A decision that one clerk has signed and a second one has to sign too, or to send back with a reason.

    It binds nobody: the Decision is made when the second clerk signs.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proposals", verbose_name="Vorgang")
    kind = models.CharField("Ergebnis", max_length=12, choices=DecisionKind.choices)
    reasons = models.JSONField("Gründe", default=list, blank=True)
    valid_from = models.DateField("gültig ab", null=True, blank=True)
    valid_until = models.DateField("gültig bis", null=True, blank=True)
    area = models.CharField("Gebiet", max_length=80, blank=True)
    fee_cents = models.PositiveBigIntegerField("Gebühr in Cent", null=True, blank=True)
    template = models.ForeignKey(LetterTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    replaces = models.ForeignKey("Decision", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    explanation_sealed = models.BinaryField(editable=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="vorgeschlagen von")
    signed_at = models.DateTimeField("vorgeschlagen am", default=clock.now)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="beantwortet von"
    )
    answered_at = models.DateTimeField("beantwortet am", null=True, blank=True)
    note_sealed = models.BinaryField(default=bytes, editable=False)  # why it was sent back
    parts_sealed = models.BinaryField(default=bytes, editable=False)  # what is granted and refused, and the clauses

    class Meta:
        verbose_name = "Entscheidungsvorschlag"
        verbose_name_plural = "Entscheidungsvorschläge"
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(answered_at=None), name="one_open_proposal_per_case"),
            models.CheckConstraint(condition=Q(kind__in=DecisionKind.values), name="proposal_kind_known"),
            models.CheckConstraint(
                condition=Q(answered_by=None, answered_at=None)
                | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="proposal_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("author")), name="proposal_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_kind_display()}"


class Decision(models.Model):
    """Bescheid. The payload is frozen when the clerk signs it off; the worker turns it into one sealed PDF."""

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions", verbose_name="Vorgang")
    revision = models.PositiveSmallIntegerField("Fassung", default=1)
    kind = models.CharField("Ergebnis", max_length=12, choices=DecisionKind.choices)
    reasons = models.JSONField("Gründe", default=list, blank=True)  # keys of the form's refusal reasons
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="entschieden von")
    approver = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="gegengezeichnet von"
    )
    signed_at = models.DateTimeField("entschieden am", default=clock.now)
    valid_from = models.DateField("gültig ab", null=True, blank=True)
    valid_until = models.DateField("gültig bis", null=True, blank=True)
    area = models.CharField("Gebiet", max_length=80, blank=True)  # for the open statistics; no personal datum
    needs_approval = models.BooleanField("braucht zwei Personen", default=False)
    template = models.ForeignKey(
        LetterTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Textvorlage"
    )
    # Which earlier one it replaces or ends. That one says nothing of it: a signed decision is final.
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="ersetzt"
    )
    # What a fee notice demands; a fee for something granted stands at the case.
    receivable = models.OneToOneField(
        Receivable, on_delete=models.PROTECT, null=True, blank=True, related_name="decision", verbose_name="Forderung"
    )
    issued_at = models.DateTimeField("erlassen", null=True, blank=True)
    withdrawn_at = models.DateTimeField("zurückgezogen", null=True, blank=True)  # before it counted (withdrawing.py)

    class Meta:
        verbose_name = "Bescheid"
        verbose_name_plural = "Bescheide"
        constraints = [
            models.UniqueConstraint(fields=["case", "revision"], name="decision_once_per_revision"),
            models.CheckConstraint(condition=Q(kind__in=DecisionKind.values), name="decision_kind_known"),
            models.CheckConstraint(condition=Q(approver=None) | ~Q(approver=F("author")), name="decision_four_eyes"),
            models.CheckConstraint(
                condition=Q(valid_from=None, valid_until=None)
                | (~Q(kind__in=sorted(UNDATED)) & Q(valid_from__isnull=False))
                & (Q(valid_until=None) | Q(valid_until__gte=F("valid_from"))),
                name="decision_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(needs_approval=False) | Q(approver__isnull=False), name="decision_approved_if_needed"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(REFUSING)) | ~Q(reasons=[]), name="decision_refused_with_reasons"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(ENDING)) | Q(replaces__isnull=False), name="decision_ends_an_earlier_one"
            ),
            models.CheckConstraint(
                condition=Q(replaces=None) | Q(revision__gt=1) & ~Q(replaces=F("id")),
                name="decision_replaces_an_earlier_one",
            ),
            models.CheckConstraint(
                condition=Q(kind="fee_notice", receivable__isnull=False) | ~Q(kind="fee_notice") & Q(receivable=None),
                name="decision_fee_notice_demands",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(issued_at__isnull=False, replaces=None),
                name="decision_withdrawn_after_issue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.get_kind_display()}"


class PaperKind(models.TextChoices):
    RECEIPT = "receipt", _lazy("Antragsbestätigung")
    DECISION = "decision", _lazy("Bescheid")


PAPER_SLUGS = {PaperKind.RECEIPT: "antragsbestaetigung", PaperKind.DECISION: "bescheid"}


class PaperState(models.TextChoices):
    QUEUED = "queued", "wartet"
    ISSUED = "issued", "fertig"
    PARKED = "parked", "angehalten"


class Paper(models.Model):
    """One PDF that the worker owes the citizen: the row is the queue, claimed with a lease and a fence.

    The finishing transaction stores the file, posts the message and marks the row; the unique message makes the
    delivery exactly-once whatever was rendered how often.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers", verbose_name="Vorgang")
    kind = models.CharField("Art", max_length=12, choices=PaperKind.choices)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="paper")
    payload_sealed = models.BinaryField()
    payload_sha256 = models.CharField(max_length=64)
    # The status code for the message that carries the receipt, never for the paper itself. Empty once it is posted.
    code_sealed = models.BinaryField(default=b"", editable=False)
    state = models.CharField("Zustand", max_length=10, choices=PaperState.choices, default=PaperState.QUEUED)
    due_at = models.DateTimeField("fällig", default=clock.now)
    lease_until = models.DateTimeField("in Arbeit bis", null=True, blank=True)
    fence = models.PositiveIntegerField("Vergabe", default=0)
    attempts = models.PositiveSmallIntegerField("Versuche", default=0)
    last_error = models.CharField("letzter Fehler", max_length=200, blank=True)
    code = models.CharField("Prüfcode", max_length=20, unique=True)  # printed on the paper, so it comes first
    ordered_at = models.DateTimeField("veranlasst", default=clock.now)
    stored = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField("fertig", null=True, blank=True)

    # The finished paper whose decision took the place of this one's, or ended it: only on objects of queries.papers().
    newer: "Paper | None" = None

    class Meta:
        verbose_name = "Schriftstück"
        verbose_name_plural = "Schriftstücke"
        indexes = [
            models.Index(fields=["due_at", "id"], name="paper_open", condition=Q(state="queued"))
        ]  # read by the sweep
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(kind="receipt"), name="one_receipt_per_case"),
            models.CheckConstraint(condition=Q(state__in=PaperState.values), name="paper_state_known"),
            models.CheckConstraint(
                condition=Q(kind="decision", decision__isnull=False) | Q(kind="receipt", decision=None),
                name="paper_decision_iff_decision",
            ),
            models.CheckConstraint(
                condition=~Q(state="issued") | Q(stored__isnull=False, message__isnull=False, issued_at__isnull=False),
                name="paper_issued_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.case}"

    @property
    def name(self) -> str:
        """What it is called: in German on itself, on pages in their language."""
        if self.decision is not None and self.decision.kind == DecisionKind.CERTIFICATE:
            return gettext("Bescheinigung")
        if self.decision is not None and self.decision.kind == DecisionKind.FEE_NOTICE:
            return gettext("Gebührenbescheid")
        if self.decision is None and self.case.is_report:
            return gettext("Meldungsbestätigung")
        return self.get_kind_display()

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken back before it counted."""
        return self.decision is not None and self.decision.withdrawn_at is not None

    @property
    def outdated(self) -> str:
        """What happened to it, in a word for the page; "" while it holds, as far as queries.papers() found."""
        if self.newer is None or self.newer.decision is None:
            return ""
        match self.newer.decision.kind:
            case DecisionKind.TAKEN_BACK:
                return gettext("zurückgenommen")
            case DecisionKind.REVOKED:
                return gettext("widerrufen")
        return gettext("ersetzt")

    @property
    def outdated_on(self) -> dt.date | None:
        """The day from which it holds no longer: the one that its end names, or that on which the newer one came."""
        if self.newer is None or self.newer.decision is None or self.newer.issued_at is None:
            return None
        named = self.newer.decision.valid_from if self.newer.decision.kind in ENDING else None
        return named or clock.local(self.newer.issued_at).date()

    @property
    def slug(self) -> str:
        """The German word in the address of its download; a further decision has its number behind it."""
        word = PAPER_SLUGS[PaperKind(self.kind)]
        return f"{word}-{self.decision.revision}" if self.decision and self.decision.revision > 1 else word

    def status_code(self) -> str:
        """The code its message hands over; "" for papers without one."""
        if not self.code_sealed:
            return ""
        return self.case.envelope.open(self.code_sealed, self.case.place("status_code")).decode()

    def payload(self) -> dict[str, Any]:
        """The frozen content. Raises crypto.CannotOpen."""
        value: dict[str, Any] = self.case.envelope.open_json(self.payload_sealed, self.case.place(f"paper:{self.kind}"))
        return value
