"""A page that asks for a level and an age, for tests."""

from datetime import timedelta

from django.http import HttpResponse
from django.middleware.csrf import get_token
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


def _form(request):
    """A page with words that must not be lost on the way to a stronger sign-in."""
    token = get_token(request)
    return HttpResponse(
        f"""<!doctype html><html lang="de"><title>Probe</title><form method="post" action="/probe/hoch/">
<input type="hidden" name="csrfmiddlewaretoken" value="{token}"><label>Text <textarea name="text"></textarea></label>
<button>Absenden</button></form></html>"""
    )


urlpatterns = [
    path("probe/formular/", _form),
    path("probe/hoch/", _page(TrustLevel.HIGH)),
    path("probe/substanziell/", _page(TrustLevel.SUBSTANTIAL)),
    path("probe/einfach/", _page(TrustLevel.BASIC)),
    path("probe/frisch/", _page(TrustLevel.BASIC, timedelta(minutes=5))),
    path("probe/offen/", _page(TrustLevel.NONE)),
    *portal.urls.urlpatterns,
]
handler400 = "portal.home.errors.bad_request"
handler404 = "portal.home.errors.not_found"
