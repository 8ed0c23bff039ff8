from django.urls import path

from portal.directory import views

app_name = "directory"
urlpatterns = [
    path("dienststellen/<slug:slug>/", views.office, name="office"),
]
