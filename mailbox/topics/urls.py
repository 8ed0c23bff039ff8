from django.urls import path

from mailbox.topics import views

app_name = "topics"
urlpatterns = [
    path("", views.index, name="index"),
    path("angefragt/", views.asked, name="asked"),
    path("meine/", views.mine, name="mine"),
    path("bestaetigen/<str:token>/", views.confirm, name="confirm"),
    path("auswahl/<str:token>/", views.choose, name="choose"),
    path("abmelden/<str:token>/", views.end, name="end"),
    path("<slug:slug>/", views.topic, name="topic"),
    path("<slug:slug>/atom.xml", views.feed, name="feed"),
    path("<slug:slug>/<int:year>/<int:number>/", views.issue, name="issue"),
]
