from django.urls import path

from forms_engine.submissions import arriving, resuming, starting, versions, views

app_name = "submissions"
# The uuid patterns stand first: a slug could look like one, a uuid is never the name of a form.
urlpatterns = [
    path("<uuid:draft>/", views.draft, name="draft"),
    path("<uuid:draft>/loeschen/", views.delete, name="delete"),
    path("<uuid:draft>/neue-fassung/", versions.move, name="move"),
    path("<uuid:draft>/datei/<uuid:upload>/", views.download, name="download"),
    path("weiter/<str:token>/", resuming.resume, name="resume"),
    path("danke/<slug:form>/", starting.thanks, name="thanks"),
    path("<uuid:draft>/link/", resuming.send_link, name="send_link"),
    path("<uuid:draft>/ankunft/", arriving.announce, name="announce"),
    path("<uuid:draft>/ankunft/<uuid:arrival>/", arriving.arrival, name="arrival"),
    path("<uuid:draft>/<slug:page>/", views.page, name="page"),
    path("<slug:form>/", starting.start, name="start"),
]
