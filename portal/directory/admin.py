"""Master data, edited as it is: plain stacked forms."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from portal.common.house_admin import HouseAdmin
from portal.common.slug_lines import SlugLines
from portal.directory import membership, search_index
from portal.directory.models import (
    SECTIONS,
    Closure,
    EmptySearch,
    LifeEvent,
    Office,
    OpeningHours,
    Opinion,
    Organisation,
    Service,
    Synonym,
    Topic,
)


class HoursFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]  # not generic at run time
    """Compares the rows of a day: the constraint's own check leaves out the office, which an inline fills in later."""

    def clean(self) -> None:
        super().clean()
        here = [form.instance.pk for form in self.forms if form.instance.pk]
        elsewhere = OpeningHours.objects.filter(office=self.instance.pk).exclude(pk__in=here)
        seen = list(elsewhere.values_list("weekday", "opens", "closes"))
        for form in self.forms:
            row: dict[str, Any] = getattr(form, "cleaned_data", {})
            if row.get("DELETE") or not all(row.get(name) is not None for name in ("weekday", "opens", "closes")):
                continue
            day, opens, closes = row["weekday"], row["opens"], row["closes"]
            if any(day == other and opens < end and start < closes for other, start, end in seen):
                raise forms.ValidationError(
                    "Zwei Öffnungszeiten desselben Tages überschneiden sich. Ändern Sie eine der beiden."
                )
            seen.append((day, opens, closes))


class HoursInline(admin.StackedInline):  # type: ignore[type-arg]  # not generic at run time
    model = OpeningHours
    formset = HoursFormSet
    extra = 0


class ClosureInline(admin.StackedInline):  # type: ignore[type-arg]  # not generic at run time
    model = Closure
    extra = 0


@admin.register(Organisation)
class OrganisationAdmin(HouseAdmin[Organisation]):
    list_display = ("name", "short")
    search_fields = ("name", "short")


@admin.register(Office)
class OfficeAdmin(HouseAdmin[Office]):
    list_display = ("name", "organisation", "street", "postcode", "phone")
    list_filter = ("organisation",)
    list_select_related = ("organisation",)
    search_fields = ("name", "street", "slug")
    inlines = (HoursInline, ClosureInline)
    save_on_top = True


@admin.register(Closure)
class ClosureAdmin(HouseAdmin[Closure]):
    """Also the closures of the whole city, which hang on no office."""

    list_display = ("reason", "first_day", "last_day", "office")
    list_filter = ("office",)
    list_select_related = ("office",)
    date_hierarchy = "first_day"


class ServiceForm(forms.ModelForm[Service]):
    offices = SlugLines(Office.objects.all(), label="Dienststellen")
    combinable = SlugLines(Service.objects.all(), label="zusammen buchbar mit")


@admin.register(Service)
class ServiceAdmin(HouseAdmin[Service]):
    """Texts are cleaned and the search index is kept whenever a service is saved."""

    list_display = ("title", "public", "retired_on", "source_id", "leika", "organisation", "checked_on", "helpful")
    list_filter = ("public", "kept", "topics", "organisation")
    list_select_related = ("organisation",)
    search_fields = ("title", "leika", "slug", "source_id", "keywords")
    form = ServiceForm
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("title", "slug", "summary", "translations", "public", "retired_on", "checked_on")}),
        ("Beschreibung", {"fields": tuple(SECTIONS)}),
        ("Finden", {"fields": ("keywords", "leika", "further_leika")}),
        ("Zuständig", {"fields": ("organisation", "offices")}),
        (
            "Online und Termin",
            {
                "fields": (
                    *("form_slug", "offering_slug", "appointment_url", "appointment_minutes", "appointment_max"),
                    *("combinable", "links"),
                )
            },
        ),
        ("Herkunft", {"fields": ("source", "source_id", "kept")}),
    )

    @admin.display(description="hilfreich")
    def helpful(self, service: Service) -> str:
        """Yes of all, with a link to the opinions."""
        yes, every = service.helpful_yes, service.helpful_every  # type: ignore[attr-defined]  # annotated below
        if not every:
            return "–"
        url = reverse("admin:directory_opinion_changelist") + "?" + urlencode({"q": service.title})
        return format_html('<a href="{}">{} von {}</a>', url, yes, every)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        of_service = Opinion.objects.filter(service=OuterRef("pk")).order_by().values("service")
        yes, every = of_service.filter(helpful=True), of_service
        rows: QuerySet[Service] = super().get_queryset(request)
        return rows.annotate(
            helpful_yes=Coalesce(Subquery(yes.values(n=Count("pk"))), 0),
            helpful_every=Coalesce(Subquery(every.values(n=Count("pk"))), 0),
        )

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            search_index.refresh([obj])
            if not change:
                membership.admit([obj])


class CollectionForm(forms.ModelForm[Any]):
    services = SlugLines(Service.objects.all(), label="Leistungen")


@admin.register(Topic, LifeEvent)
class CollectionAdmin(HouseAdmin[Any]):
    form = CollectionForm
    list_display = ("title", "order", "slug")
    search_fields = ("title", "slug")


@admin.register(Synonym)
class SynonymAdmin(HouseAdmin[Synonym]):
    list_display = ("term", "meaning")
    search_fields = ("term", "meaning")

    def save_model(self, request: HttpRequest, obj: Synonym, form: Any, change: bool) -> None:
        """Saving a synonym settles the searches in vain for its word."""
        with transaction.atomic():
            search_index.stem_synonym(obj)
            super().save_model(request, obj, form, change)
            EmptySearch.objects.filter(text__iexact=obj.term).delete()


@admin.register(Opinion)
class OpinionAdmin(HouseAdmin[Opinion]):
    """What people thought of the pages: of one service through the filter, sentences through the search."""

    list_display = ("service", "helpful", "sentence", "given_on")
    list_filter = ("helpful", ("sentence", admin.EmptyFieldListFilter), "service__organisation")
    list_select_related = ("service",)
    search_fields = ("service__title", "sentence")
    date_hierarchy = "given_on"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Opinion | None = None) -> bool:
        return False


@admin.register(EmptySearch)
class EmptySearchAdmin(HouseAdmin[EmptySearch]):
    """What to do next for the editors, the most frequent first: one click opens the synonym with the word filled in."""

    list_display = ("text", "count", "last_on", "make_synonym")
    search_fields = ("text",)
    date_hierarchy = "last_on"
    readonly_fields = ("text", "count", "first_on", "last_on")

    @admin.display(description="Synonym")
    def make_synonym(self, row: EmptySearch) -> SafeString:
        url = reverse("admin:directory_synonym_add") + "?" + urlencode({"term": row.text})
        return format_html('<a href="{}">Synonym anlegen<span class="kern-sr-only"> für {}</span></a>', url, row.text)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
