from django.urls import path

from mailbox import archive_views, box_views, views

app_name = "mailbox"
urlpatterns = [
    path("", box_views.inbox, name="inbox"),
    path("zugriffe/", archive_views.activity, name="log"),
    path("archiv/", archive_views.exports, name="exports"),
    path("archiv/<uuid:public_id>/", archive_views.export, name="export"),
    path("mehrere/", box_views.several, name="several"),
    path("gesendet/", box_views.sent, name="sent"),
    path("suche/", box_views.search, name="search"),
    path("ordner/", box_views.folders, name="folders"),
    path("ordner/<uuid:public_id>/", box_views.folder, name="folder"),
    path("ordner/<uuid:public_id>/loeschen/", box_views.remove_folder, name="remove_folder"),
    path("<uuid:public_id>/", views.message, name="message"),
    path("<uuid:public_id>/drucken/", archive_views.thread, name="thread"),
    path("<uuid:public_id>/anlage/<int:position>/", views.attachment, name="attachment"),
    path("<uuid:public_id>/antworten/", views.reply, name="reply"),
    path("<uuid:public_id>/gesendet/", views.replied, name="replied"),
    path("<uuid:public_id>/ablegen/", views.archive, name="archive"),
    path("<uuid:public_id>/zurueckholen/", views.unarchive, name="unarchive"),
]
