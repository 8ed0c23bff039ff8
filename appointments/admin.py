"""Counters and offerings are master data; appointments are only looked at: their states change through actions."""

from django.contrib import admin
from django.http import HttpRequest

from appointments.models import Appointment, AppointmentEvent, Counter, Offering


@admin.register(Counter)
class CounterAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("office", "number", "active")
    list_filter = ("office", "active")
    list_select_related = ("office",)


@admin.register(Offering)
class OfferingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("title", "office", "minutes", "lead_minutes", "horizon_days", "active")
    list_filter = ("office", "active")
    list_select_related = ("office",)
    search_fields = ("title", "slug")


class EventInline(admin.StackedInline):  # type: ignore[type-arg]  # not generic at run time
    model = AppointmentEvent
    extra = 0
    can_delete = False
    fields = readonly_fields = ("at", "kind", "actor", "counter_number", "during")

    def has_add_permission(self, request: HttpRequest, obj: Appointment | None = None) -> bool:
        return False


@admin.register(Appointment)
class AppointmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("number", "starts_at", "offering", "counter", "state", "subject")
    list_filter = ("state", "offering__office")
    list_select_related = ("offering__office", "counter__office")
    list_per_page = 50
    search_fields = ("number", "subject", "public_id")
    ordering = ("-during",)
    inlines = (EventInline,)

    @admin.display(description="Beginn", ordering="during")
    def starts_at(self, appointment: Appointment) -> object:
        return appointment.starts

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Appointment | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Appointment | None = None) -> bool:
        return False
