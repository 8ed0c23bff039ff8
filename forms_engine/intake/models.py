"""What arrives beside the forms: one row per item before anything else happens to it (docs/adr/0035).

Sealed values: "inbound:<public_id>:<field>". Columns hold no content, no name and no address.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import F, Q

from forms_engine.cases.models import Case
from forms_engine.intake.states import AT_WORK, State
from portal.accounts.models import User
from portal.common import clock, crypto
from portal.directory.teams.models import Team, member_of
from portal.documents.models import StoredFile


class Source(models.TextChoices):
    MAIL = "mail", "E-Mail"
    SCAN = "scan", "Scan"
    API = "api", "anderes System"
    COURT = "court", "Gericht (beBPo)"


class SetAsideReason(models.TextChoices):
    MISDIRECTED = "misdirected", "Gehört nicht zur Stadt"
    SPAM = "spam", "Werbung oder Betrug"
    KNOWN = "known", "Liegt schon vor"
    NOTHING_TO_DO = "nothing_to_do", "Nichts zu tun"


class ApiSystem(models.Model):
    """Another system that hands things in. Its token is kept as a hash and shown once (command intake_system)."""

    name = models.CharField("Name", max_length=60, unique=True)
    token_hash = models.CharField("Prüfsumme des Schlüssels", max_length=64, unique=True, editable=False)
    is_active = models.BooleanField("darf einliefern", default=True)
    created_at = models.DateTimeField("angelegt am", default=clock.now, editable=False)
    used_at = models.DateTimeField("zuletzt benutzt", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "einlieferndes System"
        verbose_name_plural = "einliefernde Systeme"

    def __str__(self) -> str:
        return self.name


class InboundItemQuerySet(models.QuerySet["InboundItem"]):
    def seen_by(self, clerk: User) -> InboundItemQuerySet:
        """What nobody has been given yet, and what belongs to the clerk's teams."""
        mine = Team.objects.filter(member_of(clerk))
        return self.filter(Q(team=None) | Q(team__in=mine))


