"""The record of what was done, for operators: who, what, when, and whether it is linked. Triggers keep it as it is."""

from django.contrib import admin

from portal.audit.models import AuditEntry
from portal.common.house_admin import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditAdmin(ReadOnlyAdmin[AuditEntry]):
    """What was noted about a case stays with those who work on it: operators see that something happened, not what."""

    list_display = ("at", "action", "actor", "subject", "position")
    list_filter = ("at",)
    search_fields = ("=subject", "=actor", "=action")
    search_help_text = "Ganze Kennung: Vorgang, Konto oder Tätigkeit, etwa role.granted"
    ordering = ("-id",)
    fields = ("at", "action", "actor", "subject", "details", "position", "checksum")
    readonly_fields = fields

    @admin.display(description="Angaben")
    def details(self, entry: AuditEntry) -> str:
        if entry.subject.startswith("case:"):
            return "Angaben zu Vorgängen stehen beim Vorgang."
        return ", ".join(f"{key}: {value}" for key, value in sorted(entry.data.items())) or "keine"

    @admin.display(description="Prüfsumme")
    def checksum(self, entry: AuditEntry) -> str:
        return bytes(entry.hash).hex() if entry.hash else "noch nicht verkettet"
