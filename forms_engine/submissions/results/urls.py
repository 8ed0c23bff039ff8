from django.urls import path

from forms_engine.submissions.results import views

app_name = "results"
urlpatterns = [
    path("<slug:form>/auswertung/", views.results, name="results"),
    path("<slug:form>/auswertung/antworten.csv", views.export, name="export"),
]
