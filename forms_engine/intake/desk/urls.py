from django.urls import path

from forms_engine.intake.desk import queue, views

app_name = "intake"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("<uuid:item>/", views.item_page, name="item"),
    path("<uuid:item>/original/", views.original, name="original"),
    path("<uuid:item>/teil/<uuid:part>/", views.part, name="part"),
    path("<uuid:item>/ablegen/", views.file, name="file"),
    path("<uuid:item>/aussortieren/", views.set_aside, name="set_aside"),
    path("<uuid:item>/zurueckholen/", views.look_again, name="look_again"),
    path("<uuid:item>/weitergeben/", views.hand_over, name="hand_over"),
]
