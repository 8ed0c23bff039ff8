"""Master data, edited as it is: plain stacked forms."""

from typing import Any

from django import forms
from django.contrib import admin

from portal.directory.models import Closure, Office, OpeningHours, Organisation, Service


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
class OrganisationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("name", "short")
    search_fields = ("name", "short")


@admin.register(Office)
class OfficeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("name", "organisation", "street", "postcode", "phone")
    list_filter = ("organisation",)
    list_select_related = ("organisation",)
    list_per_page = 50
    search_fields = ("name", "street", "slug")
    inlines = (HoursInline, ClosureInline)
    save_on_top = True


@admin.register(Closure)
class ClosureAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Also the closures of the whole city, which hang on no office."""

    list_display = ("reason", "first_day", "last_day", "office")
    list_filter = ("office",)
    list_select_related = ("office",)
    date_hierarchy = "first_day"


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("title", "leika", "organisation")
    list_filter = ("organisation",)
    list_select_related = ("organisation",)
    search_fields = ("title", "leika", "slug")
    filter_horizontal = ("offices",)
