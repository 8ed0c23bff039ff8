"""The texts of letters as clerks keep them, and the previews that the worker draws of them."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from forms_engine.cases.models.kinds import DecisionKind
from forms_engine.definitions.models import Form
from portal.accounts.models import User
from portal.common import clock, crypto


class TemplateState(models.TextChoices):
    DRAFT = "draft", "Entwurf"
    PUBLISHED = "published", "veröffentlicht"


class LetterTemplate(models.Model):
    """The texts of one kind of decision of one form. A published version never changes; the newest one is used.

    `texts`: block (wording.texts.BLOCKS) -> source in the restricted template language.
    """

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="letter_templates", verbose_name="Formular")
    kind = models.CharField("Ergebnis", max_length=12, choices=DecisionKind.choices)
    number = models.PositiveSmallIntegerField("Fassung")
    state = models.CharField("Zustand", max_length=10, choices=TemplateState.choices, default=TemplateState.DRAFT)
    texts = models.JSONField("Texte", default=dict)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="geschrieben von")
    saved_at = models.DateTimeField("gespeichert am", default=clock.now)
    publisher = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="veröffentlicht von"
    )
    published_at = models.DateTimeField("veröffentlicht am", null=True, blank=True)

    class Meta:
        verbose_name = "Textvorlage"
        verbose_name_plural = "Textvorlagen"
        constraints = [
            models.UniqueConstraint(fields=["form", "kind", "number"], name="template_version_once"),
            models.UniqueConstraint(
                fields=["form", "kind"], condition=Q(state="draft"), name="one_template_draft_per_kind"
            ),
            models.CheckConstraint(condition=Q(kind__in=DecisionKind.values), name="template_kind_known"),
            models.CheckConstraint(condition=Q(number__gte=1), name="template_numbers_begin_at_one"),
            models.CheckConstraint(
                condition=Q(state="draft", publisher=None, published_at=None)
                | Q(state="published", publisher__isnull=False, published_at__isnull=False),
                name="template_published_by_somebody",
            ),
            models.CheckConstraint(condition=Q(publisher=None) | ~Q(publisher=F("author")), name="template_four_eyes"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, Fassung {self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == TemplateState.DRAFT


class PreviewState(models.TextChoices):
    WAITING = "waiting", "wartet"
    READY = "ready", "fertig"
    FAILED = "failed", "nicht möglich"


class LetterPreview(models.Model):
    """A PDF that somebody wants to see before anything is decided. Drawn by the worker, gone after an hour."""

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    wrapped_key = models.BinaryField()
    payload_sealed = models.BinaryField()
    pdf_sealed = models.BinaryField(default=bytes)
    state = models.CharField(max_length=10, choices=PreviewState.choices, default=PreviewState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "Ansicht eines Schreibens"
        verbose_name_plural = "Ansichten von Schreiben"
        indexes = [models.Index(fields=["asked_at"], name="preview_by_age")]
        constraints = [models.CheckConstraint(condition=Q(state__in=PreviewState.values), name="preview_state_known")]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def envelope(self) -> crypto.Envelope:
        return crypto.Envelope(self.wrapped_key)

    def place(self, field: str) -> str:
        return f"preview:{self.public_id}:{field}"

    def payload(self) -> dict[str, Any]:
        """Raises crypto.CannotOpen."""
        value: dict[str, Any] = self.envelope.open_json(self.payload_sealed, self.place("payload"))
        return value

    def pdf(self) -> bytes:
        """Raises crypto.CannotOpen."""
        return self.envelope.open(self.pdf_sealed, self.place("pdf"))
