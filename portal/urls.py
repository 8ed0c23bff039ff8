"""Every address of the house. One include per app; tests/architecture holds the access matrix."""

from allauth.account import urls as account_urls
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.contrib import admin
from django.urls import include, path

from forms_engine.intake import api as intake
from portal import health
from portal.languages import in_every_language

urlpatterns = [
    path("verwaltung/vorgaenge/", include("forms_engine.cases.workplace.urls")),
    path("verwaltung/aufbewahrung/", include("forms_engine.cases.workplace.retention_urls")),
    path("verwaltung/posteingang/", include("forms_engine.intake.desk.urls")),
    path("verwaltung/newsletter/", include("mailbox.topics.desk.urls")),
    path("verwaltung/formulare/", include("forms_engine.submissions.preview.urls")),
    path("verwaltung/formulare/", include("forms_engine.submissions.results.urls")),
    path("verwaltung/formulare/", include("forms_engine.definitions.builder.urls")),
    path("verwaltung/notzugriff/", include("mailbox.staff_urls")),
    path("verwaltung/", admin.site.urls),
    # Only the return: allauth's own pages for other accounts would bypass ours. The name is the one allauth asks for.
    path("konto/oidc/<slug:provider_id>/antwort/", openid_connect.callback, name="openid_connect_callback"),
    path("bereit/", health.ready, name="ready"),
    path("schnittstelle/eingang/", intake.deliver, name="intake_api"),
    path("austausch/tus/", include("mailbox.exchange.tus_urls")),
    in_every_language(
        path("konto/identitaet/", include("portal.accounts.identity.urls")),
        path("konto/", include("portal.home.account.urls")),
        path("konto/2fa/", include("allauth.mfa.urls")),
        path("konto/", include(account_urls)),
        path("postfach/", include("mailbox.urls")),
        path("newsletter/", include("mailbox.topics.urls")),
        path("austausch/", include("mailbox.exchange.urls")),
        path("", include("forms_engine.cases.urls")),  # before submissions: "pruefen" is not the name of a page
        path("antrag/", include("forms_engine.submissions.urls")),
        path("", include("payments.urls")),
        path("", include("appointments.urls")),
        path("", include("portal.directory.urls")),
        path("pruefen/", include("portal.documents.urls")),
        path("", include("opendata.urls")),
        path("", include("portal.home.urls")),
    ),
]

handler400 = "portal.home.errors.bad_request"
handler403 = "portal.home.errors.forbidden"
handler404 = "portal.home.errors.not_found"
handler500 = "portal.home.errors.server_error"
