"""How long a case is kept, what the archive said, who let it go, and the record that stays of it (docs/adr/0036)."""

from django.db import models
from django.db.models import F, Q

from forms_engine.cases.models.case import Case
from portal.accounts.models import User
from portal.common import clock


class Stage(models.TextChoices):
    KEPT = "kept", "aufbewahrt"
    OFFERED = "offered", "dem Archiv angeboten"
    WANTED = "wanted", "Archiv übernimmt"
    CLEARED = "cleared", "zur Freigabe"  # the archive has it, waives it or is not asked
    APPROVED = "approved", "zur Vernichtung freigegeben"
    DESTROYED = "destroyed", "vernichtet"


class ArchiveAnswer(models.TextChoices):
    NOT_ASKED = "not_asked", "nicht anzubieten"
    WAIVED = "waived", "Archiv verzichtet"
    HANDED_OVER = "handed_over", "an das Archiv übergeben"


class Disposal(models.Model):
    """The end of one case as a row: the row is the queue. Its stage is written by disposal.py only.

    `until` is the last day on which the case is kept; None: no rule says when, so it is never due.
    """

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    case = models.OneToOneField(Case, models.PROTECT, related_name="disposal", verbose_name="Vorgang")
    stage = models.CharField("Stand", max_length=10, choices=Stage.choices, default=Stage.KEPT)
    until = models.DateField("aufbewahren bis", null=True, blank=True)
    basis = models.CharField("Rechtsgrundlage", max_length=200, blank=True)
    offer = models.BooleanField("dem Archiv anzubieten", default=True)
    computed_at = models.DateTimeField("berechnet am", default=clock.now)
    held_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Sperre gesetzt von"
    )
    held_at = models.DateTimeField("Sperre gesetzt am", null=True, blank=True)
    hold_reason = models.CharField("Grund der Sperre", max_length=200, blank=True)
    offered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="vorgelegt von"
    )
    offered_at = models.DateTimeField("vorgelegt am", null=True, blank=True)
    answer = models.CharField("Antwort des Archivs", max_length=12, choices=ArchiveAnswer.choices, blank=True)
    answered_at = models.DateTimeField("beantwortet am", null=True, blank=True)
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="freigegeben von"
    )
    approved_at = models.DateTimeField("freigegeben am", null=True, blank=True)
    destroyed_at = models.DateTimeField("vernichtet am", null=True, blank=True)

    class Meta:
        verbose_name = "Aussonderung"
        verbose_name_plural = "Aussonderungen"
        indexes = [
            models.Index(fields=["until", "id"], name="disposal_due", condition=Q(stage="kept")),
            models.Index(fields=["stage", "until", "id"], name="disposal_by_stage"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="disposal_stage_known"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("offered_by")), name="disposal_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["approved", "destroyed"], approved_by__isnull=False, approved_at__isnull=False)
                & Q(offered_by__isnull=False, until__isnull=False)
                & ~Q(answer="")
                | ~Q(stage__in=["approved", "destroyed"]) & Q(approved_by=None, approved_at=None),
                name="disposal_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(stage="destroyed", destroyed_at__isnull=False)
                | ~Q(stage="destroyed") & Q(destroyed_at=None),
                name="disposal_destroyed_once",
            ),
            models.CheckConstraint(
                condition=Q(held_at=None, held_by=None, hold_reason="")
                | Q(held_at__isnull=False, held_by__isnull=False) & ~Q(hold_reason="") & ~Q(stage="destroyed"),
                name="disposal_held_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"disposal:{self.public_id}"

    @property
    def is_held(self) -> bool:
        return self.held_at is not None


class DisposalRecord(models.Model):
    """What was destroyed, when, by whom and why. Stays for ever, never changes (trigger), names no citizen."""

    number = models.CharField("Aktenzeichen", max_length=24, unique=True)
    form = models.CharField("Formular", max_length=60)
    closed_on = models.DateField("abgeschlossen am")
    kept_until = models.DateField("aufbewahrt bis")
    basis = models.CharField("Rechtsgrundlage", max_length=200)
    answer = models.CharField("Antwort des Archivs", max_length=12, choices=ArchiveAnswer.choices)
    offered_by = models.CharField("vorgelegt von", max_length=36)  # public ids of staff
    approved_by = models.CharField("freigegeben von", max_length=36)
    approved_at = models.DateTimeField("freigegeben am")
    destroyed_at = models.DateTimeField("vernichtet am", default=clock.now)
    files = models.PositiveIntegerField("vernichtete Dateien")
    kept_files = models.PositiveIntegerField("Dateien, die im Postfach bleiben")

    class Meta:
        verbose_name = "Vernichtungsnachweis"
        verbose_name_plural = "Vernichtungsnachweise"
        indexes = [models.Index(fields=["-destroyed_at", "-id"], name="disposal_records")]
        constraints = [
            models.CheckConstraint(condition=~Q(offered_by=F("approved_by")), name="disposal_record_four_eyes")
        ]

    def __str__(self) -> str:
        return self.number
