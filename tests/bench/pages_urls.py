"""The portal's addresses and one bare view to compare with."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal import urls
from portal.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hallo", headers={"Content-Length": "5"})  # keeps the connection, as our pages do


urlpatterns = [path("hallo/", hello), *urls.urlpatterns]
