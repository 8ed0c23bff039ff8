"""Operators see what is stored and issued. Nothing can be changed here, and no content can be read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from portal.documents.models import IssuedDocument, StoredFile


class _ReadOnly(admin.ModelAdmin[Any]):
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(StoredFile)
class StoredFileAdmin(_ReadOnly):
    list_display = ("public_id", "media_type", "size", "created_at", "destroyed_at")
    list_filter = ("media_type",)
    search_fields = ("public_id", "sha256")
    fields = ("public_id", "media_type", "size", "sha256", "created_at", "destroyed_at")


@admin.register(IssuedDocument)
class IssuedDocumentAdmin(_ReadOnly):
    list_display = ("code", "kind", "number", "issued_at", "valid_from", "valid_until", "withdrawn_at")
    list_filter = ("kind",)
    search_fields = ("code", "number", "sha256")
