"""How a decision reached its recipient: one Delivery per message, each step of it an event that nobody can change.

Rows hold rules, states, days and codes. The only thing sealed is the postal address for a letter, under the key of the
recipient's mailbox at the place "delivery:<public_id>:address".
"""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from mailbox.delivery_states import DeliveryState
from mailbox.models.messages import Message
from mailbox.rules import Rule, Trigger
from portal.common import clock


class RuleQuerySet(models.QuerySet["AnnouncementRule"]):
    def on(self, day: dt.date) -> "RuleQuerySet":
        """Those that hold on that day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)


class AnnouncementRule(models.Model):
    """One row of mailbox.rules as the operator keeps it. Rows of one code never overlap; a delivery keeps a copy."""

    code = models.CharField("Regel", max_length=20)
    basis = models.CharField("Rechtsgrundlage", max_length=80)
    trigger = models.CharField(
        "Tage zählen ab",
        max_length=10,
        choices=[
            (Trigger.NOTICE.value, "Absendung des Hinweises"),
            (Trigger.PROVISION.value, "Bereitstellung"),
            (Trigger.POSTING.value, "Aufgabe zur Post"),
            (Trigger.RETRIEVAL.value, "Abruf"),
        ],
    )
    days = models.PositiveSmallIntegerField("Tage")
    other_days = models.PositiveSmallIntegerField("Tage nach anderer Lesart", null=True, blank=True)
    weekend_shift = models.BooleanField("verschiebt sich auf den nächsten Werktag", default=False)
    valid_from = models.DateField("gilt ab")
    valid_to = models.DateField("gilt bis", null=True, blank=True)
    consent = models.CharField("nötige Einwilligung", max_length=20, blank=True)
    expiry_days = models.PositiveSmallIntegerField("Bereitstellung endet nach Tagen", null=True, blank=True)
    source = models.CharField("Fundstelle", max_length=200)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = "Bekanntgabe-Regel"
        verbose_name_plural = "Bekanntgabe-Regeln"
        ordering = ["code", "valid_from"]
        constraints = [
            models.CheckConstraint(condition=Q(trigger__in=[t.value for t in Trigger]), name="rule_trigger_known"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="rule_ends_after"
            ),
            ExclusionConstraint(
                name="rule_rows_do_not_overlap",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), F("valid_to"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ab {self.valid_from}"

    def rule(self) -> Rule:
        names = [field.name for field in self._meta.concrete_fields if field.name != "id"]
        values = {name: getattr(self, name) for name in names}
        return Rule(**values | {"trigger": Trigger(self.trigger)})


class Ended(models.TextChoices):
    """By what a decision became known."""

    FICTION = "fiction", "Zeitablauf"
    RETRIEVAL = "retrieval", "Abruf"
    POST = "post", "Brief"


# Where a day stands on which the decision counts as announced, unless something comes in between.
WITH_DAY = (
    DeliveryState.NOTICE_SENT,
    DeliveryState.ANNOUNCED,
    DeliveryState.LETTER_HANDED,
    DeliveryState.ANNOUNCED_BY_POST,
)
KNOWN_STATES = (DeliveryState.ANNOUNCED, DeliveryState.ANNOUNCED_BY_POST)


class Delivery(models.Model):
    """The way of one decision to one person. `rule` and `consent` are copies of the day on which it was posted."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    message = models.OneToOneField(Message, models.PROTECT, related_name="delivery", verbose_name="Nachricht")
    state = models.CharField("Stand", max_length=20, choices=DeliveryState.choices, default=DeliveryState.PLANNED)
    rule = models.JSONField("Regel")
    letter_rule = models.JSONField("Regel für den Brief", null=True, blank=True)
    consent = models.JSONField("Einwilligung", null=True, blank=True)  # kind, version, sha256 of the text, given at
    # Whether the decision instructs on legal remedies; None: nothing in it to appeal against.
    instructed = models.BooleanField("Rechtsbehelfsbelehrung", null=True, blank=True)
    sealed_address = models.BinaryField("Anschrift, verschlüsselt", null=True)
    planned_at = models.DateTimeField("geplant", default=clock.now)
    provided_at = models.DateTimeField("bereitgestellt", null=True, blank=True)
    noticed_at = models.DateTimeField("Hinweis versandt", null=True, blank=True)  # the first that was proven
    counts_on = models.DateField("gilt als bekannt gegeben am", null=True, blank=True)
    announced_on = models.DateField("bekannt gegeben am", null=True, blank=True)
    announced_by = models.CharField("bekannt gegeben durch", max_length=10, choices=Ended.choices, blank=True)
    appeal_until = models.DateField("Frist bis", null=True, blank=True)
    lapsed_at = models.DateTimeField("Bereitstellung beendet", null=True, blank=True)
    posted_on = models.DateField("Brief aufgegeben am", null=True, blank=True)
    due_at = models.DateTimeField("nächster Schritt fällig", null=True, blank=True)

    class Meta:
        verbose_name = "Zustellung"
        verbose_name_plural = "Zustellungen"
        indexes = [models.Index(fields=["due_at"], name="delivery_due", condition=Q(due_at__isnull=False))]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
            models.CheckConstraint(condition=Q(counts_on=None) | Q(state__in=WITH_DAY), name="delivery_no_stray_day"),
            models.CheckConstraint(
                condition=Q(state__in=KNOWN_STATES, announced_on__isnull=False) & ~Q(announced_by="")
                | ~Q(state__in=KNOWN_STATES) & Q(announced_on=None, announced_by="", appeal_until=None),
                name="delivery_announced_has_day",
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.PLANNED)
                | Q(state=DeliveryState.WITHDRAWN)
                | Q(provided_at__isnull=False),
                name="delivery_provided_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Evidence(models.TextChoices):
    """What an event proves. All but the last three are named as the state they led to."""

    PLANNED = "planned", "geplant"
    PROVIDED = "provided", "bereitgestellt"
    NOTICE_SENT = "notice_sent", "Hinweis versandt"
    NOTICE_FAILED = "notice_failed", "Hinweis gescheitert"
    LAPSED = "lapsed", "Bereitstellung beendet"
    LETTER_QUEUED = "letter_queued", "Brief veranlasst"
    LETTER_HANDED = "letter_handed", "Brief aufgegeben"
    ANNOUNCED = "announced", "bekannt gegeben"
    ANNOUNCED_BY_POST = "announced_by_post", "durch Brief bekannt gegeben"
    RETURNED = "returned", "Brief zurückgekommen"
    WITHDRAWN = "withdrawn", "zurückgenommen"
    RETRIEVED = "retrieved", "abgerufen"
    DOWNLOADED = "downloaded", "Anlage abgerufen"
    REPORT = "report", "Meldung des Mailservers"


class DeliveryEvent(models.Model):
    """Append-only: one step or one piece of evidence. `detail` holds codes, days and reply lines, never content."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="events", verbose_name="Zustellung")
    kind = models.CharField("Ereignis", max_length=20, choices=Evidence.choices)
    origin = models.CharField("Stand davor", max_length=20, blank=True)
    target = models.CharField("Stand danach", max_length=20, blank=True)  # empty: evidence that changed no state
    at = models.DateTimeField("Zeitpunkt", default=clock.now)
    actor = models.CharField("Wer", max_length=80)  # public id of a user, or "system:mailbox"
    detail = models.JSONField("Angaben", default=dict, blank=True)
    once = models.CharField("Einmal-Schlüssel", max_length=80, null=True, blank=True)  # noqa: DJ001 - NULLs differ

    class Meta:
        verbose_name = "Ereignis der Zustellung"
        verbose_name_plural = "Ereignisse der Zustellung"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Evidence.values), name="delivery_event_known"),
            models.UniqueConstraint(fields=["delivery", "once"], name="delivery_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery} {self.kind}"
