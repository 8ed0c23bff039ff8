"""Forms and their versions. A published version never changes: a trigger refuses it (migration 0002)."""

import functools

from django.conf import settings
from django.db import models

from forms_engine.definitions import schema
from portal.common import clock, languages


class VersionState(models.TextChoices):
    DRAFT = "draft", "Entwurf"
    PUBLISHED = "published", "veröffentlicht"


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
    created_at = models.DateTimeField("angelegt am", default=clock.now, editable=False)

    class Meta:
        verbose_name = "Fassung"
        verbose_name_plural = "Fassungen"
        ordering = ["form", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="version_number_once_per_form"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="version_number_from_one"),
            models.CheckConstraint(condition=models.Q(state__in=VersionState.values), name="version_state_known"),
            models.CheckConstraint(
                condition=(~models.Q(state="published") | models.Q(published_at__isnull=False))
                & (~models.Q(state="draft") | models.Q(published_at=None)),
                name="version_published_has_date",
            ),
            # Migration 0002 adds version_sha256_of_source: the sum is the sum of this very text.
        ]

    def __str__(self) -> str:
        return f"{self.form.title}, Fassung {self.number}"

    @functools.cached_property
    def definition(self) -> schema.FormDefinition:
        """Compiled once per process and text, whatever number of rows refer to it."""
        return schema.load(self.source)
