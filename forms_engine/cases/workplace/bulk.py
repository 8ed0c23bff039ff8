"""One action for several cases of the queue: chosen, confirmed, done one by one, and told which it did not work for."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from forms_engine.cases import access, casefile, flow
from forms_engine.cases.forms import AssignForm, PlainForm, RequestDocumentsForm
from forms_engine.cases.models import Case, DateKind
from forms_engine.cases.post import NoPostbox
from forms_engine.cases.states import IllegalTransition
from forms_engine.cases.workplace import frame
from forms_engine.cases.workplace.forms import DateForm
from forms_engine.cases.workplace.frame import clerks
from portal.accounts.access import citizen
from portal.accounts.models import User

MOST = 50
NOT_THEIRS = "Sie leiten das Team dieses Vorgangs nicht, oder die Person arbeitet dort nicht."
CLOSED = "Der Vorgang ist schon zu Ende."


@dataclass(frozen=True)
class Action:
    """`run` does it for one case and returns why not, or ""."""

    title: str
    button: str
    run: Callable[[Case, User, dict[str, Any]], str]


def _claim(case: Case, clerk: User, data: dict[str, Any]) -> str:
    return "" if flow.claim(case, by=clerk) else "Er ist schon übernommen oder nicht mehr offen."


def _assign(case: Case, clerk: User, data: dict[str, Any]) -> str:
    if data["to"] not in access.colleagues(clerk, case):
        return NOT_THEIRS
    return "" if flow.reassign(case, to=data["to"], by=clerk) else "Er ist schon dort oder nicht mehr offen."


def _follow_up(case: Case, clerk: User, data: dict[str, Any]) -> str:
    if case.has_ended:
        return CLOSED
    casefile.set_date(case, kind=DateKind.FOLLOW_UP, due_on=data["due_on"], reason=data["reason"], by=clerk)
    return ""


def _ask(case: Case, clerk: User, data: dict[str, Any]) -> str:
    try:
        flow.request_documents(case, text=data["text"], by=clerk)
    except NoPostbox:
        return "Die Person hat kein Konto und damit kein Postfach."
    except IllegalTransition:
        return "Er ist nicht in Prüfung."
    return ""


ACTIONS = {
    "uebernehmen": Action("Vorgänge übernehmen", "Übernehmen", _claim),
    "zuteilen": Action("Vorgänge zuteilen", "Zuteilen", _assign),
    "wiedervorlage": Action("Wiedervorlage setzen", "Vormerken", _follow_up),
    "nachfordern": Action("Unterlagen nachfordern", "Nachfordern", _ask),
}


class FollowUpForm(DateForm):
    kind = None  # type: ignore[assignment]  # Django's way to leave a field out


def _form(what: str, clerk: User, cases: Sequence[Case], data: Any) -> PlainForm:
    if what == "zuteilen":
        people = {person.pk: person for case in cases for person in access.colleagues(clerk, case)}
        return AssignForm(data, prefix="alle", colleagues=sorted(people.values(), key=str))
    known = {"wiedervorlage": FollowUpForm, "nachfordern": RequestDocumentsForm}
    return known.get(what, PlainForm)(data, prefix="alle")


@clerks
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """First POST: the confirmation page. With „bestaetigt“ it is done, and the page says for which cases."""
    clerk, what = citizen(request), request.POST.get("aktion", "")
    cases, confirmed = _chosen(request, clerk), "bestaetigt" in request.POST
    action = ACTIONS.get(what)
    if action is None or not cases:
        sentence = "Wählen Sie mindestens einen Vorgang und eine Aktion aus."
        return frame.page(request, "workplace/bulk.html", "Nichts ausgewählt", 422, sentence=sentence)
    form = _form(what, clerk, cases, request.POST if confirmed else None)
    if not confirmed or not form.is_valid():
        context = {"cases": cases, "what": what, "action": action, "form": form}
        return frame.page(request, "workplace/bulk.html", action.title, 422 if form.errors else 200, **context)
    results = [(case, _run(action, case, clerk, form)) for case in cases]
    return frame.page(
        request,
        "workplace/bulk.html",
        action.title,
        finished=True,
        done=[case for case, why in results if not why],
        undone=[(case, why) for case, why in results if why],
    )


def _run(action: Action, case: Case, clerk: User, form: forms.Form) -> str:
    try:
        return action.run(case, clerk, form.cleaned_data)
    except flow.OwnCase:
        return "Sie oder die Person dürfen an diesem Vorgang nicht arbeiten."


def _chosen(request: HttpRequest, clerk: User) -> list[Case]:
    """The ticked cases that the clerk may open; of others nothing is said."""
    ids = []
    for text in request.POST.getlist("vorgang")[:MOST]:
        try:
            ids.append(uuid.UUID(text))
        except ValueError:
            continue
    return list(access.desk(clerk).for_pages().filter(public_id__in=ids).order_by("due_on", "id"))
