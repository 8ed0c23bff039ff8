"""What operators may see of money: numbers and states, never who pays what for. Nothing here can be edited.

Clerks see the fee of a case in the workplace, with the case."""

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from payments.models import Bell, OutboundCall, Payment, Posting, PostingLine, Receivable, ReceivableItem
from portal.accounts.access import has_role
from portal.accounts.models import Role
from portal.audit.watched import Watched
from portal.common import formats, references
from portal.common.house_admin import HouseAdmin

M = TypeVar("M", bound=Model)


class ReadOnly(admin.options.BaseModelAdmin[M]):
    """Seen by the named roles (and whoever holds Django's view right), changed by nobody."""

    roles: tuple[Role, ...] = (Role.OPERATOR,)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, *self.roles) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, *self.roles) or super().has_module_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _eur(name: str, title: str) -> Any:
    @admin.display(description=title, ordering=name)
    def show(row: Model) -> str:
        return formats.eur(getattr(row, name))

    return show


class ItemInline(ReadOnly[ReceivableItem], admin.TabularInline[ReceivableItem, Receivable]):
    model = ReceivableItem
    template = "admin/edit_inline/read_only.html"
    fields = ("position", _eur("amount_cents", "Betrag"), "booking")
    readonly_fields = fields
    extra = 0


class PaymentInline(ReadOnly[Payment], admin.TabularInline[Payment, Receivable]):
    model = Payment
    template = "admin/edit_inline/read_only.html"
    fields = ("created_at", "state", _eur("captured_cents", "eingezogen"), "booked_as", "problem", "method")
    readonly_fields = fields
    extra = 0
    show_change_link = True


def _search(queryset: QuerySet[M], term: str, search: Any) -> tuple[QuerySet[M], bool]:
    """A Kassenzeichen may be typed as it is printed, in groups."""
    bare = "".join(term.split())
    found: tuple[QuerySet[M], bool] = search(bare if bare.isdigit() else term)
    return found


class WatchedReceivable(Watched):
    """The person reads of it in the log of the case, or of the account where there is no case."""

    watched_action = "receivable.read"

    def watched_subject(self, row: Any) -> str:
        owed: Receivable = row if isinstance(row, Receivable) else row.receivable
        return owed.subject or f"user:{owed.payer.public_id}"


@admin.register(Receivable)
class ReceivableAdmin(WatchedReceivable, ReadOnly[Receivable], HouseAdmin[Receivable]):
    list_display = ("grouped", _eur("amount_cents", "Betrag"), "state", "due_on", "paid_at")
    list_filter = ("state", "due_on")
    search_fields = ("kassenzeichen",)
    search_help_text = "Kassenzeichen, mit oder ohne Leerzeichen"
    ordering = ("-created_at",)
    inlines = (ItemInline, PaymentInline)
    fields = (
        "grouped", _eur("amount_cents", "Betrag"), "state", "due_on", "created_at", "paid_at", "cancelled_at",
        "public_id",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description="Kassenzeichen", ordering="kassenzeichen")
    def grouped(self, row: Receivable) -> str:
        return references.grouped(row.kassenzeichen)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Receivable], search_term: str) -> Any:
        parent = super().get_search_results
        return _search(queryset, search_term, lambda term: parent(request, queryset, term))


class MattersFilter(admin.SimpleListFilter):
    title = "Zu klären"
    parameter_name = "klaeren"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("ja", "nur was zu klären ist")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        return queryset.exclude(problem="", booked_as__in=["", "receivable"]) if self.value() else queryset


@admin.register(Payment)
class PaymentAdmin(WatchedReceivable, ReadOnly[Payment], HouseAdmin[Payment]):
    list_display = (
        "receivable", "created_at", _eur("amount_cents", "Betrag"), _eur("captured_cents", "eingezogen"), "state",
        "booked_as", "problem", "method",
    )  # fmt: skip
    list_filter = (MattersFilter, "state", "booked_as", "problem", "method")
    search_fields = ("receivable__kassenzeichen", "provider_ref", "intent_ref")
    search_help_text = "Kassenzeichen oder Nummer beim Dienstleister"
    list_select_related = ("receivable",)
    ordering = ("-created_at",)
    exclude = ("redirect_url",)  # whoever has it can see the person's payment page

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Payment], search_term: str) -> Any:
        parent = super().get_search_results
        return _search(queryset, search_term, lambda term: parent(request, queryset, term))


class LineInline(ReadOnly[PostingLine], admin.TabularInline[PostingLine, Posting]):
    model = PostingLine
    template = "admin/edit_inline/read_only.html"
    fields = ("account", _eur("cents", "Betrag, Soll positiv"))
    readonly_fields = fields
    extra = 0


@admin.register(Posting)
class PostingAdmin(ReadOnly[Posting], HouseAdmin[Posting]):
    list_display = ("at", "source_type", "leg", "amounts", "source_id")
    list_filter = ("source_type", "at")
    search_fields = ("source_id",)
    search_help_text = "Kennung der Forderung oder Zahlung"
    ordering = ("-id",)
    inlines = (LineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Posting]:
        return super().get_queryset(request).prefetch_related("lines")

    @admin.display(description="Soll und Haben")
    def amounts(self, row: Posting) -> str:
        lines = [f"{line.get_account_display()} {formats.eur(line.cents)}" for line in row.lines.all()]
        return format_html("{}", " · ".join(lines))


@admin.register(Bell)
class BellAdmin(ReadOnly[Bell], HouseAdmin[Bell]):
    list_display = ("received_at", "event_type", "ref", "outcome", "tries", "processed_at")
    list_filter = ("outcome", "event_type")
    search_fields = ("event_id", "ref")
    ordering = ("-received_at",)


@admin.register(OutboundCall)
class OutboundCallAdmin(ReadOnly[OutboundCall], HouseAdmin[OutboundCall]):
    list_display = ("started_at", "key", "outcome", "error", "attempts", "finished_at")
    list_filter = ("outcome",)
    search_fields = ("key",)
    ordering = ("-started_at",)
