from django.urls import path

from opendata import views

app_name = "opendata"
urlpatterns = [
    path("daten/", views.catalogue, name="catalogue"),
    path("daten/<slug:slug>/", views.dataset, name="dataset"),
    path("daten/<slug:slug>.<slug:suffix>", views.download, name="download"),
]
