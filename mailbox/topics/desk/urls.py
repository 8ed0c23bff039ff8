from django.urls import path

from mailbox.topics.desk import views

app_name = "newsdesk"
urlpatterns = [
    path("", views.issues, name="issues"),
    path("neu/<slug:slug>/", views.begin, name="begin"),
    path("<uuid:public_id>/", views.issue, name="issue"),
    path("<uuid:public_id>/schreiben/", views.write, name="write"),
    path("<uuid:public_id>/ansicht.html", views.as_mailed, name="as_mailed"),
    path("<uuid:public_id>/probe/", views.try_out, name="try_out"),
    path("<uuid:public_id>/schritt/", views.step, name="step"),
]
