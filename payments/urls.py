from django.urls import path

from payments import views

app_name = "payments"
urlpatterns = [
    path("zahlungen/", views.overview, name="list"),
    path("zahlung/webhook/<slug:provider>/", views.webhook, name="webhook"),
    path("zahlung/<uuid:public_id>/", views.receivable, name="receivable"),
    path("zahlung/<uuid:public_id>/bezahlen/", views.start, name="start"),
    path("zahlung/<uuid:public_id>/rueckkehr/", views.came_back, name="return"),
    path("zahlung/<uuid:public_id>/abbruch/", views.aborted, name="abort"),
    path("zahlung/<uuid:public_id>/bestaetigung.txt", views.proof, name="proof"),
]
