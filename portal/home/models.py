"""What visitors report, and the public terminals at which some of them stand."""

import hashlib

from django.db import models
from django.db.models import Q

from portal.common import clock
from portal.common.crypto import Envelope
from portal.directory.models import Office


class BarrierReport(models.Model):
    """Somebody cannot read or use a page (BITV 2.0 § 7: feedback; answer within a month, BGG § 12b (4)).

    What was written and how to answer is sealed: it often tells of a disability. After `disposed_at` the key is gone.
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    page = models.CharField("Seite", max_length=500)
    wrapped_key = models.BinaryField("Schlüssel", null=True, editable=False)
    text_sealed = models.BinaryField("Meldung, verschlüsselt", editable=False)
    contact_sealed = models.BinaryField("Antwort an, verschlüsselt", editable=False)
    created_at = models.DateTimeField("eingegangen", default=clock.now, editable=False)
    answer_by = models.DateField("zu beantworten bis")
    answered_at = models.DateTimeField("erledigt", null=True, blank=True)
    disposed_at = models.DateTimeField("gelöscht", null=True, blank=True)

    class Meta:
        verbose_name = "gemeldete Barriere"
        verbose_name_plural = "gemeldete Barrieren"
        ordering = ["answer_by", "id"]
        indexes = [models.Index(fields=["answered_at"], name="barrier_answered", condition=Q(disposed_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(disposed_at=None, wrapped_key__isnull=False)
                | Q(disposed_at__isnull=False, answered_at__isnull=False, wrapped_key=None),
                name="barrier_disposed_only_once_answered",
            )
        ]

    def __str__(self) -> str:
        return f"barrier:{self.public_id}"

    def seal(self, text: str, contact: str) -> None:
        envelope = Envelope(self.wrapped_key)
        self.text_sealed = envelope.seal(text.encode(), f"{self}:text")
        self.contact_sealed = envelope.seal(contact.encode(), f"{self}:contact")

    def opened(self) -> tuple[str, str]:
        """(text, contact). Raises crypto.KeyDestroyed once it is disposed of."""
        envelope = Envelope(self.wrapped_key)
        return (
            envelope.open(self.text_sealed, f"{self}:text").decode(),
            envelope.open(self.contact_sealed, f"{self}:contact").decode(),
        )


class Terminal(models.Model):
    """A public terminal of the city. Its browser proves itself by a secret in a cookie; only the hash is kept."""

    name = models.CharField("Name", max_length=120, unique=True)
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Dienststelle"
    )
    secret_hash = models.CharField("Prüfsumme des Schlüssels", max_length=64, unique=True, editable=False)
    idle_seconds = models.PositiveIntegerField("Sekunden ohne Eingabe bis zum Ende", default=180)
    warn_seconds = models.PositiveIntegerField("davon mit Ansage", default=60)
    is_active = models.BooleanField("in Betrieb", default=True)
    ended_count = models.PositiveIntegerField("beendete Besuche", default=0, editable=False)
    created_at = models.DateTimeField("eingerichtet am", default=clock.now, editable=False)

    class Meta:
        verbose_name = "Terminal"
        verbose_name_plural = "Terminals"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                # WCAG 2.2.1: at least 20 seconds to ask for more time.
                condition=Q(warn_seconds__gte=20) & Q(idle_seconds__gt=models.F("warn_seconds")),
                name="terminal_warns_long_enough",
                violation_error_message="Die Ansage braucht mindestens 20 Sekunden und liegt vor dem Ende.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()
