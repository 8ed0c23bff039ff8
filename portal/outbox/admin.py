from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.common.house_admin import ReadOnlyAdmin
from portal.outbox import relay
from portal.outbox.models import OutboxMessage


class StateFilter(admin.SimpleListFilter):
    title = "Zustand"
    parameter_name = "zustand"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("offen", "offen"), ("aufgegeben", "aufgegeben"), ("erledigt", "erledigt")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
        match self.value():
            case "offen":
                return queryset.filter(done_at=None, dead_at=None)
            case "aufgegeben":
                return queryset.exclude(dead_at=None)
            case "erledigt":
                return queryset.exclude(done_at=None)
        return queryset


@admin.register(OutboxMessage)
class OutboxAdmin(ReadOnlyAdmin[OutboxMessage]):
    """Dead letters and what is waiting. Nothing can be edited; operators may give rows a fresh start."""

    list_display = ("topic", "key", "created_at", "attempts", "due_at", "last_error", "done_at", "dead_at")
    list_filter = (StateFilter, "topic")
    actions = ("start_again",)

    @admin.action(description="Ausgewählte Meldungen erneut versuchen", permissions=["view"])
    def start_again(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        changed = relay.retry(list(queryset.values_list("id", flat=True)))
        messages.success(request, f"{changed} Meldungen werden erneut versucht.")
