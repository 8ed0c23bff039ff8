"""The pile: what is to be looked at, on its way, locked, or dealt with. Oldest first, paged by keyset."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from forms_engine.cases.workplace.frame import clerks, page
from forms_engine.intake import access
from forms_engine.intake.models import InboundItem
from forms_engine.intake.states import AT_WORK, State
from portal.accounts.access import citizen

PAGE = 50
VIEWS = [
    ("sichten", "Zu sichten"),
    ("unterwegs", "In Arbeit"),
    ("quarantaene", "Quarantäne"),
    ("erledigt", "Erledigt"),
]
STATES: dict[str, Iterable[State]] = {
    "sichten": [State.TRIAGE],
    "unterwegs": sorted(AT_WORK),
    "quarantaene": [State.QUARANTINED],
    "erledigt": [State.FILED, State.SET_ASIDE, State.DUPLICATE],
}


@clerks
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    which = request.GET.get("ansicht", "sichten")
    which = which if which in STATES else "sichten"
    rows = access.pile(citizen(request)).select_related("team", "case", "suggested", "system")
    rows = rows.filter(state__in=STATES[which])
    newest_first = which == "erledigt"
    if (after := _after(request.GET.get("nach", ""))) is not None:
        moment, pk = after
        rows = rows.filter(
            Q(received_at__lt=moment) | Q(received_at=moment, pk__lt=pk)
            if newest_first
            else Q(received_at__gt=moment) | Q(received_at=moment, pk__gt=pk)
        )
    found = list(rows.order_by(*(("-received_at", "-pk") if newest_first else ("received_at", "pk")))[: PAGE + 1])
    shown = found[:PAGE]
    following = _key(shown[-1]) if len(found) > PAGE else ""
    context: dict[str, Any] = {"rows": shown, "views": VIEWS, "which": which, "following": following}
    return page(request, "intake/queue.html", "Posteingang", **context)


def _key(item: InboundItem) -> str:
    return f"{int(item.received_at.timestamp() * 1_000_000)}_{item.pk}"


def _after(text: str) -> tuple[dt.datetime, int] | None:
    moment, _, pk = text.partition("_")
    if not (moment.isascii() and moment.isdigit() and pk.isascii() and pk.isdigit() and len(moment) < 18):
        return None
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=int(moment)), min(int(pk), 2**62)
