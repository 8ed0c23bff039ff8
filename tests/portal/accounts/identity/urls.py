"""A page that asks for a level and an age, for tests."""

from datetime import timedelta

from django.http import HttpResponse
from django.urls import path

import portal.urls
from portal.accounts.identity.stepup import needs_level
from portal.accounts.levels import TrustLevel

RECEIVED = []


def _page(level: TrustLevel, max_age: timedelta | None = None):
    @needs_level(level, max_age=max_age)
    def view(request):
        if request.method == "POST":
            RECEIVED.append((request.user.pk, request.POST.dict(), request.GET.dict()))
        return HttpResponse(f"Seite {level.label}")

    return view


urlpatterns = [
    path("probe/hoch/", _page(TrustLevel.HIGH)),
    path("probe/substanziell/", _page(TrustLevel.SUBSTANTIAL)),
    path("probe/einfach/", _page(TrustLevel.BASIC)),
    path("probe/frisch/", _page(TrustLevel.BASIC, timedelta(minutes=5))),
    path("probe/offen/", _page(TrustLevel.NONE)),
    *portal.urls.urlpatterns,
]
handler400 = "portal.home.errors.bad_request"
handler404 = "portal.home.errors.not_found"
