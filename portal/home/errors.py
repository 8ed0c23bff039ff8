"""Error pages: what happened, what is saved, what to do. No code as a headline (F50)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template import loader

from forms_engine.submissions import stash


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
