"""Metadata for operators; the daily work happens in the workplace."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from forms_engine.cases import papers
from forms_engine.cases.models import Case, Decision, Paper
from portal.audit.watched import Watched


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # base of several models
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class WatchedAdmin(Watched, ReadOnlyAdmin):
    watched_action = "case.facts_read"

    def watched_subject(self, row: Any) -> str:
        return f"case:{(row if isinstance(row, Case) else row.case).public_id}"


@admin.register(Case)
class CaseAdmin(WatchedAdmin):
    list_display = ("number", "status", "assigned_to", "received_at", "due_on", "closed_at")
    list_filter = ("status",)
    list_select_related = ("assigned_to",)
    search_fields = ("number",)
    fields = ("number", "status", "assigned_to", "received_at", "changed_at", "due_on", "closed_at")


@admin.register(Decision)
class DecisionAdmin(WatchedAdmin):
    list_display = ("case", "revision", "kind", "author", "signed_at", "issued_at")
    list_filter = ("kind",)
    list_select_related = ("case", "author")


@admin.register(Paper)
class PaperAdmin(WatchedAdmin):
    """What the workers owe. Operators may start parked papers again."""

    list_display = ("case", "kind", "state", "attempts", "due_at", "issued_at", "last_error")
    list_filter = ("state", "kind")
    list_select_related = ("case",)
    fields = ("case", "kind", "state", "attempts", "due_at", "lease_until", "fence", "issued_at", "last_error")
    actions = ("start_again",)

    @admin.action(description="Angehaltene Schriftstücke erneut versuchen", permissions=["view"])
    def start_again(self, request: HttpRequest, queryset: QuerySet[Paper]) -> None:
        started = sum(papers.retry(paper_id) for paper_id in queryset.values_list("id", flat=True))
        messages.success(request, f"{started} Schriftstücke werden erneut versucht.")
