"""Counters and offerings are master data; appointments are only looked at: their states change through actions."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from appointments.models import Appointment, AppointmentEvent, Counter, Offering
from portal.accounts.access import citizen
from portal.common.house_admin import HouseAdmin, ReadOnly, ReadOnlyAdmin
from portal.directory.teams import queries as teams


@admin.register(Counter)
class CounterAdmin(HouseAdmin[Counter]):
    list_display = ("office", "number", "active")
    list_filter = ("office", "active")
    list_select_related = ("office",)


@admin.register(Offering)
class OfferingAdmin(HouseAdmin[Offering]):
    list_display = ("title", "office", "minutes", "lead_minutes", "horizon_days", "active")
    list_filter = ("office", "active")
    list_select_related = ("office",)
    search_fields = ("title", "slug")


class EventInline(ReadOnly, admin.StackedInline[AppointmentEvent, Appointment]):
    model = AppointmentEvent
    extra = 0
    can_delete = False
    fields = readonly_fields = ("at", "kind", "actor", "counter_number", "during")


@admin.register(Appointment)
class AppointmentAdmin(ReadOnlyAdmin[Appointment]):
    """Of the offices of one's teams."""

    list_display = ("number", "starts_at", "offering", "counter", "state")
    list_filter = ("state", "offering__office")
    list_select_related = ("offering__office", "counter__office")
    search_fields = ("number", "public_id")
    ordering = ("-during",)
    fields = ("number", "starts_at", "offering", "counter", "holder", "state", "public_id")
    inlines = (EventInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        found = super().get_queryset(request)
        if request.user.is_superuser:
            return found
        return found.filter(offering__office__in=teams.offices_of(citizen(request)))

    @admin.display(description="Beginn", ordering="during")
    def starts_at(self, appointment: Appointment) -> object:
        return appointment.starts
