"""Error pages: what happened, what is saved, what to do. No code as a headline (F50).

They come without the database, too: then without the person's name and navigation.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template import loader

from forms_engine.submissions import stash
from portal.documents.store import FileDamaged

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "errors/bad_request.html", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "errors/forbidden.html", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "errors/not_found.html", 404)


def _page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    try:
        return render(request, template, status=status)
    except DatabaseError:
        return HttpResponse(_without_request(template), status=status)


def _without_request(template: str, **more: object) -> str:
    """The page as a stranger sees it: nothing in it asks the database."""
    stranger = {"user": AnonymousUser(), "city": settings.CITY, "demo": settings.DEMO}
    return loader.render_to_string(template, stranger | more)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without request and context processors: the database or the file list may be what is broken."""
    page = loader.render_to_string("errors/server_error.html", {"static": settings.STATIC_URL, "city": settings.CITY})
    return HttpResponseServerError(page)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    kept = stash.keep(request)
    return redirect(kept) if kept else render(request, "errors/csrf.html", status=403)


class DamagedFiles:
    """A stored file that is gone or was changed is our fault and no crash: the person is told, the operators, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, FileDamaged):
            return None
        log.error("A stored file cannot be read at %s: %s", request.path, exception)
        return _page(request, "errors/file_damaged.html", 503)


class Maintenance:
    """While settings.MAINTENANCE_FILE exists every page is the maintenance page; its text says until when.

    The first of all middlewares: nothing behind it has to work.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        file = settings.MAINTENANCE_FILE
        if file is None or not file.exists() or request.path.startswith((settings.STATIC_URL, "/bereit/")):
            return self.get_response(request)
        until = file.read_text(encoding="utf-8", errors="replace").strip()[:300]
        page = _without_request("errors/maintenance.html", until=until)
        return HttpResponse(page, status=503, headers={"Retry-After": "600", "Cache-Control": "no-store"})
