"""Reports of barriers for those who mend them, terminals for those who run them."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.accounts.access import citizen
from portal.audit import actions as audit
from portal.common.crypto import KeyDestroyed
from portal.common.house_admin import HouseAdmin, ReadOnlyAdmin
from portal.home import actions
from portal.home.models import BarrierReport, Terminal

GONE = "gelöscht"


@admin.register(BarrierReport)
class BarrierReportAdmin(ReadOnlyAdmin[BarrierReport]):
    list_display = ("page", "created_at", "answer_by", "answered_at")
    list_filter = (("answered_at", admin.EmptyFieldListFilter),)
    fields = ("page", "text", "contact", "created_at", "answer_by", "answered_at", "disposed_at")
    readonly_fields = fields
    actions = ("close",)

    @admin.display(description="Meldung")
    def text(self, report: BarrierReport) -> str:
        return self._opened(report)[0]

    @admin.display(description="Antwort an")
    def contact(self, report: BarrierReport) -> str:
        return self._opened(report)[1] or "keine Antwort gewünscht"

    def _opened(self, report: BarrierReport) -> tuple[str, str]:
        try:
            return report.opened()
        except KeyDestroyed:
            return GONE, GONE

    @admin.action(description="Als erledigt vermerken", permissions=["view"])
    def close(self, request: HttpRequest, queryset: QuerySet[BarrierReport]) -> None:
        closed = sum(actions.close_report(report, by=citizen(request)) for report in queryset)
        messages.success(request, f"{closed} Meldungen sind erledigt.")


@admin.register(Terminal)
class TerminalAdmin(HouseAdmin[Terminal]):
    """A new terminal's key is shown once, right after saving. Figures without persons."""

    list_display = ("name", "office", "is_active", "idle_seconds", "ended_count", "created_at")
    list_filter = ("is_active",)
    list_select_related = ("office",)
    fields = ("name", "office", "is_active", "idle_seconds", "warn_seconds", "ended_count", "created_at")
    readonly_fields = ("ended_count", "created_at")

    def get_fields(self, request: HttpRequest, obj: Terminal | None = None) -> tuple[str, ...]:
        return self.fields if obj else ("name", "office")

    def save_model(self, request: HttpRequest, obj: Terminal, form: Any, change: bool) -> None:
        by = str(citizen(request).public_id)
        if change:
            with transaction.atomic():
                super().save_model(request, obj, form, change)
                audit.record("terminal.changed", f"terminal:{obj.pk}", by, active=obj.is_active)
            return
        key = actions.add_terminal(obj.name, obj.office, by=by)
        obj.pk = Terminal.objects.get(name=obj.name).pk
        messages.warning(request, f"Der Schlüssel steht nur jetzt hier: {key}. Geben Sie ihn am Terminal ein.")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
