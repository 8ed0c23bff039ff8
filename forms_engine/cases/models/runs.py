"""Decisions for many cases at once: a query, a kind, a text, and a row for every case that is to get one."""

from django.db import models
from django.db.models import F, Q

from forms_engine.cases.models.case import Case
from forms_engine.cases.models.decisions import Decision
from forms_engine.cases.models.kinds import DecisionKind
from forms_engine.cases.models.templates import LetterTemplate
from forms_engine.definitions.models import Form
from portal.accounts.models import User
from portal.common import clock


class RunState(models.TextChoices):
    PROPOSED = "proposed", "wartet auf Freigabe"
    APPROVED = "approved", "läuft"
    DONE = "done", "erledigt"
    DISCARDED = "discarded", "verworfen"


class DecisionRun(models.Model):
    """Serienbescheid. Its items are fixed when it is proposed, so the second person approves exactly these cases."""

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+", verbose_name="Formular")
    kind = models.CharField("Ergebnis", max_length=12, choices=DecisionKind.choices)
    template = models.ForeignKey(LetterTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField("Anlass", max_length=120)
    explanation = models.TextField("Begründung", blank=True)
    fee_cents = models.PositiveBigIntegerField("Gebühr in Cent", null=True, blank=True)
    state = models.CharField("Zustand", max_length=10, choices=RunState.choices, default=RunState.PROPOSED)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="vorbereitet von")
    proposed_at = models.DateTimeField("vorbereitet am", default=clock.now)
    approver = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="freigegeben von"
    )
    approved_at = models.DateTimeField("freigegeben am", null=True, blank=True)

    class Meta:
        verbose_name = "Serienbescheid"
        verbose_name_plural = "Serienbescheide"
        indexes = [models.Index(fields=["id"], name="run_at_work", condition=Q(state="approved"))]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state_known"),
            models.CheckConstraint(condition=Q(approver=None) | ~Q(approver=F("author")), name="run_four_eyes"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "discarded"], approver=None, approved_at=None)
                | Q(state__in=["approved", "done"], approver__isnull=False, approved_at__isnull=False),
                name="run_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(kind="certificate", fee_cents=None)
                | Q(kind="fee_notice", fee_cents__isnull=False, fee_cents__gt=0),
                name="run_kind_for_many",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ItemState(models.TextChoices):
    WAITING = "waiting", "wartet"
    ORDERED = "ordered", "veranlasst"
    SKIPPED = "skipped", "ausgelassen"


class DecisionRunItem(models.Model):
    """One case of a run: the row is the queue. Decision, paper and this row change in one transaction."""

    run = models.ForeignKey(DecisionRun, on_delete=models.CASCADE, related_name="items")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    state = models.CharField("Zustand", max_length=10, choices=ItemState.choices, default=ItemState.WAITING)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="run_item")
    why = models.CharField("Grund", max_length=120, blank=True)

    class Meta:
        verbose_name = "Vorgang eines Serienbescheids"
        verbose_name_plural = "Vorgänge eines Serienbescheids"
        indexes = [models.Index(fields=["run", "id"], name="run_item_waiting", condition=Q(state="waiting"))]
        constraints = [
            models.UniqueConstraint(fields=["run", "case"], name="case_once_per_run"),
            models.CheckConstraint(
                condition=Q(state="ordered", decision__isnull=False)
                | Q(state__in=["waiting", "skipped"], decision=None),
                name="run_item_ordered_with_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.case_id}"
