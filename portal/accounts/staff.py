"""Sessions of staff: signed in at the staff's own address, with a second factor, for a working day at most.

A session gets its mark when somebody of staff signs in at the staff's address (hosts.py) and at no other moment: what a
citizen's session has never becomes a clerk's. Whoever takes too long is signed out; what they sent waits (kept.py).
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from portal import hosts
from portal.accounts import second_factor
from portal.accounts.identity import kept, sessions
from portal.accounts.models import SignIn, User
from portal.common import clock

SINCE, SEEN, SIGN_IN = "staff_since", "staff_seen", "sign_in"  # in the session; the last is set by sign_ins.record
SEEN_EVERY = 30  # seconds: no row is written more often
TOO_LONG = "Ihre Sitzung ist abgelaufen. Melden Sie sich wieder an."
NO_FACTOR = "Für die Verwaltung brauchen Sie einen zweiten Nachweis. Richten Sie einen Passkey oder eine App ein."


class Ends(NamedTuple):
    """Aware. `idle`: without a further click; `latest`: in any case."""

    idle: dt.datetime
    latest: dt.datetime

    @property
    def first(self) -> dt.datetime:
        return min(self.idle, self.latest)


def begin(request: HttpRequest, user: User) -> None:
    """Called when somebody has just signed in."""
    for mark in (SINCE, SEEN):
        request.session.pop(mark, None)
    if user.is_staff and at_staff_address(request):
        now = clock.now().timestamp()
        request.session.update({SINCE: now, SEEN: now})
        # The row outlives the idle time, so that whoever comes back too late is still known.
        request.session.set_expiry(settings.STAFF_SESSION_SECONDS + settings.STAFF_IDLE_SECONDS)


def at_staff_address(request: HttpRequest) -> bool:
    """True everywhere while there is only one address (demo)."""
    return bool(getattr(request, "at_staff_address", True))


def is_proven(request: HttpRequest) -> bool:
    """Whether this session may enter the administration: its mark, and a second factor shown in it."""
    if not isinstance(request.user, User) or SINCE not in request.session:
        return False
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def ends(request: HttpRequest) -> Ends | None:
    """When this session ends; None for sessions that are not staff's."""
    since, seen = request.session.get(SINCE), request.session.get(SEEN)
    if since is None or seen is None:
        return None
    idle, latest = settings.STAFF_IDLE_SECONDS, settings.STAFF_SESSION_SECONDS
    return Ends(dt.datetime.fromtimestamp(seen + idle, dt.UTC), dt.datetime.fromtimestamp(since + latest, dt.UTC))


def way_in(request: HttpRequest, target: str) -> HttpResponse | None:
    """Where somebody of staff shows or sets up the second factor; None if they have to sign in anew."""
    user = request.user
    if not (isinstance(user, User) and user.is_staff and SINCE in request.session):
        return None
    if second_factor.is_on(user):
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({REDIRECT_FIELD_NAME: target})}")
    messages.warning(request, NO_FACTOR)
    return redirect("mfa_index")


class StaffSessions:
    """Middleware, after authentication and forgery protection: keeps the limits of staff's sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SINCE in request.session and not at_staff_address(request):
            request.session = type(request.session)()  # somebody carried it over: here it is nobody's
            request.user = AnonymousUser()
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Here, because forgery protection has just looked: nobody else makes us keep what they post."""
        limits = ends(request)
        if _needs_proof(request) and not (limits and is_proven(request)):
            return way_in(request, request.get_full_path()) or _to_sign_in(request)
        if limits is None:
            return None
        now = clock.now()
        if now >= limits.first:
            return _sign_out(request)
        if now.timestamp() - request.session[SEEN] >= SEEN_EVERY:
            request.session[SEEN] = now.timestamp()
            if row := request.session.get(SIGN_IN):
                SignIn.objects.filter(public_id=row).update(seen_at=now)
        request.staff_ends = ends(request)  # type: ignore[attr-defined]  # shown by templates/admin/base_site.html
        return None


def _needs_proof(request: HttpRequest) -> bool:
    """What staff share with citizens asks nobody for a second factor; at the staff's own host it does."""
    return bool(settings.STAFF_HOST) and at_staff_address(request) and hosts.is_rooms(request.path_info)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('admin:login')}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}")


def _sign_out(request: HttpRequest) -> HttpResponse:
    browser = sessions.browser_secret(request)
    target = kept.keep(request) or (request.get_full_path() if request.method == "GET" else reverse("admin:index"))
    logout(request)
    sessions.same_browser(request, browser)
    messages.warning(request, TOO_LONG)
    return redirect(f"{reverse('admin:login')}?{urlencode({REDIRECT_FIELD_NAME: target})}")
