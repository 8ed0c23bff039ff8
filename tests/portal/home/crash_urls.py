"""The house's addresses and one that crashes."""

from django.urls import path

from portal.urls import handler500  # noqa: F401 - Django reads it here
from portal.urls import urlpatterns as house


def crash(request):
    raise RuntimeError("a broken view")


urlpatterns = [*house, path("absturz/", crash)]
