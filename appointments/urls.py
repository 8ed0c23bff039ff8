from django.urls import path

from appointments import views

app_name = "appointments"
urlpatterns = [
    path("termine/", views.index, name="list"),
    path("termine/<uuid:public_id>/", views.appointment, name="appointment"),
    path("termine/<uuid:public_id>/verschieben/", views.move, name="move"),
    path("termine/<uuid:public_id>/absagen/", views.cancel, name="cancel"),
    path("termine/<uuid:public_id>/termin.ics", views.calendar_file, name="calendar_file"),
]
