"""What the city offers, where and by whom: master data that many pages read and few people change."""

import re
from collections.abc import Collection as Names
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

from portal.common import clock
from portal.directory import richtext
from portal.directory.wording import Words, check_translations, words

KEPT = "Ein Import aus einer anderen Quelle lässt diesen Eintrag, wie er ist."


class Weekday(models.IntegerChoices):
    """Counted like datetime.date.weekday()."""

    MONDAY = 0, _lazy("Montag")
    TUESDAY = 1, _lazy("Dienstag")
    WEDNESDAY = 2, _lazy("Mittwoch")
    THURSDAY = 3, _lazy("Donnerstag")
    FRIDAY = 4, _lazy("Freitag")
    SATURDAY = 5, _lazy("Samstag")
    SUNDAY = 6, _lazy("Sonntag")


class RichTextField(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """HTML that everybody may read: whatever is saved through the ORM has passed richtext.clean()."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return richtext.clean(prepared) if isinstance(prepared, str) else prepared


def _source_once(name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=["source", "source_id"],
        condition=~Q(source_id=""),
        name=name,
        violation_error_message="Diese Kennung der Quelle ist schon vergeben. Prüfen Sie Quelle und Kennung.",
    )


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
    latitude = models.DecimalField("Breite", max_digits=9, decimal_places=6, null=True, blank=True)  # WGS 84, degrees
    longitude = models.DecimalField("Länge", max_digits=9, decimal_places=6, null=True, blank=True)
    public = models.BooleanField("öffentlich", default=True)
    source = models.CharField("Quelle", max_length=40, blank=True)
    source_id = models.CharField("Kennung in der Quelle", max_length=40, blank=True)
    kept = models.BooleanField("hier gepflegt", default=False, help_text=KEPT)

    class Meta:
        verbose_name = "Dienststelle"
        verbose_name_plural = "Dienststellen"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(postcode__regex=r"^\d{5}$"), name="office_postcode_of_5_digits"),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                    latitude__isnull=False,
                    longitude__isnull=False,
                ),
                name="office_on_this_globe",
            ),
            _source_once("office_source_id_once"),
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


class ServiceQuerySet(models.QuerySet["Service"]):
    def public(self) -> "ServiceQuerySet":
        """Those that are offered to everybody; the others are known to clerks and to booking only, or are retired."""
        return self.filter(public=True, retired_on=None)

    def with_page(self) -> "ServiceQuerySet":
        """Those that have a page: a link of last year still leads to what became of the service."""
        return self.filter(public=True)

    def online(self, forms: Names[str]) -> "ServiceQuerySet":
        """Those that can be applied for with one of these forms."""
        return self.filter(form_slug__in=forms)


# The modules of a service description (XZuFi), in the order in which a page shows them: field -> heading.
SECTIONS = {
    "description": _lazy("Worum es geht"),
    "eligibility": _lazy("Wer das beantragen kann"),
    "requirements": _lazy("Voraussetzungen"),
    "documents": _lazy("Diese Unterlagen brauchen Sie"),
    "prepare": _lazy("Das legen Sie bereit"),
    "procedure": _lazy("So läuft es ab"),
    "fee": _lazy("Gebühren"),
    "processing": _lazy("Bearbeitungsdauer"),
    "deadline": _lazy("Fristen"),
    "legal_basis": _lazy("Rechtsgrundlage"),
}


class Service(models.Model):
    """What the city does for people (Leistung), with its keys in the national catalogue (LeiKa)."""

    slug = models.SlugField("Kurzname in der Adresse", max_length=80, unique=True)
    title = models.CharField("Titel", max_length=250)
    leika = models.CharField("LeiKa-Schlüssel", max_length=14, blank=True)
    further_leika = ArrayField(
        models.CharField(max_length=14), verbose_name="weitere LeiKa-Schlüssel", default=list, blank=True
    )
    summary = models.TextField("Kurzbeschreibung", blank=True)
    translations = models.JSONField(
        "Übersetzungen",
        default=dict,
        blank=True,
        validators=[check_translations],
        help_text='Zum Beispiel {"en": {"title": "…", "summary": "…"}, "de-simple": {"title": "…", "summary": "…"}}',
    )
    description = RichTextField("Worum es geht", blank=True)
    eligibility = RichTextField("Wer das beantragen kann", blank=True)
    requirements = RichTextField("Voraussetzungen", blank=True)
    documents = RichTextField("Unterlagen", blank=True)
    prepare = RichTextField("Bereitlegen", blank=True)
    procedure = RichTextField("Ablauf", blank=True)
    fee = RichTextField("Gebühren", blank=True)
    processing = RichTextField("Bearbeitungsdauer", blank=True)
    deadline = RichTextField("Fristen", blank=True)
    legal_basis = RichTextField("Rechtsgrundlage", blank=True)
    keywords = models.TextField(
        "Stichwörter", blank=True, help_text="Wörter, unter denen Menschen suchen, durch Komma getrennt."
    )
    links = models.JSONField("Formulare und Links", default=list, blank=True)  # [{"name": ..., "url": "https://..."}]
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="services", verbose_name="Referat"
    )
    offices = models.ManyToManyField(Office, related_name="services", blank=True, verbose_name="Dienststellen")
    form_slug = models.SlugField("Online-Formular", max_length=60, blank=True, help_text="Kennung des Formulars.")
    offering_slug = models.SlugField(
        "Terminangebot", max_length=80, blank=True, help_text="Kurzname des Terminangebots der Dienststelle."
    )
    appointment_url = models.CharField(
        "Terminseite", max_length=500, blank=True, validators=[URLValidator(["https", "http"])]
    )
    appointment_minutes = models.PositiveSmallIntegerField(
        "Dauer des Termins in Minuten", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    appointment_max = models.PositiveSmallIntegerField(
        "höchstens je Termin", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    combinable = models.ManyToManyField(
        "self", symmetrical=False, blank=True, verbose_name="zusammen buchbar mit", related_name="+"
    )
    checked_on = models.DateField("zuletzt geprüft am", null=True, blank=True)
    public = models.BooleanField("öffentlich", default=True)
    retired_on = models.DateField(
        "nicht mehr angeboten seit",
        null=True,
        blank=True,
        help_text="Die Seite bleibt und sagt das. Suche und Listen zeigen die Leistung nicht mehr.",
    )
    source = models.CharField("Quelle", max_length=40, blank=True)
    source_id = models.CharField("Kennung in der Quelle", max_length=40, blank=True)
    kept = models.BooleanField("hier gepflegt", default=False, help_text=KEPT)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = "Leistung"
        verbose_name_plural = "Leistungen"
        ordering = ["title", "id"]
        indexes = [
            models.Index(
                fields=["title", "id"], condition=Q(public=True, retired_on=None), name="service_offered_by_title"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(leika="") | Q(leika__regex=r"^\d{14}$"),
                name="service_leika_of_14_digits",
                violation_error_message="Geben Sie den LeiKa-Schlüssel mit 14 Ziffern ein.",
            ),
            _source_once("service_source_id_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def teaser(self) -> str:
        """One or two sentences for lists: the summary, or the beginning of the description as it stands there."""
        if self.summary:
            return self.summary
        text = ""
        for sentence in richtext.sentences(self.description):
            if len(text) + len(sentence) > 220:
                break
            text = f"{text} {sentence}".strip()
        return text

    @property
    def words(self) -> Words:
        """Title and teaser in the language of the answer."""
        return words(self.title, self.teaser, self.translations)

    @property
    def reference(self) -> str:
        """How others name this service: the source's id, or our own short name."""
        return self.source_id or self.slug

    @cached_property
    def sections(self) -> list[tuple[str, StrOrPromise, SafeString]]:
        """(field, heading, HTML) of what is known, in the order of a page."""
        found = ((name, heading, getattr(self, name)) for name, heading in SECTIONS.items())
        return [(name, heading, mark_safe(text)) for name, heading, text in found if text]  # noqa: S308 - RichTextField


class CollectionQuerySet(models.QuerySet[Any]):
    def filled(self) -> "CollectionQuerySet":
        """Those with something to show to everybody."""
        return self.filter(
            Exists(
                self.model.services.through.objects.filter(
                    _of_row(self.model), service__public=True, service__retired_on=None
                )
            )
        )


def _of_row(model: type[models.Model]) -> Q:
    return Q(**{model._meta.model_name or "": OuterRef("pk")})


class Collection(models.Model):
    """A way to services that follows people instead of departments.

    A new service joins by itself when its LeiKa key begins with one of `leika_prefixes` or its title holds one of
    `title_words` (folded beginnings of words); editors may add and remove members afterwards.
    """

    slug = models.SlugField("Kurzname in der Adresse", max_length=80, unique=True)
    title = models.CharField("Titel", max_length=160)
    summary = models.TextField("Kurzbeschreibung", blank=True)
    translations = models.JSONField(
        "Übersetzungen",
        default=dict,
        blank=True,
        validators=[check_translations],
        help_text='Zum Beispiel {"en": {"title": "…", "summary": "…"}, "de-simple": {"title": "…", "summary": "…"}}',
    )
    order = models.PositiveSmallIntegerField("Reihenfolge", default=100)
    leika_prefixes = ArrayField(models.CharField(max_length=14), verbose_name="LeiKa-Anfänge", default=list, blank=True)
    title_words = ArrayField(models.CharField(max_length=40), verbose_name="Titelwörter", default=list, blank=True)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["order", "title"]

    def __str__(self) -> str:
        return self.title

    @property
    def words(self) -> Words:
        return words(self.title, self.summary, self.translations)


class Topic(Collection):
    services = models.ManyToManyField(Service, related_name="topics", blank=True, verbose_name="Leistungen")

    class Meta(Collection.Meta):
        verbose_name = "Thema"
        verbose_name_plural = "Themen"


class LifeEvent(Collection):
    services = models.ManyToManyField(Service, related_name="life_events", blank=True, verbose_name="Leistungen")

    class Meta(Collection.Meta):
        verbose_name = "Lebenslage"
        verbose_name_plural = "Lebenslagen"


class Synonym(models.Model):
    """An everyday word and what the directory calls it: "Perso" means "Personalausweis"."""

    term = models.CharField("gesuchtes Wort", max_length=80, unique=True)
    meaning = models.CharField("bedeutet", max_length=200, help_text="Ein Wort oder der Titel einer Leistung.")
    # Filled by search_index.put_synonym.
    term_stems = ArrayField(models.CharField(max_length=60), default=list, editable=False)
    meaning_stems = ArrayField(models.CharField(max_length=60), default=list, editable=False)

    class Meta:
        verbose_name = "Synonym"
        verbose_name_plural = "Synonyme"
        ordering = ["term"]
        indexes = [GinIndex(fields=["term_stems"], name="synonym_by_stems")]

    def __str__(self) -> str:
        return f"{self.term} → {self.meaning}"


class SearchWord(models.Model):
    """One word stem of the whole directory, folded; search_index keeps it."""

    stem = models.CharField("Wortstamm", max_length=60, unique=True)
    label = models.CharField("Wort", max_length=60)  # as one text writes it, to say why something was found
    frequency = models.PositiveIntegerField("Leistungen", default=0)

    class Meta:
        verbose_name = "Suchwort"
        verbose_name_plural = "Suchwörter"
        indexes = [
            # Without a pending list: an import would fill it, and the planner would then read the whole table instead.
            GinIndex(name="searchword_trigrams", fields=["stem"], opclasses=["gin_trgm_ops"], fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.label


class Place(models.IntegerChoices):
    """Where in a service a word stands, best first."""

    TITLE = 1, "im Titel"
    KEYWORD = 2, "in den Stichwörtern"
    TEXT = 3, "im Text"


class SearchEntry(models.Model):
    """This word stands in this service, at its best place."""

    # Derived rows that any refresh can make anew, and the search drops what leads nowhere: without the two checks of
    # every row at commit, an import of a large directory takes half the time.
    word = models.ForeignKey(
        SearchWord, on_delete=models.CASCADE, related_name="entries", db_index=False, db_constraint=False
    )
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="search_entries", db_constraint=False)
    place = models.PositiveSmallIntegerField(choices=Place.choices)
    weight = models.FloatField()

    class Meta:
        verbose_name = "Eintrag der Suche"
        verbose_name_plural = "Einträge der Suche"
        constraints = [
            models.UniqueConstraint(
                fields=["word", "service"], include=["place", "weight"], name="searchentry_once_per_word"
            ),
            models.CheckConstraint(condition=Q(place__in=Place.values), name="searchentry_place_known"),
        ]

    def __str__(self) -> str:
        return f"{self.word_id} in {self.service_id}"


class Opinion(models.Model):
    """Whether the page of a service helped; no person, no address, no moment finer than a day."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="opinions", verbose_name="Leistung")
    helpful = models.BooleanField("hilfreich")
    sentence = models.CharField("in eigenen Worten", max_length=300, blank=True)
    given_on = models.DateField("am", default=clock.today)

    class Meta:
        verbose_name = "Rückmeldung"
        verbose_name_plural = "Rückmeldungen"
        ordering = ["-given_on", "-id"]
        indexes = [models.Index(fields=["service", "helpful"], name="opinion_counted")]

    def __str__(self) -> str:
        return f"{self.service}: {'hilfreich' if self.helpful else 'nicht hilfreich'}"


class Edition(models.Model):
    """One row whose value is another one after every change of what public pages show, whoever makes it.

    Triggers keep it (migration 0004 and those of the forms and the appointments); kept pages compare it.
    """

    value = models.UUIDField()
    transaction = models.TextField()  # the one that changed it last: changes it once, however many rows it writes

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="edition_is_one")]

    def __str__(self) -> str:
        return str(self.value)


class EmptySearch(models.Model):
    """What people looked for in vain, without numbers, addresses and names (masking.py); for the editors."""

    text = models.CharField("gesucht", max_length=80, unique=True)
    count = models.PositiveIntegerField("wie oft", default=1)
    first_on = models.DateField("zuerst am", default=clock.today)
    last_on = models.DateField("zuletzt am", default=clock.today)

    class Meta:
        verbose_name = "Suche ohne Treffer"
        verbose_name_plural = "Suchen ohne Treffer"
        ordering = ["-count", "-last_on"]

    def __str__(self) -> str:
        return self.text


import portal.directory.teams.models  # noqa: E402, F401 - tables of this app; they point at Office above
