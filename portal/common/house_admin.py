"""What every list and form of the admin has in common. Who may see which rows, each app says in its own admin.py."""

from typing import Any, NoReturn, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import Http404, HttpRequest

M = TypeVar("M", bound=Model)


class HouseAdmin(admin.ModelAdmin[M]):
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.ALLOW

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: object, object_id: str) -> NoReturn:
        """A row that is not there and one that is not theirs look the same, and say nothing (Django: to the index)."""
        raise Http404


class ReadOnly:
    """Mixed in before an admin or inline: looked at, changed by nobody; what changes goes through the app's actions."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, HouseAdmin[M]):
    pass
