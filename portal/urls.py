"""Every address of the house. One include per app; tests/architecture holds the access matrix."""

from django.contrib import admin
from django.urls import include, path

admin.site.site_title = admin.site.site_header = "Verwaltung"
admin.site.index_title = "Übersicht"

urlpatterns = [
    path("", include("portal.home.urls")),
    path("verwaltung/", admin.site.urls),
    path("konto/", include("allauth.urls")),
]

handler400 = "portal.home.errors.bad_request"
handler403 = "portal.home.errors.forbidden"
handler404 = "portal.home.errors.not_found"
handler500 = "portal.home.errors.server_error"
