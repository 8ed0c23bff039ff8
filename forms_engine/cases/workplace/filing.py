"""What clerks add on the case page: notes, tasks, dates, ticks, links, newer files. Each button is one verb."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from forms_engine.cases import access, casefile, rules
from forms_engine.cases.models import Case
from forms_engine.cases.workplace.contents import replace_form, task_form
from forms_engine.cases.workplace.forms import DateForm, NoteForm, RelateForm
from forms_engine.cases.workplace.frame import clerks
from forms_engine.cases.workplace.views import again
from portal.accounts.access import citizen


def _back(case: Case, place: str) -> HttpResponse:
    response = redirect("workplace:case", case.public_id)
    response["Location"] += f"#{place}"
    return response


@clerks
@require_POST
def note(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = access.case_for_clerk(citizen(request), case)
    form = NoteForm(request.POST, prefix="notiz")
    if not form.is_valid():
        return again(request, found, note_form=form, form=form)
    casefile.write_note(found, text=form.cleaned_data["text"], by=citizen(request))
    messages.success(request, "Die Notiz steht in der Akte.")
    return _back(found, "notizen")


@clerks
@require_POST
def task(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = access.case_for_clerk(citizen(request), case)
    form = task_form(found, request.POST)
    if not form.is_valid():
        return again(request, found, task_form=form, form=form)
    casefile.add_task(found, by=citizen(request), **form.cleaned_data)
    messages.success(request, "Die Aufgabe steht in der Liste.")
    return _back(found, "aufgaben")


@clerks
@require_POST
def task_done(request: HttpRequest, case: uuid.UUID, task: uuid.UUID) -> HttpResponse:
    found = access.case_for_clerk(citizen(request), case)
    if casefile.finish_task(access.task(found, task), by=citizen(request)):
        messages.success(request, "Die Aufgabe ist erledigt.")
    return _back(found, "aufgaben")


@clerks
@require_POST
def date(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = access.case_for_clerk(citizen(request), case)
    form = DateForm(request.POST, prefix="frist")
    if not form.is_valid():
        return again(request, found, date_form=form, form=form)
    casefile.set_date(found, by=citizen(request), **form.cleaned_data)
    messages.success(request, "Der Tag ist vorgemerkt.")
    return _back(found, "fristen")


@clerks
@require_POST
def date_done(request: HttpRequest, case: uuid.UUID, date: uuid.UUID) -> HttpResponse:
    found = access.case_for_clerk(citizen(request), case)
    if casefile.finish_date(access.date(found, date), by=citizen(request)):
        messages.success(request, "Erledigt.")
    return _back(found, "fristen")


@clerks
@require_POST
def relate(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found, clerk = access.case_for_clerk(citizen(request), case), citizen(request)
    form = RelateForm(request.POST, prefix="verknuepfen")
    other = access.desk(clerk).filter(number=form.cleaned_data["number"]).first() if form.is_valid() else None
    if form.is_valid() and (other is None or other.pk == found.pk):
        form.add_error("number", "Zu diesem Aktenzeichen gibt es keinen anderen Vorgang, den Sie öffnen dürfen.")
    if other is None or not form.is_valid():
        return again(request, found, relate_form=form, form=form)
    casefile.relate(found, other, by=clerk)
    messages.success(request, f"Verknüpft mit {other.number}.")
    return _back(found, "verknuepft")


@clerks
@require_POST
def unrelate(request: HttpRequest, case: uuid.UUID, other: uuid.UUID) -> HttpResponse:
    found, clerk = access.case_for_clerk(citizen(request), case), citizen(request)
    if casefile.unrelate(found, access.case_for_clerk(clerk, other), by=clerk):
        messages.success(request, "Die Verknüpfung ist gelöst.")
    return _back(found, "verknuepft")


@clerks
@require_POST
def checklist(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """The boxes as they were sent are what is checked now."""
    found, words = access.case_for_clerk(citizen(request), case), None
    if found.is_open:
        words = rules.deciding(found)
    if words is None:
        raise Http404
    known = frozenset(item.key for item in words.checklist)
    if casefile.tick(found, frozenset(request.POST.getlist("punkt")), known=known, by=citizen(request)):
        messages.success(request, "Die Prüfliste ist gespeichert.")
    return _back(found, "pruefliste")


@clerks
@require_POST
def replace(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = access.case_for_clerk(citizen(request), case)
    form = replace_form(found, request.POST)
    if not form.is_valid():
        return again(request, found, replace_form=form, form=form)
    new = access.case_document(found, uuid.UUID(form.cleaned_data["new"]))
    if casefile.replace(found, old=form.cleaned_data["old"], new=new, by=citizen(request)):
        messages.success(request, "Die neuere Datei gilt. Die ältere bleibt in der Akte.")
    else:
        messages.error(
            request, "Das geht nicht: Eine der Dateien ist schon ersetzt, oder die Reihenfolge stimmt nicht."
        )
    return _back(found, "unterlagen")
