"""The sealed proof of service of a delivery, made by a worker each time the delivery comes to rest."""

from django.db import models
from django.db.models import Q

from mailbox.models.deliveries import Delivery, DeliveryEvent
from portal.common import clock
from portal.documents.models import StoredFile


class Proof(models.Model):
    """What had happened up to one event. Never redrawn: what happens later makes another proof."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="proofs", verbose_name="Zustellung")
    event = models.OneToOneField(DeliveryEvent, models.PROTECT, related_name="+", verbose_name="bis zum Ereignis")
    ordered_at = models.DateTimeField("veranlasst", default=clock.now)
    stored = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="Datei")
    made_at = models.DateTimeField("erstellt", null=True, blank=True)
    # The queue, and the lease of whoever draws it; null once it is made.
    due_at = models.DateTimeField("fällig", null=True, default=clock.now)
    fence = models.PositiveIntegerField("Zaun", default=0)

    class Meta:
        verbose_name = "Zustellnachweis"
        verbose_name_plural = "Zustellnachweise"
        ordering = ["id"]
        indexes = [models.Index(fields=["due_at"], name="proof_due", condition=Q(due_at__isnull=False))]
        constraints = [
            models.CheckConstraint(
                condition=Q(stored=None, made_at=None, due_at__isnull=False)
                | Q(stored__isnull=False, made_at__isnull=False, due_at=None),
                name="proof_made_or_due",
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)
