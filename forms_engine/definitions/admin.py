from typing import cast

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from forms_engine.definitions.language import fields as f
from forms_engine.definitions.models import Form, FormVersion
from portal.accounts.access import has_role
from portal.accounts.models import Role, User
from portal.common.house_admin import HouseAdmin


class ReadOnly:
    """Published forms are looked at here and changed by publishing (command forms_publish)."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        user = cast(User, request.user)
        return user.is_superuser or has_role(user, Role.EDITOR, Role.OPERATOR, Role.TEAM_LEAD)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


class VersionInline(ReadOnly, admin.TabularInline[FormVersion, Form]):
    model = FormVersion
    template = "admin/edit_inline/read_only.html"
    fields = ("number", "state", "published_at", "author", "sha256")
    readonly_fields = fields
    extra = 0
    show_change_link = True


@admin.register(Form)
class FormAdmin(ReadOnly, HouseAdmin[Form]):
    list_display = ("title", "slug", "created_at")
    search_fields = ("title", "slug")
    fields = ("title", "slug", "created_at")
    inlines = (VersionInline,)


@admin.register(FormVersion)
class FormVersionAdmin(ReadOnly, HouseAdmin[FormVersion]):
    list_display = ("form", "number", "state", "published_at", "author", "short_sha256")
    list_filter = ("form", "state")
    list_select_related = ("form", "author")
    fields = ("form", "number", "state", "published_at", "author", "sha256", "questions", "source_text")
    readonly_fields = fields

    @admin.display(description="Prüfsumme")
    def short_sha256(self, version: FormVersion) -> str:
        return version.sha256[:12]

    @admin.display(description="Fragen")
    def questions(self, version: FormVersion) -> SafeString:
        lines = (
            (page.title, ", ".join(str(item.label) for item in page.fields if isinstance(item, f.Question)))
            for page in version.definition.pages
        )
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{} ({})</li>", lines))

    @admin.display(description="Quelltext")
    def source_text(self, version: FormVersion) -> SafeString:
        return format_html("<pre>{}</pre>", version.source)
