"""Error pages: what happened, what is saved, what to do. No code as a headline (F50)."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template import loader

from forms_engine.submissions import stash
from portal.documents.store import FileDamaged

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/bad_request.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/forbidden.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/not_found.html", status=404)


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
        return render(request, "errors/file_damaged.html", status=503)
