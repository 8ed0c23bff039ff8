from django.urls import path

from forms_engine.cases.workplace import retention

app_name = "retention"
urlpatterns = [
    path("", retention.lists, name="lists"),
    path("anbietung.csv", retention.offer_list, name="offer_list"),
    path("<uuid:disposal_id>/sperre/", retention.hold, name="hold"),
    path("<slug:what>/", retention.act, name="act"),
]
