"""How owners keep their post, and who else looked into it: folders, archives to take away, emergency looks."""

from django.db import models

from mailbox.models.messages import Mailbox, Message
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.common import clock
from portal.documents.models import StoredFile


class ExportState(models.TextChoices):
    WAITING = "waiting", "wird erstellt"
    READY = "ready", "fertig"
    FAILED = "failed", "nicht möglich"


class Export(models.Model):
    """An archive of a mailbox, or of some messages, on its way: ordered by the owner, packed by a worker."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="exports", verbose_name="Postfach")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="bestellt von")
    asked_at = models.DateTimeField("bestellt", default=clock.now)
    # Chosen messages, by their keys; empty: all.
    chosen = models.JSONField("Auswahl", default=list, blank=True)
    # The highest level of what is in it: asked again of whoever fetches it.
    level = models.PositiveSmallIntegerField("Vertrauensniveau", choices=TrustLevel.choices, default=TrustLevel.NONE)
    state = models.CharField("Zustand", max_length=8, choices=ExportState.choices, default=ExportState.WAITING)
    due_at = models.DateTimeField("fällig", default=clock.now)  # the queue and the lease
    attempts = models.PositiveSmallIntegerField("Versuche", default=0)  # the fence, too
    stored = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="Datei")

    class Meta:
        verbose_name = "Archiv"
        verbose_name_plural = "Archive"
        indexes = [models.Index(fields=["due_at"], name="export_waiting", condition=models.Q(state="waiting"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(level__in=TrustLevel.values), name="export_level_known"),
            models.CheckConstraint(
                condition=models.Q(state="ready", stored__isnull=False)
                | models.Q(state__in=["waiting", "failed"], stored=None),
                name="export_ready_has_file",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class EmergencyLook(models.Model):
    """Somebody of the house who has no case asks to read a message; a second person allows it, for an hour.

    The reason lies sealed with the message's mailbox, at "message:<public_id>:look:<public_id of the look>": it may
    name people, and the owner reads it.
    """

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    message = models.ForeignKey(Message, models.PROTECT, related_name="looks", verbose_name="Nachricht")
    sealed_reason = models.BinaryField("Grund, verschlüsselt")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="beantragt von")
    asked_at = models.DateTimeField("beantragt", default=clock.now)
    answered_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="entschieden von",
    )
    answered_at = models.DateTimeField("entschieden", null=True, blank=True)
    allowed = models.BooleanField("erlaubt", null=True)

    class Meta:
        verbose_name = "Notzugriff"
        verbose_name_plural = "Notzugriffe"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_by=None) | ~models.Q(answered_by=models.F("asked_by")),
                name="look_takes_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_by=None, answered_at=None, allowed=None)
                | models.Q(answered_by__isnull=False, answered_at__isnull=False, allowed__isnull=False),
                name="look_answer_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)
