from django.urls import path

from forms_engine.cases.workplace import queue, views

app_name = "workplace"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("<uuid:case>/", views.case_page, name="case"),
    path("<uuid:case>/uebernehmen/", views.claim, name="claim"),
    path("<uuid:case>/freigeben/", views.release, name="release"),
    path("<uuid:case>/zuteilen/", views.assign, name="assign"),
    path("<uuid:case>/nachfordern/", views.request_documents, name="request_documents"),
    path("<uuid:case>/schreiben/", views.write, name="write"),
    path("<uuid:case>/entscheiden/", views.decide, name="decide"),
    path("<uuid:case>/gegenzeichnen/", views.approve, name="approve"),
    path("<uuid:case>/erledigen/", views.finish, name="finish"),
    path("<uuid:case>/schriftstueck/<slug:kind>/", views.paper, name="paper"),
    path("<uuid:case>/anlage/<uuid:file>/", views.submission_file, name="submission_file"),
    path("<uuid:case>/unterlage/<uuid:file>/", views.case_document, name="case_document"),
]
