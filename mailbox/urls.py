from django.urls import path

from mailbox import views

app_name = "mailbox"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("<uuid:public_id>/", views.message, name="message"),
    path("<uuid:public_id>/anlage/<int:position>/", views.attachment, name="attachment"),
    path("<uuid:public_id>/antworten/", views.reply, name="reply"),
    path("<uuid:public_id>/gesendet/", views.replied, name="replied"),
    path("<uuid:public_id>/ablegen/", views.archive, name="archive"),
    path("<uuid:public_id>/zurueckholen/", views.unarchive, name="unarchive"),
]
