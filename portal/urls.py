"""Every address of the house. One include per app; tests/architecture holds the access matrix."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("verwaltung/vorgaenge/", include("forms_engine.cases.workplace.urls")),
    path("verwaltung/", admin.site.urls),
    path("konto/", include("allauth.urls")),
    path("", include("portal.documents.urls")),
    path("", include("portal.directory.urls")),
    path("", include("appointments.urls")),
    path("", include("mailbox.urls")),
    path("", include("forms_engine.cases.urls")),
    path("", include("forms_engine.submissions.urls")),
    path("", include("opendata.urls")),
]
