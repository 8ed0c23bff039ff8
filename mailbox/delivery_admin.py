"""What operators see of deliveries: rules, states, days, codes. Never an address, a name or a text."""

from django.contrib import admin
from django.http import HttpRequest

from mailbox.models import AnnouncementRule, Delivery, DeliveryEvent, Dispatch, DispatchEvent
from portal.common.house_admin import HouseAdmin, ReadOnly, ReadOnlyAdmin


@admin.register(AnnouncementRule)
class AnnouncementRuleAdmin(HouseAdmin[AnnouncementRule]):
    """A new law is a new row; the old one gets its last day. Deliveries keep the copy they began with."""

    list_display = ("code", "basis", "trigger", "days", "other_days", "valid_from", "valid_to")
    list_filter = ("code",)

    def has_delete_permission(self, request: HttpRequest, obj: AnnouncementRule | None = None) -> bool:
        return False


class DeliveryEventInline(ReadOnly, admin.StackedInline[DeliveryEvent, Delivery]):
    model = DeliveryEvent
    fields = ("kind", "at", "origin", "target", "actor", "detail")
    readonly_fields = fields
    extra = 0


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    list_display = ("public_id", "state", "noticed_at", "counts_on", "announced_on", "appeal_until", "due_at")
    fields = (
        "public_id",
        "message",
        "state",
        "rule",
        "consent",
        "instructed",
        ("planned_at", "provided_at", "noticed_at"),
        ("counts_on", "announced_on", "announced_by", "appeal_until"),
        ("lapsed_at", "posted_on", "due_at"),
    )
    list_filter = ("state", "announced_by")
    search_fields = ("=public_id", "=message__public_id", "=message__thread")
    inlines = (DeliveryEventInline,)


class DispatchEventInline(ReadOnly, admin.StackedInline[DispatchEvent, Dispatch]):
    model = DispatchEvent
    fields = ("kind", "at", "detail")
    readonly_fields = fields
    extra = 0


@admin.register(Dispatch)
class DispatchAdmin(ReadOnlyAdmin[Dispatch]):
    list_display = ("public_id", "channel", "state", "attempts", "due_at", "handed_at", "confirmed_at", "last_error")
    fields = (
        "public_id",
        "channel",
        "delivery",
        "thread",
        ("state", "attempts", "due_at", "lease_until"),
        ("handed_at", "confirmed_at"),
        ("reference", "sha256", "last_error"),
    )
    list_filter = ("channel", "state")
    search_fields = ("=public_id", "=reference", "=thread")
    inlines = (DispatchEventInline,)
