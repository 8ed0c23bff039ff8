"""What the city offers, where and by whom: master data that many pages read and few people change."""

import re

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q


class Weekday(models.IntegerChoices):
    """Counted like datetime.date.weekday()."""

    MONDAY = 0, "Montag"
    TUESDAY = 1, "Dienstag"
    WEDNESDAY = 2, "Mittwoch"
    THURSDAY = 3, "Donnerstag"
    FRIDAY = 4, "Freitag"
    SATURDAY = 5, "Samstag"
    SUNDAY = 6, "Sonntag"


class Organisation(models.Model):
    """A department of the city (Referat)."""

    short = models.CharField("Kürzel", max_length=10, unique=True)
    name = models.CharField("Name", max_length=160)

    class Meta:
        verbose_name = "Referat"
        verbose_name_plural = "Referate"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Office(models.Model):
    """A place people can visit."""

    slug = models.SlugField("Kurzname in der Adresse", max_length=80, unique=True)
    name = models.CharField("Name", max_length=160)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="offices", verbose_name="Referat"
    )
    street = models.CharField("Straße und Hausnummer", max_length=160)
    postcode = models.CharField(
        "Postleitzahl",
        max_length=5,
        validators=[RegexValidator(r"^\d{5}$", "Geben Sie eine Postleitzahl mit 5 Ziffern ein.")],
    )
    place = models.CharField("Ort", max_length=80, default="München")
    phone = models.CharField("Telefon", max_length=40, blank=True)
    accessibility = models.TextField("Barrierefreiheit", blank=True)
    note = models.TextField("Hinweis für Besucher*innen", blank=True)
    hours_note = models.TextField("Hinweis zu den Öffnungszeiten", blank=True)

    class Meta:
        verbose_name = "Dienststelle"
        verbose_name_plural = "Dienststellen"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(postcode__regex=r"^\d{5}$"), name="office_postcode_of_5_digits"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return f"{self.street}, {self.postcode} {self.place}"

    @property
    def phone_link(self) -> str:
        """The number for a tel: link, e.g. +498923396000 (RFC 3966, global number)."""
        return "+49" + re.sub(r"\D", "", self.phone).removeprefix("0")


class WallRange(Func):
    """Two local times as a range of one nameless day, so that PostgreSQL can compare opening hours."""

    template = "tsrange(date '2000-01-01' + %(expressions)s)"
    arg_joiner = ", date '2000-01-01' + "


class OpeningHours(models.Model):
    """One stretch of a weekday in local wall time; a lunch break makes two rows."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="hours", verbose_name="Dienststelle")
    weekday = models.PositiveSmallIntegerField("Wochentag", choices=Weekday.choices)
    opens = models.TimeField("öffnet")
    closes = models.TimeField("schließt")

    class Meta:
        verbose_name = "Öffnungszeit"
        verbose_name_plural = "Öffnungszeiten"
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__in=Weekday.values), name="hours_weekday_known"),
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes")),
                name="hours_open_before_close",
                violation_error_message="Die Dienststelle muss öffnen, bevor sie schließt. Tauschen Sie die Zeiten.",
            ),
            ExclusionConstraint(
                name="hours_do_not_overlap",
                expressions=[
                    ("office", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (WallRange("opens", "closes"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class Closure(models.Model):
    """Days on which one office, or the whole city (office empty), is closed beyond weekends and public holidays."""

    office = models.ForeignKey(
        Office,
        on_delete=models.CASCADE,
        related_name="closures",
        null=True,
        blank=True,
        verbose_name="Dienststelle",
        help_text="Leer lassen, wenn alle Dienststellen geschlossen sind.",
    )
    first_day = models.DateField("erster Tag")
    last_day = models.DateField("letzter Tag")
    reason = models.CharField("Grund", max_length=160, help_text="Steht auf der Seite der Dienststelle.")

    class Meta:
        verbose_name = "Schließtag"
        verbose_name_plural = "Schließtage"
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")),
                name="closure_first_day_not_after_last",
                violation_error_message="Der erste Tag muss vor dem letzten liegen. Tauschen Sie die Tage.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.first_day:%d.%m.%Y}–{self.last_day:%d.%m.%Y}"


class Service(models.Model):
    """What the city does for people (Leistung), with its key in the national catalogue (LeiKa)."""

    slug = models.SlugField("Kurzname in der Adresse", max_length=80, unique=True)
    title = models.CharField("Titel", max_length=160)
    leika = models.CharField("LeiKa-Schlüssel", max_length=14, blank=True)
    summary = models.TextField("Kurzbeschreibung", blank=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="services", verbose_name="Referat"
    )
    offices = models.ManyToManyField(Office, related_name="services", blank=True, verbose_name="Dienststellen")

    class Meta:
        verbose_name = "Leistung"
        verbose_name_plural = "Leistungen"
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(leika="") | Q(leika__regex=r"^\d{14}$"),
                name="service_leika_of_14_digits",
                violation_error_message="Geben Sie den LeiKa-Schlüssel mit 14 Ziffern ein.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
