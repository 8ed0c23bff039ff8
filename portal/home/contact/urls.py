from django.urls import path

from portal.home.contact import views

urlpatterns = [
    path("", views.index, name="contact"),
    path("schreiben/", views.write, name="contact_write"),
    path("gesendet/<uuid:public_id>/", views.sent, name="contact_sent"),
    path("bestaetigen/<str:ticket>/", views.confirm, name="contact_confirm"),
]
