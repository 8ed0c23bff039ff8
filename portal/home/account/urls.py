from django.urls import path

from portal.home.account import companies, merging, privacy, profile, representation, security

app_name = "account"
urlpatterns = [
    path("profil/adresse/", profile.contact, name="contact"),
    path("profil/sprache-und-hinweise/", profile.preferences, name="preferences"),
    path("sicherheit/", security.security, name="security"),
    path("sicherheit/geraete/<uuid:device>/abmelden/", security.end_one, name="end_one"),
    path("sicherheit/ueberall-abmelden/", security.end_all, name="end_all"),
    path("daten/", privacy.privacy, name="privacy"),
    path("daten/zugriffe/", privacy.readings, name="readings"),
    path("daten/herunterladen/", privacy.export, name="export"),
    path("daten/einwilligung/<slug:subject>/", privacy.consent, name="consent"),
    path("loeschen/", privacy.delete, name="delete"),
    path("geloescht/", privacy.deleted, name="deleted"),
    path("zusammenlegen/", merging.merge, name="merge"),
    path("zusammenlegen/<uuid:merge>/rueckgaengig/", merging.undo, name="merge_undo"),
    path("vertretung/", representation.mandates_page, name="mandates"),
    path("vertretung/neu/", representation.invite, name="invite"),
    path("vertretung/kind/", representation.add_child, name="add_child"),
    path("unternehmen/neu/", companies.found, name="found_company"),
    path("unternehmen/<uuid:company>/", companies.company, name="company"),
    path("unternehmen/<uuid:company>/aendern/", companies.change, name="change_company"),
    path("unternehmen/<uuid:company>/einladen/", companies.invite, name="invite_member"),
    path("unternehmen/<uuid:company>/schliessen/", companies.close, name="close_company"),
    path("unternehmen/<uuid:company>/mitglied/<uuid:member>/rolle/", companies.role, name="member_role"),
    path("unternehmen/<uuid:company>/mitglied/<uuid:member>/beenden/", companies.end, name="end_member"),
    path("vertretung/annehmen/<str:signed>/", representation.accept, name="accept"),
    path("vertretung/handeln/", representation.act, name="act"),
    path("vertretung/<uuid:mandate>/beenden/", representation.revoke, name="revoke"),
]
