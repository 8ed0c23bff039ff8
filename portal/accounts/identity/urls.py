from django.urls import path

from portal.accounts.identity import arrivals, views

app_name = "identity"
urlpatterns = [
    path("", views.identities, name="identities"),
    path("abgemeldet/", arrivals.signed_out, name="signed_out"),
    path("adresse/", arrivals.address, name="address"),
    path("abschluss/", arrivals.finish, name="finish"),
    path("metadaten/", views.metadata, name="metadata"),
    path("zweiter-schritt/", arrivals.second_step, name="second_step"),
    path("nachweis/", views.step_up, name="step_up"),
    path("<slug:provider>/anmelden/", views.sign_in, name="sign_in"),
    path("<slug:provider>/antwort/", views.answer, name="answer"),
    path("<slug:provider>/nachweisen/", views.prove, name="prove"),
    path("<slug:provider>/trennen/", views.unlink, name="unlink"),
    path("<slug:provider>/verknuepfen/", views.link, name="link"),
]
