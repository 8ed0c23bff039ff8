from django.urls import path

from mailbox.exchange import guests, views

app_name = "exchange"
urlpatterns = [
    path("", views.rooms, name="rooms"),
    path("neu/", views.new, name="new"),
    path("einladung/", guests.door, name="door"),
    path("einladung/code/", guests.ask_code, name="ask_code"),
    path("einladung/verlassen/", guests.leave, name="leave"),
    path("einladung/<str:token>/", guests.knock, name="knock"),
    path("<uuid:public_id>/", views.room, name="room"),
    path("<uuid:public_id>/einladen/", views.invite, name="invite"),
    path("<uuid:public_id>/einladen/<uuid:invitation>/zuruecknehmen/", views.revoke, name="revoke"),
    path("<uuid:public_id>/hochladen/", views.drop, name="drop"),
    path("<uuid:public_id>/hochladen/<uuid:upload>/verwerfen/", views.give_up, name="give_up"),
    path("<uuid:public_id>/datei/<int:number>/", views.download, name="download"),
    path("<uuid:public_id>/datei/<int:number>/loeschen/", views.delete, name="delete"),
    path("<uuid:public_id>/alles/", views.everything, name="everything"),
    path("<uuid:public_id>/protokoll/", views.log, name="log"),
    path("<uuid:public_id>/verlaengern/", views.extend, name="extend"),
    path("<uuid:public_id>/beenden/", views.end, name="end"),
]
