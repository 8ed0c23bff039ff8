"""Counters, what can be booked at them, and who booked what. The database refuses a double booking."""

import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from appointments.states import OCCUPYING, State
from portal.accounts.models import User
from portal.accounts.parties import matters
from portal.common import clock
from portal.directory.models import Office

NO_DOUBLE_BOOKING = "appointment_no_double_booking"
ONE_LIVE = "appointment_one_live_per_subject"
ONE_PER_KEY = "appointment_one_per_key"


class Counter(models.Model):
    """One desk at which one person at a time is served."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="counters", verbose_name="Dienststelle")
    number = models.PositiveSmallIntegerField("Nummer", validators=[MinValueValidator(1)])
    active = models.BooleanField(
        "nimmt neue Termine an", default=True, help_text="Abschalten lässt gebuchte Termine stehen."
    )

    class Meta:
        verbose_name = "Schalter"
        verbose_name_plural = "Schalter"
        ordering = ["office", "number"]
        constraints = [
            models.UniqueConstraint(fields=["office", "number"], name="counter_number_once_per_office"),
            models.CheckConstraint(condition=Q(number__gte=1), name="counter_number_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.office}, Schalter {self.number}"


class Offering(models.Model):
    """What people can come for at an office, and how long it takes."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="offerings", verbose_name="Dienststelle")
    slug = models.SlugField("Kurzname", max_length=80)
    title = models.CharField("Titel", max_length=160)
    minutes = models.PositiveSmallIntegerField(
        "Dauer in Minuten", validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    lead_minutes = models.PositiveIntegerField(
        "Vorlauf in Minuten", default=60, help_text="So lange vor Beginn ist eine Zeit nicht mehr buchbar."
    )
    horizon_days = models.PositiveSmallIntegerField(
        "Buchbar für so viele Tage im Voraus",
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    bring = models.TextField("Das bringen Sie mit", blank=True)
    active = models.BooleanField("buchbar", default=True)

    class Meta:
        verbose_name = "Terminangebot"
        verbose_name_plural = "Terminangebote"
        ordering = ["office", "title"]
        constraints = [
            models.UniqueConstraint(fields=["office", "slug"], name="offering_slug_once_per_office"),
            models.CheckConstraint(condition=Q(minutes__range=(5, 480)), name="offering_minutes_5_to_480"),
            models.CheckConstraint(condition=Q(horizon_days__range=(1, 365)), name="offering_horizon_1_to_365"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.office}"


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def occupying(self) -> "AppointmentQuerySet":
        """Those that keep their counter busy."""
        return self.filter(state__in=OCCUPYING)

    def ahead(self, now: dt.datetime) -> "AppointmentQuerySet":
        """Booked and not over yet, earliest first."""
        return self.filter(state=State.BOOKED, during__endswith__gt=now).order_by("during", "id")

    def of(self, user: User, by: User | None = None) -> "AppointmentQuerySet":
        """A person's appointments; for an agent only those of matters they may see."""
        return self.filter(matters.as_far_as(by, matters.WORK, key="subject", principal="holder"), holder=user)

    def open_to(self, user: User) -> "AppointmentQuerySet":
        """What a person may see and change: their own, and those of matters they work on for others today."""
        others = matters.open_to(user, matters.WORK, key="subject", principal="holder")
        return self.filter(Q(holder=user) | Q(others))

    def with_place(self) -> "AppointmentQuerySet":
        return self.select_related("counter", "offering__office__organisation")


class Appointment(models.Model):
    """A person's time at a counter. `subject` is opaque to us, e.g. "case:<uuid>": what the appointment is about."""

    public_id = models.UUIDField("Kennung", default=clock.uuid, unique=True, editable=False)
    offering = models.ForeignKey(
        Offering, on_delete=models.PROTECT, related_name="appointments", verbose_name="Terminangebot"
    )
    counter = models.ForeignKey(Counter, on_delete=models.PROTECT, related_name="appointments", verbose_name="Schalter")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments", verbose_name="Person"
    )
    during = DateTimeRangeField("Zeit")  # [start, end)
    number = models.CharField("Wartenummer", max_length=12)
    state = models.CharField("Stand", max_length=20, choices=State.choices, default=State.BOOKED)
    subject = models.CharField("Anlass", max_length=120)
    idempotency_key = models.CharField("Einmal-Schlüssel", max_length=160)
    version = models.PositiveIntegerField("Fassung", default=0)  # counts changes; SEQUENCE of the calendar file
    created_at = models.DateTimeField("gebucht am", default=clock.now, editable=False)
    changed_at = models.DateTimeField("geändert am", default=clock.now, editable=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = "Termin"
        verbose_name_plural = "Termine"
        indexes = [models.Index(fields=["holder", "during"], name="appointment_of_holder")]  # read by queries.of
        constraints = [
            ExclusionConstraint(
                name=NO_DOUBLE_BOOKING,
                expressions=[("counter", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(state__in=OCCUPYING),
            ),
            models.UniqueConstraint(fields=["subject", "offering"], condition=Q(state=State.BOOKED), name=ONE_LIVE),
            models.UniqueConstraint(fields=["holder", "subject", "offering", "idempotency_key"], name=ONE_PER_KEY),
            models.CheckConstraint(condition=Q(state__in=State.values), name="appointment_state_known"),
            models.CheckConstraint(
                condition=Q(during__isempty=False)
                & Q(during__lower_inc=True, during__upper_inc=False)
                & Q(during__lower_inf=False, during__upper_inf=False),
                name="appointment_during_is_a_stretch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offering.title}, {clock.local(self.starts):%d.%m.%Y %H:%M}"

    @property
    def starts(self) -> dt.datetime:
        start: dt.datetime = self.during.lower
        return start

    @property
    def ends(self) -> dt.datetime:
        end: dt.datetime = self.during.upper
        return end

    @property
    def office(self) -> Office:
        return self.offering.office

    def can_change(self, now: dt.datetime) -> bool:
        """Whether it may still be cancelled or moved: until it begins."""
        return self.state == State.BOOKED and now < self.starts


class AppointmentEvent(models.Model):
    """What happened to an appointment. Append-only: a trigger refuses UPDATE and DELETE (migration 0002)."""

    class Kind(models.TextChoices):
        BOOKED = "booked", "gebucht"
        MOVED = "moved", "verschoben"
        CANCELLED = "cancelled", "abgesagt"
        WITHDRAWN = "withdrawn", "von der Dienststelle abgesagt"
        ELAPSED = "elapsed", "vorbei"

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="events", verbose_name="Termin")
    at = models.DateTimeField("Zeitpunkt", default=clock.now)
    kind = models.CharField("Was", max_length=20, choices=Kind.choices)
    actor = models.CharField("Wer", max_length=80)  # public id of a user, or "system:<part>"
    counter_number = models.PositiveSmallIntegerField("Schalter danach")
    during = DateTimeRangeField("Zeit danach")

    class Meta:
        verbose_name = "Ereignis"
        verbose_name_plural = "Ereignisse"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["booked", "moved", "cancelled", "withdrawn", "elapsed"]),
                name="appointment_event_kind_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {clock.local(self.at):%d.%m.%Y %H:%M}"
