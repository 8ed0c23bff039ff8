"""Operators see what is stored and issued. Nothing can be changed here, and no content can be read."""

from django.contrib import admin

from portal.common.house_admin import ReadOnlyAdmin
from portal.documents.models import IssuedDocument, StoredFile


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin[StoredFile]):
    list_display = ("public_id", "media_type", "size", "scan", "created_at", "destroyed_at")
    list_filter = ("scan", "media_type")
    search_fields = ("public_id", "sha256")
    fields = (
        "public_id",
        "media_type",
        "size",
        "sha256",
        "scan",
        "scan_note",
        "scanned_by",
        "scanned_at",
        "created_at",
        "destroyed_at",
    )


@admin.register(IssuedDocument)
class IssuedDocumentAdmin(ReadOnlyAdmin[IssuedDocument]):
    list_display = ("code", "kind", "number", "issued_at", "valid_from", "valid_until", "withdrawn_at")
    list_filter = ("kind",)
    search_fields = ("code", "number", "sha256")
