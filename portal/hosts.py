"""Two names for one portal: citizens at the one, staff at the other (PORTAL_ADMIN_HOST). Each hides the other's pages.

Before the sessions, because the cookie has another name at the staff's host: neither browser nor proxy mixes them up.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

STAFF_PAGES = "/verwaltung/"
# What staff need beside: signing in, the second factor, a new password. /static/ is answered before.
SHARED = ("/konto/login/", "/konto/logout/", "/konto/2fa/", "/konto/reauthenticate/", "/konto/password/", "/bereit/")


# Staff exchange files in rooms of their own; whom they invite comes in at the citizens' host.
ROOMS, GUESTS = "/austausch/", "/austausch/einladung/"


def is_rooms(path: str) -> bool:
    return path.startswith(ROOMS) and not path.startswith(GUESTS)


class TwoHosts:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not settings.STAFF_HOST:
            return self.get_response(request)
        here = request.get_host().partition(":")[0].lower() == settings.STAFF_HOST
        request.at_staff_address = here  # type: ignore[attr-defined]  # read by portal.accounts.staff and the header
        if not here:
            if request.path_info.startswith(STAFF_PAGES):
                raise Http404
            return self.get_response(request)
        if request.path_info == "/":
            return redirect("admin:index")
        if not (request.path_info.startswith((STAFF_PAGES, *SHARED)) or is_rooms(request.path_info)):
            raise Http404
        return self._with_own_cookie(request)

    def _with_own_cookie(self, request: HttpRequest) -> HttpResponseBase:
        own, public = settings.STAFF_COOKIE_NAME, settings.SESSION_COOKIE_NAME
        request.COOKIES.pop(public, None)
        if own in request.COOKIES:
            request.COOKIES[public] = request.COOKIES[own]
        response = self.get_response(request)
        if public in response.cookies:
            morsel = response.cookies.pop(public)
            response.cookies[own] = morsel.value
            response.cookies[own].update({key: value for key, value in morsel.items() if value})
        return response
