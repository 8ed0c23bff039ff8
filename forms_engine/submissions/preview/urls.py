from django.urls import path

from forms_engine.submissions.preview import views

app_name = "preview"
urlpatterns = [
    path("<slug:form>/vorschau/", views.frames, name="frames"),
    path("<slug:form>/vorschau/start/", views.start, name="start"),
    path("<slug:form>/vorschau/seite/<slug:page>/", views.page, name="page"),
    path("<slug:form>/vorschau/pruefen/", views.summary, name="summary"),
    path("<slug:form>/vorschau/leeren/", views.forget, name="forget"),
]
