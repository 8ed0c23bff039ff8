"""What every page needs to know."""

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, object]:
    return {"city": settings.CITY, "demo": settings.DEMO}
