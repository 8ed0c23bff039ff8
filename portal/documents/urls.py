from django.urls import path

from portal.documents import views

app_name = "documents"
urlpatterns = [
    path("", views.check, name="check"),
    path("<str:code>/", views.verdict, name="verdict"),
]
