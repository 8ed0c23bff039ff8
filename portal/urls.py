"""Every address of the house. One include per app; tests/architecture holds the access matrix."""

from django.contrib import admin
from django.urls import include, path

from portal import health

urlpatterns = [
    path("verwaltung/", admin.site.urls),
    path("konto/", include("allauth.urls")),
    path("bereit/", health.ready, name="ready"),
]
