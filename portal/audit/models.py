"""Append-only record of what was done. A trigger refuses UPDATE and DELETE (migration 0002)."""

from django.db import models

from portal.common import clock


class AuditEntry(models.Model):
    """Who did what to which row. `data` holds keys and numbers, never answers, names or addresses."""

    at = models.DateTimeField("Zeitpunkt", default=clock.now)
    actor = models.CharField("Wer", max_length=80)  # public id of a user, or "system:<part>"
    action = models.CharField("Was", max_length=80)  # dotted verb, e.g. case.submitted
    subject = models.CharField("Woran", max_length=120)  # "case:<public id>"
    data = models.JSONField("Angaben", default=dict, blank=True)
    # Linked after commit by actions.link(): a global lock inside each transaction would serialise the house.
    position = models.BigIntegerField("Platz in der Kette", null=True, unique=True, editable=False)
    hash = models.BinaryField("Prüfsumme", null=True, editable=False)

    class Meta:
        verbose_name = "Protokolleintrag"
        verbose_name_plural = "Protokolleinträge"
        indexes = [
            models.Index(fields=["subject", "id"], name="audit_subject"),
            models.Index(fields=["id"], name="audit_unlinked", condition=models.Q(position=None)),  # read by link()
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(position=None, hash=None) | models.Q(position__isnull=False, hash__isnull=False),
                name="audit_position_with_hash",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
