"""What operators may see of the exchange: numbers, states, moments, sizes. Never a purpose, a name or an address."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest

from mailbox.exchange.models import AccessLog, Room, RoomFile
from portal.common.house_admin import ReadOnly, ReadOnlyAdmin


class LogInline(ReadOnly, admin.StackedInline[AccessLog, Room]):
    model = AccessLog
    fields = ("at", "event", "actor", "guest", "file")
    readonly_fields = fields
    extra = 0


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin[Room]):
    list_display = ("public_id", "opened_at", "expires_at", "ended_at", "file_count", "file_size")
    fields = ("public_id", ("opened_at", "expires_at", "ended_at"), "quota", ("file_count", "file_size"))
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    search_fields = ("=public_id",)
    inlines = (LogInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        there = Q(files__deleted_at=None)
        annotated: QuerySet[Room] = (
            super()
            .get_queryset(request)
            .defer("sealed_purpose", "wrapped_key")
            .annotate(file_rows=Count("files", there), file_bytes=Sum("files__size", filter=there))
        )
        return annotated

    @admin.display(description="Dateien", ordering="file_rows")
    def file_count(self, room: Any) -> int:
        return int(room.file_rows)

    @admin.display(description="Dateien (Byte)", ordering="file_bytes")
    def file_size(self, room: Any) -> int:
        return int(room.file_bytes or 0)


@admin.register(RoomFile)
class RoomFileAdmin(ReadOnlyAdmin[RoomFile]):
    """Which files wait for their scan, which are locked and why, and which the scanner did not see as a whole."""

    list_display = (
        "room",
        "number",
        "size",
        "arrived_at",
        "scan",
        "scan_in_parts",
        "scan_due_at",
        "scan_attempts",
        "scan_note",
    )
    fields = (
        "room",
        "number",
        "size",
        ("arrived_at", "deleted_at"),
        "scan",
        ("scan_in_parts", "scan_offset"),
        ("scan_due_at", "scan_attempts"),
        "scan_note",
        ("scanned_by", "scanned_at"),
    )
    list_filter = ("scan", "scan_in_parts")
    search_fields = ("=room__public_id",)
    list_select_related = ("room",)
