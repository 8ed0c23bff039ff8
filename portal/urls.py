"""Every address of the house. One include per app; tests/architecture holds the access matrix."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("verwaltung/", admin.site.urls),
    path("konto/", include("allauth.urls")),
    path("pruefen/", include("portal.documents.urls")),
]
