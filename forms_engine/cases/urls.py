from django.urls import path

from forms_engine.cases import arriving, booking, return_sheet, sending, status_page, views

app_name = "cases"
urlpatterns = [
    path("antrag/<uuid:draft>/pruefen/", sending.check, name="check"),
    path("stand/", status_page.status, name="status"),
    path("vorgaenge/", views.case_list, name="list"),
    path("vorgaenge/<uuid:case>/", views.case_page, name="case"),
    path("vorgaenge/<uuid:case>/eingang/", sending.received, name="received"),
    path("vorgaenge/<uuid:case>/statuscode/", status_page.renew, name="renew_code"),
    path("vorgaenge/<uuid:case>/nachreichen/", views.hand_in, name="hand_in"),
    path("vorgaenge/<uuid:case>/ankunft/", arriving.announce, name="announce"),
    path("vorgaenge/<uuid:case>/ankunft/<uuid:arrival>/", arriving.arrival, name="arrival"),
    path("vorgaenge/<uuid:case>/deckblatt/", return_sheet.sheet, name="return_sheet"),
    path("vorgaenge/<uuid:case>/zurueckziehen/", views.withdraw, name="withdraw"),
    path("vorgaenge/<uuid:case>/termin/", booking.book, name="book"),
    path("vorgaenge/<uuid:case>/schriftstueck/<slug:kind>/", views.paper, name="paper"),
    path("vorgaenge/<uuid:case>/anlage/<uuid:file>/", views.submission_file, name="submission_file"),
    path("vorgaenge/<uuid:case>/unterlage/<uuid:file>/", views.case_document, name="case_document"),
]
