"""Reports of barriers for those who mend them, terminals for those who run them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.accounts.access import citizen
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
    """New ones come from `manage.py terminal_add`, which shows the key. Figures without persons."""

    list_display = ("name", "office", "is_active", "idle_seconds", "ended_count", "created_at")
    list_filter = ("is_active",)
    list_select_related = ("office",)
    fields = ("name", "office", "is_active", "idle_seconds", "warn_seconds", "ended_count", "created_at")
    readonly_fields = ("ended_count", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
