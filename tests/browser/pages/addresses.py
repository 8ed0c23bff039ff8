"""The house's addresses, and one address for each page that a healthy house does not show by itself."""

from allauth.core.ratelimit import respond_429
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.documents.store import FileDamaged
from portal.home import errors
from portal.urls import handler400, handler403, handler404, handler500  # noqa: F401 - Django reads them here
from portal.urls import urlpatterns as house


def bad_request(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def damaged(request: HttpRequest) -> HttpResponse:
    raise FileDamaged("stored bytes differ")


def maintenance(request: HttpRequest) -> HttpResponse:
    page = errors._without_request("errors/maintenance.html", until="Wir sind um 14 Uhr wieder da.")
    return HttpResponse(page, status=503)


urlpatterns = [
    *house,
    path("probe/400/", bad_request),
    path("probe/403/", forbidden),
    path("probe/csrf/", errors.csrf_failure),
    path("probe/429/", respond_429),
    path("probe/500/", errors.server_error),
    path("probe/datei/", damaged),
    path("probe/wartung/", maintenance),
]
