"""Forms, their versions and pauses. A published version never changes: a trigger refuses it (migration 0003)."""

import functools

from django.conf import settings
from django.db import models

from forms_engine.definitions import schema
from forms_engine.definitions.states import VersionState
from portal.common import clock, languages


class Form(models.Model):
    """An online dialog; what it asks stands in its versions."""

    slug = models.SlugField("Kennung", max_length=60, unique=True)
    titles = models.JSONField("Titel in anderen Sprachen", default=dict, blank=True, editable=False)
    title = models.CharField("Titel", max_length=200)
    created_at = models.DateTimeField("angelegt am", default=clock.now, editable=False)

    class Meta:
        verbose_name = "Formular"
        verbose_name_plural = "Formulare"
        constraints = [
            models.CheckConstraint(condition=models.Q(slug__regex=r"^[a-z][a-z0-9-]{1,59}$"), name="form_slug_shape")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def name(self) -> str:
        """The title in the language of the answer; letters and the case file take `title`."""
        return str(self.titles.get(languages.current(), self.title))


class FormVersion(models.Model):
    """One version of a form: the source text is the truth, drafts and cases stay on the version they began with."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="versions", verbose_name="Formular")
    number = models.PositiveIntegerField("Fassung")
    state = models.CharField("Zustand", max_length=20, choices=VersionState.choices, default=VersionState.DRAFT)
    source = models.TextField("Quelltext")
    sha256 = models.CharField("Prüfsumme", max_length=64)
    published_at = models.DateTimeField("veröffentlicht am", null=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="von"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="freigegeben von",
    )
    publish_at = models.DateTimeField("erscheint am", null=True, blank=True)
    withdrawn_at = models.DateTimeField("zurückgezogen am", null=True, blank=True)
    note = models.TextField("Was ist neu, was ist zu ändern?", max_length=2000, blank=True)
    created_at = models.DateTimeField("angelegt am", default=clock.now, editable=False)
    # Everybody who changed the text: none of them approves it.
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name="geschrieben von")

    class Meta:
        verbose_name = "Fassung"
        verbose_name_plural = "Fassungen"
        ordering = ["form", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="version_number_once_per_form"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="version_number_from_one"),
            models.CheckConstraint(condition=models.Q(state__in=VersionState.values), name="version_state_known"),
            models.CheckConstraint(
                condition=(~models.Q(state__in=["published", "withdrawn"]) | models.Q(published_at__isnull=False))
                & (~models.Q(state__in=["draft", "review", "approved"]) | models.Q(published_at=None)),
                name="version_published_has_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="withdrawn") | models.Q(withdrawn_at__isnull=False),
                name="version_withdrawn_has_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | models.Q(publish_at__isnull=False, reviewer__isnull=False, author__isnull=False),
                name="version_approved_has_day_and_reviewer",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewer=None) | models.Q(author=None) | ~models.Q(reviewer=models.F("author")),
                name="version_reviewer_is_another",
            ),
            # Migration 0002 adds version_sha256_of_source: the sum is the sum of this very text.
        ]

    def __str__(self) -> str:
        return f"{self.form.title}, Fassung {self.number}"

    @functools.cached_property
    def definition(self) -> schema.FormDefinition:
        """Compiled once per process and text, whatever number of rows refer to it.

        A row read without its text (`defer("source")`) fetches it only if this process has not compiled it yet: the
        database vouches that the sum is the text's (version_sha256_of_source).
        """
        if "source" in self.get_deferred_fields():
            return schema.load_known(self.sha256, lambda: self.source)
        return schema.load(self.source)


class Pause(models.Model):
    """Maintenance of a form: nobody begins or sends it, drafts wait, the page says until when."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="pauses", verbose_name="Formular")
    starts_at = models.DateTimeField("beginnt")
    ends_at = models.DateTimeField("endet")
    reason = models.CharField("Was die Menschen lesen", max_length=300)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="von"
    )
    created_at = models.DateTimeField("angelegt am", default=clock.now, editable=False)

    class Meta:
        verbose_name = "Wartung eines Formulars"
        verbose_name_plural = "Wartungen von Formularen"
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="pause_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.form.title}, {self.starts_at:%d.%m.%Y %H:%M}"


class DraftRevision(models.Model):
    """What a draft said before somebody changed it. The last ones are kept so that the change can be taken back."""

    version = models.ForeignKey(FormVersion, models.CASCADE, related_name="revisions", verbose_name="Fassung")
    source = models.TextField("Quelltext davor")
    sha256 = models.CharField("Prüfsumme davor", max_length=64)
    what = models.CharField("Änderung", max_length=200)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="von"
    )
    created_at = models.DateTimeField("geändert am", default=clock.now, editable=False)

    class Meta:
        verbose_name = "Stand eines Entwurfs"
        verbose_name_plural = "Stände von Entwürfen"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.what


class ReplayCase(models.Model):
    """Stored test data of a form: answers of an invented person and what must follow from them (replay.Case).

    They belong to the form: every version is held against them before it is published.
    """

    form = models.ForeignKey(Form, models.CASCADE, related_name="replay_cases", verbose_name="Formular")
    name = models.CharField("Name", max_length=200)
    content = models.JSONField("Antworten und was daraus folgt")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="von"
    )
    created_at = models.DateTimeField("angelegt am", default=clock.now, editable=False)

    class Meta:
        verbose_name = "Testfall"
        verbose_name_plural = "Testfälle"
        ordering = ["form", "id"]
        constraints = [models.UniqueConstraint(fields=["form", "name"], name="replay_case_name_once_per_form")]

    def __str__(self) -> str:
        return self.name