class InboundItem(models.Model):
    """Posteingang. The raw bytes are stored and committed with this row before anybody reads them."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    source = models.CharField("Quelle", max_length=5, choices=Source.choices)
    # What names it there, hashed: "<uidvalidity>:<uid>", "<file name>:<sha256>", "<system>:<idempotency key>",
    # "osci:<message id>".
    external_id = models.CharField("Kennung der Quelle", max_length=64, editable=False)
    fingerprint = models.CharField("Abdruck des Inhalts", max_length=64, editable=False)
    system = models.ForeignKey(ApiSystem, models.PROTECT, null=True, blank=True, verbose_name="System")
    raw = models.OneToOneField(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="Original")
    size = models.BigIntegerField("Größe in Byte")
    wrapped_key = models.BinaryField("Schlüssel", null=True, editable=False)
    sealed = models.BinaryField("Angaben, verschlüsselt", default=bytes, editable=False)
    state = models.CharField("Zustand", max_length=12, choices=State.choices, default=State.RECEIVED)
    problem = models.CharField("Warum es zu sichten ist", max_length=200, blank=True)
    received_at = models.DateTimeField("eingegangen", default=clock.now)
    changed_at = models.DateTimeField("zuletzt geändert", default=clock.now)
    # The row is the queue: when to look again, until when a worker holds it, and which worker.
    due_at = models.DateTimeField("fällig", null=True, default=clock.now)
    fence = models.PositiveIntegerField("Vergabe", default=0)
    attempts = models.PositiveSmallIntegerField("Versuche", default=0)
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="copies", verbose_name="doppelt zu"
    )
    suggested = models.ForeignKey(
        Case, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="vermuteter Vorgang"
    )
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="inbound", verbose_name="Vorgang"
    )
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="Team")
    handled_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="erledigt von"
    )
    reason = models.CharField("Grund", max_length=14, choices=SetAsideReason.choices, blank=True)
    # The acknowledgement to the sender of a mail (receipts.py).
    notice_due_at = models.DateTimeField("Bestätigung fällig", null=True, blank=True)
    notice_attempts = models.PositiveSmallIntegerField("Versuche der Bestätigung", default=0)
    emptied_at = models.DateTimeField("Inhalt vernichtet am", null=True, blank=True)

    objects = InboundItemQuerySet.as_manager()

    class Meta:
        verbose_name = "Eingang"
        verbose_name_plural = "Eingänge"
        indexes = [
            models.Index(fields=["due_at"], name="inbound_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["state", "received_at", "id"], name="inbound_list"),
            models.Index(fields=["notice_due_at"], name="inbound_owes_mail", condition=Q(notice_due_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="inbound_once_per_source"),
            models.UniqueConstraint(
                fields=["source", "fingerprint"],
                condition=Q(duplicate_of=None),
                name="inbound_same_bytes_once",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="inbound_state_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="inbound_source_known"),
            models.CheckConstraint(
                condition=Q(state="filed", case__isnull=False) | ~Q(state="filed") & Q(case=None),
                name="inbound_filed_in_a_case",
            ),
            models.CheckConstraint(
                condition=Q(state="duplicate", duplicate_of__isnull=False)
                | ~Q(state="duplicate") & Q(duplicate_of=None),
                name="inbound_duplicate_of_something",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(AT_WORK), due_at__isnull=False) | ~Q(state__in=sorted(AT_WORK)),
                name="inbound_at_work_is_due",
            ),
            models.CheckConstraint(
                condition=Q(state="set_aside") & ~Q(reason="") | ~Q(state="set_aside") & Q(reason=""),
                name="inbound_set_aside_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(emptied_at=None, wrapped_key__isnull=False, raw__isnull=False)
                | Q(emptied_at__isnull=False, wrapped_key=None, sealed=b""),
                name="inbound_whole_or_emptied",
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of=None) | ~Q(duplicate_of=F("id")), name="inbound_no_copy_of_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"inbound:{self.public_id}"

    @cached_property
    def envelope(self) -> crypto.Envelope:
        return crypto.Envelope(self.wrapped_key)

    def place(self, field: str) -> str:
        return f"{self}:{field}"

    def seal(self, facts: dict[str, Any]) -> bytes:
        """`facts` as letters.Facts.as_json() gives them."""
        return self.envelope.seal_json(facts, self.place("facts"))

    @cached_property
    def facts(self) -> dict[str, Any]:
        """name, subject, sender, text ... what parsing found; {} before. Raises crypto.KeyDestroyed once emptied."""
        found: dict[str, Any] = self.envelope.open_json(self.sealed, self.place("facts")) if self.sealed else {}
        return found


class InboundPart(models.Model):
    """One file inside an item: an attachment of a mail. A scan has none, it is the file."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    item = models.ForeignKey(InboundItem, models.CASCADE, related_name="parts", verbose_name="Eingang")
    position = models.PositiveSmallIntegerField("Stelle")
    stored = models.OneToOneField(StoredFile, models.PROTECT, related_name="+", verbose_name="Datei")
    name_sealed = models.BinaryField("Dateiname, verschlüsselt", default=bytes)

    class Meta:
        verbose_name = "Teil eines Eingangs"
        verbose_name_plural = "Teile eines Eingangs"
        constraints = [models.UniqueConstraint(fields=["item", "position"], name="inbound_part_once")]

    def __str__(self) -> str:
        return f"inbound_part:{self.public_id}"

    @property
    def name(self) -> str:
        """Raises crypto.KeyDestroyed once the item is emptied."""
        return self.item.envelope.open(self.name_sealed, f"{self}:name").decode()


class Acknowledged(models.Model):
    """One acknowledgement a day and sender: whoever answers it in turn gets no second one (RFC 3834, section 2)."""

    day = models.DateField("Tag")
    address_hash = models.CharField("Prüfsumme der Adresse", max_length=64)

    class Meta:
        verbose_name = "Eingangsbestätigung"
        verbose_name_plural = "Eingangsbestätigungen"
        constraints = [models.UniqueConstraint(fields=["day", "address_hash"], name="acknowledged_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day}"
