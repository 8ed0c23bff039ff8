from django.urls import path

from portal.home.account import security

app_name = "account"
urlpatterns = [
    path("sicherheit/", security.security, name="security"),
    path("sicherheit/geraete/<uuid:device>/abmelden/", security.end_one, name="end_one"),
    path("sicherheit/ueberall-abmelden/", security.end_all, name="end_all"),
]
