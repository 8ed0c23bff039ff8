"""The profile of the public terminals: a short session, an end that wipes, nothing kept by the browser.

A browser with the secret of an active Terminal in its cookie gets this profile on every page; all others never notice.
The countdown itself is static/js/kiosk.js; without scripts the session still ends on the server.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.common import limits
from portal.home import actions
from portal.home.forms import TerminalForm
from portal.home.models import Terminal

COOKIE = "portal_terminal"
COOKIE_AGE = 400 * 24 * 3600  # the most browsers keep
TRIES_PER_MINUTE = 5
WIPE = '"cache", "storage"'  # Clear-Site-Data; not the cookies, one of them is the terminal's own


class KioskProfile:
    """Recognises terminals, shortens their sessions and forbids every copy of their pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        terminal = _terminal(request)
        if terminal is None:
            return self.get_response(request)
        request.terminal = terminal  # type: ignore[attr-defined]  # read by the context processor and the views below
        response = self.get_response(request)
        if not request.session.is_empty():  # after the view: signing in sets a time of its own
            request.session.set_expiry(terminal.idle_seconds)
        response["Cache-Control"] = "no-store"
        return response


def _terminal(request: HttpRequest) -> Terminal | None:
    secret = request.COOKIES.get(COOKIE, "")
    if not 20 <= len(secret) <= 200:
        return None
    return Terminal.objects.filter(secret_hash=Terminal.hash_of(secret), is_active=True).first()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponseBase:
    """Make this browser a terminal: the key comes from `manage.py terminal_add` and never stands in an address."""
    form = TerminalForm(request.POST or None)
    if request.method == "POST" and not limits.allow(request, "home.terminal", per_minute=TRIES_PER_MINUTE):
        return render(request, "429.html", status=429)
    if not form.is_valid():
        return render(request, "home/terminal.html", {"form": form}, status=422 if form.is_bound else 200)
    response = redirect("home:start")
    response.set_cookie(
        COOKIE,
        form.cleaned_data["key"],
        max_age=COOKIE_AGE,
        httponly=True,
        secure=settings.HTTPS,
        samesite="Strict",
    )
    return response


@never_cache
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Sign out and wipe what the browser keeps. Also where the countdown leads; a second click changes nothing."""
    if terminal := getattr(request, "terminal", None):
        actions.count_ended(terminal)
    logout(request)
    response = redirect("home:terminal_ended")
    response["Clear-Site-Data"] = WIPE
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages"):
        response.delete_cookie(name, samesite="Lax")
    return response


@never_cache
@require_safe
def ended(request: HttpRequest) -> HttpResponse:
    return render(request, "home/terminal_ended.html")


@never_cache
@require_POST
def stay(request: HttpRequest) -> HttpResponseBase:
    """More time, as often as wanted (WCAG 2.2.1). For the script an empty answer, without it the page before."""
    if request.headers.get("Accept") == "application/json":
        return HttpResponse(status=204)
    messages.info(request, _("Sie haben mehr Zeit."))
    return redirect("home:start")
