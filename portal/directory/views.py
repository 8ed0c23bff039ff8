"""Public pages of the directory."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.common import clock
from portal.directory import access, queries

LOOK_AHEAD = dt.timedelta(days=90)


def office(request: HttpRequest, slug: str) -> HttpResponse:
    """Address, opening hours and the closed days of the next three months."""
    place = access.public_office(slug)
    today = clock.today()
    return render(
        request,
        "directory/office.html",
        {
            "office": place,
            "hours": queries.week_hours(place),
            "open_until": queries.open_until(place, clock.local(clock.now())),
            "closed": queries.closed_spans(place, today, today + LOOK_AHEAD),
            "services": place.services.public(),
        },
    )
