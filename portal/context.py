"""What every page needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe

from mailbox import queries as mailbox
from portal.accounts import mandates, staff
from portal.accounts.access import has_role
from portal.accounts.models import Role
from portal.common import languages

GERMAN = mark_safe(' lang="de"')


def portal(request: HttpRequest) -> dict[str, object]:
    """City, demo flag, and for a signed-in person what is asked only if the page shows it: the number of unread
    messages, and whether the clerks' workplace is theirs."""
    context: dict[str, object] = {
        "city": settings.CITY,
        "demo": settings.DEMO,
        # For what exists in German only (names of services, laws, offices) on pages in another language.
        "german": GERMAN if languages.current() != languages.GERMAN else "",
        "terminal": getattr(request, "terminal", None),
        # One host for all: both kinds of pages. Two hosts: one of them (portal/hosts.py).
        "staff_pages": staff.at_staff_address(request),
        "staff_only": bool(settings.STAFF_HOST) and staff.at_staff_address(request),
    }
    user: Any = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["unread"] = SimpleLazyObject(lambda: mailbox.unread_count(*mandates.whose(request)))
        context["acting_for"] = SimpleLazyObject(lambda: mandates.in_use(request))
        context["works_on_cases"] = SimpleLazyObject(lambda: has_role(user, Role.CLERK, Role.TEAM_LEAD))
    return context
