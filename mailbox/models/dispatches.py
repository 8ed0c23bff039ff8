"""What leaves the house by another way than the postbox: letters, court mail, messages to other authorities.

One row per parcel; its public id is the idempotency key that the other side sees on every try. Address and facts are
sealed under the row's own key at "dispatch:<public_id>:<field>".
"""

from django.db import models
from django.db.models import Q

from mailbox.models.deliveries import Delivery
from portal.common import clock
from portal.documents.models import StoredFile


class Channel(models.TextChoices):
    LETTER = "letter", "Brief"
    BEBPO = "bebpo", "beBPo (Gericht)"
    FITCONNECT = "fitconnect", "FIT-Connect (Behörde)"


class DispatchState(models.TextChoices):
    QUEUED = "queued", "wartet"
    SENDING = "sending", "wird übergeben"
    HANDED = "handed", "übergeben"
    CONFIRMED = "confirmed", "bestätigt"
    RETURNED = "returned", "zurückgekommen"
    FAILED = "failed", "gescheitert"
    CANCELLED = "cancelled", "abgebrochen"


class Dispatch(models.Model):
    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    channel = models.CharField("Weg", max_length=12, choices=Channel.choices)
    delivery = models.OneToOneField(
        Delivery, models.PROTECT, null=True, blank=True, related_name="dispatch", verbose_name="Zustellung"
    )
    thread = models.CharField("Faden", max_length=120, blank=True)  # opaque to us, e.g. "case:<uuid>"
    wrapped_key = models.BinaryField("Schlüssel", null=True)
    sealed_to = models.BinaryField("Empfänger, verschlüsselt", default=b"")
    sealed_about = models.BinaryField("Angaben, verschlüsselt", default=b"")
    state = models.CharField("Zustand", max_length=10, choices=DispatchState.choices, default=DispatchState.QUEUED)
    due_at = models.DateTimeField("fällig", default=clock.now)
    attempts = models.PositiveIntegerField("Versuche", default=0)
    fence = models.PositiveIntegerField("Zaun", default=0)  # rises with each claim; only the newest may finish
    lease_until = models.DateTimeField("vergeben bis", null=True, blank=True)
    reference = models.CharField("Kennung der Gegenseite", max_length=120, blank=True)
    sha256 = models.CharField("Prüfsumme", max_length=64, blank=True)  # of what was handed over
    last_error = models.CharField("letzter Fehler", max_length=120, blank=True)  # a class and a code, never content
    created_at = models.DateTimeField("angelegt", default=clock.now)
    handed_at = models.DateTimeField("übergeben", null=True, blank=True)
    confirmed_at = models.DateTimeField("bestätigt", null=True, blank=True)

    class Meta:
        verbose_name = "Sendung"
        verbose_name_plural = "Sendungen"
        indexes = [
            models.Index(fields=["due_at"], name="dispatch_queued", condition=Q(state=DispatchState.QUEUED)),
            models.Index(fields=["lease_until"], name="dispatch_sending", condition=Q(state=DispatchState.SENDING)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DispatchState.values), name="dispatch_state_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="dispatch_channel_known"),
            models.CheckConstraint(
                condition=Q(channel=Channel.LETTER, delivery__isnull=False)
                | ~Q(channel=Channel.LETTER) & Q(delivery=None),
                name="dispatch_letter_has_delivery",
            ),
            models.CheckConstraint(
                condition=Q(state=DispatchState.SENDING, lease_until__isnull=False)
                | ~Q(state=DispatchState.SENDING) & Q(lease_until=None),
                name="dispatch_lease_while_sending",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class DispatchFile(models.Model):
    """A document of a parcel. Its name is sealed at "dispatch:<public_id>:file:<position>"."""

    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="files", verbose_name="Sendung")
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="Datei")
    sealed_name = models.BinaryField("Name, verschlüsselt")
    position = models.PositiveSmallIntegerField("Platz")

    class Meta:
        verbose_name = "Datei einer Sendung"
        verbose_name_plural = "Dateien einer Sendung"
        ordering = ["dispatch_id", "position"]
        constraints = [models.UniqueConstraint(fields=["dispatch", "position"], name="dispatch_file_place_once")]

    def __str__(self) -> str:
        return f"{self.dispatch} Datei {self.position}"


class DispatchEvent(models.Model):
    """Append-only: what happened to a parcel, and what the other side answered."""

    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="events", verbose_name="Sendung")
    kind = models.CharField("Ereignis", max_length=20)
    at = models.DateTimeField("Zeitpunkt", default=clock.now)
    detail = models.JSONField("Angaben", default=dict, blank=True)
    once = models.CharField("Einmal-Schlüssel", max_length=120, null=True, blank=True)  # noqa: DJ001 - NULLs differ

    class Meta:
        verbose_name = "Ereignis einer Sendung"
        verbose_name_plural = "Ereignisse einer Sendung"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["dispatch", "once"], name="dispatch_event_once")]

    def __str__(self) -> str:
        return f"{self.dispatch} {self.kind}"
