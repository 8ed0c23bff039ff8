"""What operators may see of the postbox: numbers, states, moments, sizes. Never a subject, a text, a name of a file."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

import mailbox.delivery_admin  # noqa: F401 - registers what the file of that name holds
from mailbox import queries, sending
from mailbox.models import Mailbox, Message, MessageEvent, Notice
from portal.accounts.access import citizen
from portal.common.house_admin import ReadOnly, ReadOnlyAdmin


@admin.register(Mailbox)
class MailboxAdmin(ReadOnlyAdmin[Mailbox]):
    list_display = ("number", "opened_at", "readable")
    fields = ("number", "opened_at", "readable")
    search_fields = ("number",)

    @admin.display(description="lesbar", boolean=True)
    def readable(self, mailbox: Mailbox) -> bool:
        """Whether the key still exists; without it nothing in the mailbox opens any more."""
        return mailbox.wrapped_key is not None


class EventInline(ReadOnly, admin.StackedInline[MessageEvent, Message]):
    model = MessageEvent
    fields = ("kind", "at", "actor", "detail")
    readonly_fields = fields
    extra = 0


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin[Message]):
    list_display = ("public_id", "mailbox", "direction", "visible_from", "first_read_at", "text_size", "file_count")
    fields = (
        "public_id",
        "mailbox",
        "direction",
        "thread",
        ("created_at", "visible_from"),
        ("first_read_at", "archived_at"),
        ("text_size", "file_count", "file_size"),
        "content",
    )
    list_filter = ("direction", ("first_read_at", admin.EmptyFieldListFilter))
    search_fields = ("=public_id", "=thread", "=mailbox__number")
    inlines = (EventInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        found = super().get_queryset(request).select_related("mailbox").defer("sealed_subject", "sealed_body")
        annotated: QuerySet[Message] = found.annotate(
            bytes=queries.sealed_size(), files=Count("attachments"), file_bytes=Sum("attachments__stored__size")
        )
        return annotated

    @admin.display(description="Inhalt")
    def content(self, message: Message) -> str:
        """Sealed for everybody who has no case; operators may ask for an emergency look."""
        address = reverse("emergency:message", args=[message.public_id])
        return format_html('<a href="{}">Notzugriff beantragen</a>', address)

    @admin.display(description="Text (Byte)", ordering="bytes")
    def text_size(self, message: Any) -> int:
        return int(message.bytes)

    @admin.display(description="Anlagen", ordering="files")
    def file_count(self, message: Any) -> int:
        return int(message.files)

    @admin.display(description="Anlagen (Byte)")
    def file_size(self, message: Any) -> int:
        return int(message.file_bytes or 0)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin[Notice]):
    """Which notices went out and which did not. The address stays out: it is in the account."""

    list_display = ("message", "plan_day", "state", "attempts", "due_at", "sent_at", "last_error")
    fields = ("message", "plan_day", "mail_id", "state", "attempts", "due_at", "lease_until", "sent_at", "last_error")
    list_filter = ("state",)
    search_fields = ("=message__public_id", "=mail_id")
    list_select_related = ("message",)
    actions = ("send_again",)

    @admin.action(description="Nicht zustellbare Hinweise erneut versuchen", permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        changed = sending.retry_notices(queryset.values_list("id", flat=True), by=citizen(request))
        messages.success(request, f"{changed} Hinweise werden erneut versandt.")
