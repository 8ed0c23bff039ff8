from django.urls import path

from mailbox.exchange import tus

app_name = "tus"
urlpatterns = [
    path("<uuid:room>/", tus.collection, name="collection"),
    path("<uuid:room>/<uuid:public_id>", tus.resource, name="upload"),
]
