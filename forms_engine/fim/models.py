"""The file a draft was made from: needed to import again, to export with the ids it came with, and to prove origin."""

from django.conf import settings
from django.db import models

from forms_engine.definitions.models import FormVersion
from portal.common import clock


class FimSource(models.Model):
    """One import: the version it made, the raw files (schema and code lists as one ZIP), and what it had to tell."""

    version = models.OneToOneField(FormVersion, models.PROTECT, related_name="fim_source", verbose_name="Fassung")
    schema_id = models.CharField("Schema", max_length=64)
    schema_version = models.CharField("Version des Schemas", max_length=30, blank=True)
    standard = models.CharField("XDatenfelder", max_length=10)
    message_id = models.CharField("Nachricht", max_length=200, blank=True)
    sha256 = models.CharField("Prüfsumme der Datei", max_length=64)
    files = models.BinaryField("Dateien", editable=False)
    report = models.JSONField("Bericht", default=dict)
    imported_at = models.DateTimeField("eingelesen am", default=clock.now, editable=False)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="von"
    )

    class Meta:
        verbose_name = "FIM-Quelle"
        verbose_name_plural = "FIM-Quellen"
        ordering = ["-imported_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="fim_source_sha256_shape"),
            models.CheckConstraint(condition=models.Q(standard__in=["2", "3.0.0"]), name="fim_source_standard_known"),
        ]

    def __str__(self) -> str:
        return f"{self.schema_id}V{self.schema_version}"
