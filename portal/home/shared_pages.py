"""Public pages kept in the memory of each web process, for people of whom nothing is known.

Only a view that says so (@for_everybody) is kept, only its plain 200 without any cookie, and only for requests that
bring no cookie either: no session, no terminal, no message, no CSRF token can be inside or be looked for. A kept page
is shown while the directory has the edition it was drawn from (portal.directory.editions) and for KEEP at most. Nothing
outside the process holds pages: there is nothing to lose, to empty or to mistake for another release of the program.
"""

import datetime as dt
import functools
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from portal.common import clock
from portal.directory import editions

KEEP = dt.timedelta(minutes=10)
MOST_PAGES, LONGEST_PAGE = 512, 200_000
HARMLESS = frozenset({settings.CSRF_COOKIE_NAME})  # never looked at by these pages
PARAMETERS = frozenset({"suche", "buchstabe", "online", "seite"})
MAY_VARY = frozenset({"cookie", "accept-language"})  # no cookie is there, the language is part of the key
Key = tuple[bool, str, str, str, str]
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


@dataclass(frozen=True)
class _Kept:
    edition: uuid.UUID
    until: dt.datetime
    headers: tuple[tuple[str, str], ...]
    body: bytes


class _Shelf:
    """The pages used last, shared by the threads of one process."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Key, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> _Kept | None:
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: Key, page: _Kept) -> None:
        with self._lock:
            self._pages[key] = page
            self._pages.move_to_end(key)
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()


shelf = _Shelf()


def for_everybody(view: View[P]) -> View[P]:
    """This page tells nothing about who reads it. The view may take it back: response.edition = None."""

    @functools.wraps(view)
    def marked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        # Before the view reads anything: what it draws is then never older than this edition.
        edition = editions.present() if _key(request) else None
        response = view(request, *args, **kwargs)
        if not hasattr(response, "edition"):
            response.edition = edition  # type: ignore[attr-defined]  # read below, on the way out
        return response

    return marked


class SharedPages:
    """Middleware, before everything that looks at the person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = _key(request)
        if key is None:
            return self.get_response(request)
        page = shelf.get(key)
        if page is not None and _is_present(page):
            return HttpResponse(page.body, headers=dict(page.headers))
        response = self.get_response(request)
        _keep(key, request, response)
        return response


def _key(request: HttpRequest) -> Key | None:
    """None for a request whose answer may depend on more than what stands here."""
    if request.method != "GET" or not HARMLESS.issuperset(request.COOKIES) or not PARAMETERS.issuperset(request.GET):
        return None
    query = request.META.get("QUERY_STRING", "")
    if len(query) > 300 or "HTTP_AUTHORIZATION" in request.META:
        return None
    host, language = request.META.get("HTTP_HOST", ""), request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    return request.is_secure(), host, language[:100], request.path_info, query


def _is_present(page: _Kept) -> bool:
    try:
        return clock.now() < page.until and editions.present() == page.edition
    except DatabaseError:
        return False  # the way of every page without a database then


def _keep(key: Key, request: HttpRequest, response: HttpResponse) -> None:
    edition: uuid.UUID | None = getattr(response, "edition", None)
    if edition is None or response.status_code != 200 or response.streaming or len(response.content) > LONGEST_PAGE:
        return
    if response.cookies or request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):
        return
    varies = {name.strip().lower() for name in response.get("Vary", "").split(",") if name.strip()}
    if varies <= MAY_VARY:
        until = clock.now() + KEEP
        shelf.put(key, _Kept(edition, until, tuple(response.items()), response.content))
