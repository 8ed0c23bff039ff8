"""What every page needs to know."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mailbox import queries as mailbox
from portal.accounts.models import User


def portal(request: HttpRequest) -> dict[str, object]:
    """City, demo flag, and for a signed-in person the number of unread messages (asked only if the page shows it)."""
    context: dict[str, object] = {"city": settings.CITY, "demo": settings.DEMO}
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject) and user.is_authenticated or isinstance(user, User):
        context["unread"] = SimpleLazyObject(lambda: mailbox.unread_count(request.user))  # type: ignore[arg-type]  # signed in
    return context
