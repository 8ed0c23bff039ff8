from django.urls import path

from mailbox import staff_views

app_name = "emergency"
urlpatterns = [
    path("", staff_views.overview, name="overview"),
    path("nachricht/<uuid:public_id>/", staff_views.message, name="message"),
    path("<uuid:look>/entscheiden/", staff_views.answer, name="answer"),
    path("<uuid:look>/lesen/", staff_views.read, name="read"),
]
