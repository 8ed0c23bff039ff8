"""One thing that arrived: read it, file it, give it to a team, put it aside. Each button is one verb of filing.py."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from forms_engine.cases.inbound import Disposed
from forms_engine.cases.workplace.frame import clerks, page
from forms_engine.intake import access, filing
from forms_engine.intake.desk.forms import FileForm, HandOverForm, SetAsideForm
from forms_engine.intake.models import InboundItem, SetAsideReason
from forms_engine.intake.states import IllegalTransition, State
from portal.accounts.access import citizen
from portal.audit import actions as audit
from portal.common import clock
from portal.documents import downloads

TOO_LATE = "Der Eingang hat sich inzwischen geändert. Ihre Aktion wurde nicht ausgeführt."
NOT_YOURS = "Zu diesem Aktenzeichen bearbeiten Sie keinen Vorgang. Prüfen Sie es oder geben Sie den Eingang weiter."
SHOWN = 20_000  # characters of a text on the page; all of it is in the file


@clerks
@require_GET
def item_page(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    return _item(request, _look(request, item, "inbound.read"))


def _look(request: HttpRequest, item: uuid.UUID, what: str) -> InboundItem:
    found = access.item_for_clerk(citizen(request), item)
    audit.record(what, str(found), str(citizen(request).public_id))
    return found


def _item(request: HttpRequest, item: InboundItem, status: int = 200, **forms: object) -> HttpResponse:
    """What is locked or not scanned yet is not opened: neither its words nor its files."""
    opened = item.emptied_at is None and item.raw is not None and item.raw.can_open
    open_to_work = item.state == State.TRIAGE
    facts = item.facts if opened else {}
    context = {
        "item": item,
        "facts": facts,
        "heading": facts.get("subject") or facts.get("name") or "Ohne Betreff",
        "shown_text": facts.get("text", "")[:SHOWN],
        "parts": item.parts.select_related("stored", "item").order_by("position") if opened else (),
        "opened": opened,
        "open_to_work": open_to_work,
        "can_set_aside": item.state in (State.TRIAGE, State.QUARANTINED),
        "can_look_again": item.state == State.SET_ASIDE and item.emptied_at is None,
        "file_form": FileForm(prefix="ablegen", initial={"number": item.suggested.number if item.suggested else ""}),
        "set_aside_form": SetAsideForm(prefix="aussortieren"),
        "hand_over_form": HandOverForm(prefix="weitergeben", teams=access.teams_to_give_to(item)),
        **forms,
    }
    title = f"Eingang vom {clock.local(item.received_at):%d.%m.%Y}"
    return page(request, "intake/item.html", title, status, **context)


@clerks
@require_POST
def file(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    found, clerk = access.item_for_clerk(citizen(request), item), citizen(request)
    form = FileForm(request.POST, prefix="ablegen")
    case = access.case_to_file_in(clerk, form.cleaned_data["number"]) if form.is_valid() else None
    if form.is_valid() and case is None:
        form.add_error("number", NOT_YOURS)
    if case is None:
        return _item(request, found, 422, file_form=form, form=form)
    try:
        if filing.file(found, case, by=clerk):
            messages.success(request, f"Abgelegt im Vorgang {case.number}.")
    except (IllegalTransition, Disposed):
        messages.error(request, TOO_LATE)
        return redirect("intake:item", found.public_id)
    return redirect("workplace:case", case.public_id)


@clerks
@require_POST
def set_aside(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    found = access.item_for_clerk(citizen(request), item)
    form = SetAsideForm(request.POST, prefix="aussortieren")
    if not form.is_valid():
        return _item(request, found, 422, set_aside_form=form, form=form)
    try:
        filing.set_aside(found, SetAsideReason(form.cleaned_data["reason"]), by=citizen(request))
    except IllegalTransition:
        messages.error(request, TOO_LATE)
    else:
        messages.success(request, "Aussortiert. Der Inhalt wird nach 90 Tagen gelöscht.")
    return redirect("intake:queue")


@clerks
@require_POST
def look_again(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    found = access.item_for_clerk(citizen(request), item)
    try:
        filing.look_again(found, by=citizen(request))
    except IllegalTransition:
        messages.error(request, TOO_LATE)
    else:
        messages.success(request, "Der Eingang steht wieder unter „Zu sichten“.")
    return redirect("intake:item", found.public_id)


@clerks
@require_POST
def hand_over(request: HttpRequest, item: uuid.UUID) -> HttpResponse:
    found = access.item_for_clerk(citizen(request), item)
    form = HandOverForm(request.POST, prefix="weitergeben", teams=access.teams_to_give_to(found))
    if not form.is_valid():
        return _item(request, found, 422, hand_over_form=form, form=form)
    if filing.hand_over(found, form.cleaned_data["team"], by=citizen(request)):
        messages.success(request, f"Weitergegeben an {form.cleaned_data['team']}.")
    else:
        messages.error(request, TOO_LATE)
    return redirect("intake:queue")


@clerks
@require_GET
def original(request: HttpRequest, item: uuid.UUID) -> StreamingHttpResponse:
    found = _look(request, item, "inbound.file_read")
    name = f"eingang-{found.public_id}{filing.ENDINGS.get(found.raw.media_type, '.bin') if found.raw else ''}"
    return downloads.attachment(access.raw_of(found), name)


@clerks
@require_GET
def part(request: HttpRequest, item: uuid.UUID, part: uuid.UUID) -> StreamingHttpResponse:
    found = _look(request, item, "inbound.file_read")
    held = access.part_of(found, part)
    return downloads.attachment(held.stored, held.name)
