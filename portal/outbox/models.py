"""Facts that must travel upward, written in the transaction that made them true."""

from django.db import models

from portal.common import clock


class OutboxMessage(models.Model):
    """One fact: a topic and the key of the row it speaks of. Never personal data."""

    topic = models.CharField("Thema", max_length=80)
    key = models.CharField("Schlüssel", max_length=80)
    dedupe_key = models.CharField("Einmal-Schlüssel", max_length=160, unique=True, null=True, blank=True)
    created_at = models.DateTimeField("entstanden", default=clock.now)
    due_at = models.DateTimeField("fällig", default=clock.now)
    attempts = models.PositiveIntegerField("Versuche", default=0)
    last_error = models.TextField("letzter Fehler", blank=True)
    done_at = models.DateTimeField("erledigt", null=True, blank=True)
    dead_at = models.DateTimeField("aufgegeben", null=True, blank=True)

    class Meta:
        verbose_name = "Meldung"
        verbose_name_plural = "Meldungen"
        indexes = [
            # read by relay.drain_one
            models.Index(fields=["due_at", "id"], name="outbox_open", condition=models.Q(done_at=None, dead_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at=None) | models.Q(dead_at=None), name="outbox_done_or_dead_not_both"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"
