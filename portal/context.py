"""What every page needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mailbox import queries as mailbox
from portal.accounts import mandates
from portal.accounts.access import has_role
from portal.accounts.models import Role


def portal(request: HttpRequest) -> dict[str, object]:
    """City, demo flag, and for a signed-in person what is asked only if the page shows it: the number of unread
    messages, and whether the clerks' workplace is theirs."""
    context: dict[str, object] = {
        "city": settings.CITY,
        "demo": settings.DEMO,
        "terminal": getattr(request, "terminal", None),
    }
    user: Any = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["unread"] = SimpleLazyObject(lambda: mailbox.unread_count(*mandates.whose(request)))
        context["acting_for"] = SimpleLazyObject(lambda: mandates.in_use(request))
        context["works_on_cases"] = SimpleLazyObject(lambda: has_role(user, Role.CLERK, Role.TEAM_LEAD))
    return context
