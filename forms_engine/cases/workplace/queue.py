"""The clerk's queue: mine, my teams', waiting, done; filters, saved ones too, the search, and the tasks."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from forms_engine.cases import access, filed, filters, lists, replying
from forms_engine.cases.states import Status
from forms_engine.cases.workplace import choices, frame
from forms_engine.cases.workplace.frame import clerks
from forms_engine.definitions.models import Form
from portal.accounts.access import citizen, has_role
from portal.accounts.models import Role
from portal.directory.teams import queries as teams

VIEWS = [
    ("team", "Team: nicht übernommen"),
    ("mine", "Meine Vorgänge"),
    ("approve", "Gegenzeichnen"),
    ("waiting", "Wartet auf andere"),
    ("done", "Entschieden"),
]
LEADS_VIEWS = [*VIEWS, ("all", "Alle offenen")]


@clerks
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    clerk, chosen = citizen(request), choices.of(request)
    rows = lists.page(clerk, chosen, request.GET.get("nach", ""))
    more, rows = len(rows) > lists.PAGE, rows[: lists.PAGE]
    handled = teams.handled_by(clerk)
    context: dict[str, Any] = {
        "rows": rows,
        "views": LEADS_VIEWS if has_role(clerk, Role.TEAM_LEAD) else VIEWS,
        "chosen": chosen,
        "here": choices.address(request, chosen),
        "following": choices.address(request, chosen, nach=lists.cursor(rows[-1].case, chosen)) if more else "",
        "keeps_texts": has_role(clerk, Role.TEAM_LEAD, Role.EDITOR),
        "teams": teams.teams_of(clerk).select_related("office"),
        "forms": Form.objects.filter(slug__in={slug for slug, _office in handled}).order_by("title"),
        "offices": teams.offices_of(clerk).order_by("name"),
        "states": [(value, label) for value, label in _STATES if value in Status.values],
        "lights": lists.LIGHTS.items(),
        "saved": filters.of(clerk),
        "narrowed": any((chosen.form, chosen.status, chosen.light, chosen.office)),
        "leads": teams.led_by(clerk).exists(),
        "open_replies": replying.count(clerk),
    }
    return frame.page(request, "workplace/queue.html", "Vorgänge", **context)


_STATES = [
    (Status.AWAITING_PAYMENT, "Zahlung offen"),
    (Status.IN_REVIEW, "In Prüfung"),
    (Status.WAITING_FOR_CITIZEN, "Wartet auf Antwort"),
    (Status.IN_APPROVAL, "Wartet auf Gegenzeichnung"),
    (Status.DECIDED, "Entschieden"),
    (Status.CLOSED, "Abgeschlossen"),
    (Status.DONE, "Erledigt"),
    (Status.WITHDRAWN, "Zurückgezogen"),
]


@clerks
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """Searched words come in the body: an address is written down in many places."""
    text, address = request.POST.get("suche", "").strip()[:200], reverse("workplace:queue")
    chosen = lists.choice(request.POST.dict())
    more = {"suche": choices.remember(request, text)} if text else {}
    return redirect(f"{address}{choices.address(request, chosen, **more)}")


@clerks
@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    name, text = request.POST.get("name", "").strip()[:60], request.POST.get("suche", "").strip()[:200]
    chosen = lists.choice(request.POST.dict(), text)
    if not name:
        messages.error(request, "Geben Sie einen Namen für den Filter ein.")
        return redirect("workplace:queue")
    if filters.save(citizen(request), name, chosen):
        messages.success(request, f"Der Filter „{name}“ ist gespeichert.")
    else:
        messages.error(request, f"Sie haben schon {filters.MOST} Filter. Löschen Sie einen davon.")
    return _open(request, chosen)


@clerks
@require_POST
def open_filter(request: HttpRequest, key: int) -> HttpResponse:
    found = access.saved_filter(citizen(request), key)
    if "loeschen" in request.POST:
        found.delete()
        messages.success(request, f"Der Filter „{found.name}“ ist gelöscht.")
        return redirect("workplace:queue")
    return _open(request, filters.choice(found))


def _open(request: HttpRequest, chosen: lists.Choice) -> HttpResponse:
    more = {"suche": choices.remember(request, chosen.text)} if chosen.text else {}
    return redirect(f"{reverse('workplace:queue')}{choices.address(request, chosen, **more)}")


@clerks
@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """What a clerk has to do, beside deciding: own tasks, the team's, and dates of the own cases."""
    clerk, which = citizen(request), request.GET.get("liste", "mine")
    after = _after(request.GET.get("nach", ""))
    if which == "dates":
        rows = filed.date_list(clerk, after)
    else:
        rows = filed.task_list(clerk, team=which == "team", after=after)
    more, rows = len(rows) > filed.PAGE, rows[: filed.PAGE]
    views = [("mine", "Meine Aufgaben"), ("team", "Aufgaben des Teams"), ("dates", "Fristen und Wiedervorlagen")]
    nach = _cursor(rows[-1]) if more else ""
    return frame.page(
        request, "workplace/tasks.html", "Aufgaben und Fristen", rows=rows, views=views, which=which, nach=nach
    )


def _cursor(written: filed.Written) -> str:
    row: Any = written.row
    return f"{row.due_on.isoformat()}_{row.pk}"


def _after(text: str) -> tuple[dt.date, int] | None:
    day, _, number = text.partition("_")
    try:
        return dt.date.fromisoformat(day), int(number)
    except ValueError:
        return None
