from django.urls import path

from forms_engine.definitions.builder import editing, lifecycle, ruling, shelf, tools, views

app_name = "builder"
urlpatterns = [
    path("", shelf.forms_list, name="forms"),
    path("neu/", shelf.new, name="new"),
    path("einlesen/", shelf.from_file, name="from_file"),
    path("<slug:form>/", lifecycle.form, name="form"),
    path("<slug:form>/schritt/<slug:step>/", lifecycle.step, name="step"),
    path("<slug:form>/wartung/<int:pause>/beenden/", lifecycle.end_pause, name="end_pause"),
    path("<slug:form>/fassung/<int:number>.yaml", tools.export, name="export"),
    path("<slug:form>/testfaelle/", tools.cases, name="cases"),
    path("<slug:form>/testfaelle/<int:case>/erneuern/", tools.renew_case, name="renew_case"),
    path("<slug:form>/testfaelle/<int:case>/loeschen/", tools.drop_case, name="drop_case"),
    path("<slug:form>/regeln/", ruling.rules, name="rules"),
    path("<slug:form>/bauen/", views.outline, name="outline"),
    path("<slug:form>/bauen/rueckgaengig/", views.undo, name="undo"),
    path("<slug:form>/bauen/neue-seite/", views.add_page, name="add_page"),
    path("<slug:form>/bauen/neu/<str:home>/", views.add_entry, name="add_entry"),
    path("<slug:form>/bauen/loeschen/", views.delete, name="delete"),
    path("<slug:form>/bauen/frage/<str:name>/", editing.entry, name="entry"),
    path("<slug:form>/bauen/seite/<slug:key>/", editing.sheet, name="sheet"),
    path("<slug:form>/bauen/bedingung/", editing.condition, name="condition"),
    path("<slug:form>/bauen/teil/<slug:section>/", editing.section, name="section"),
    path("<slug:form>/bauen/texte/", tools.texts, name="texts"),
    path("<slug:form>/bauen/quelltext/", tools.source, name="source"),
    path("<slug:form>/bauen/verlauf/", tools.history, name="history"),
]
