"""The clerk's queue: mine, my teams', waiting, done; and the search."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from forms_engine.cases import queries
from forms_engine.cases.workplace import frame
from forms_engine.cases.workplace.frame import clerks
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
    clerk = citizen(request)
    which, text = request.GET.get("ansicht", "team"), request.GET.get("suche", "").strip()
    rows = queries.find(clerk, text) if text else queries.queue(clerk, which, _after(request.GET.get("nach", "")))
    more = len(rows) > queries.QUEUE_PAGE
    rows = rows[: queries.QUEUE_PAGE]
    following = f"{rows[-1].case.due_on.isoformat()}_{rows[-1].case.id}" if more else ""
    context: dict[str, Any] = {
        "rows": rows,
        "views": LEADS_VIEWS if has_role(clerk, Role.TEAM_LEAD) else VIEWS,
        "which": which,
        "text": text,
        "following": following,
        "teams": teams.teams_of(clerk).select_related("office"),
    }
    return frame.page(request, "workplace/queue.html", "Vorgänge", **context)


def _after(text: str) -> tuple[dt.date, int] | None:
    day, _, number = text.partition("_")
    try:
        return dt.date.fromisoformat(day), int(number)
    except ValueError:
        return None
