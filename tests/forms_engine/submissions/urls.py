"""The house's addresses and, as long as the check page has no app, a place for it."""

from django.http import HttpResponse
from django.urls import include, path

from portal.urls import urlpatterns as house


def check(request, draft):
    return HttpResponse("Angaben prüfen")


_known = {getattr(pattern, "namespace", None) for pattern in house}
_check = (([path("antrag/<uuid:draft>/pruefen/", check, name="check")], "cases"), "cases")
urlpatterns = [*([] if "cases" in _known else [path("", include(_check[0], _check[1]))]), *house]
