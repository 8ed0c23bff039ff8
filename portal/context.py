"""What every page needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mailbox import queries as mailbox


def portal(request: HttpRequest) -> dict[str, object]:
    """City, demo flag, and for a signed-in person the number of unread messages (asked only if the page shows it)."""
    context: dict[str, object] = {"city": settings.CITY, "demo": settings.DEMO}
    user: Any = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["unread"] = SimpleLazyObject(lambda: mailbox.unread_count(user))
    return context
