"""Reads for pages and for the appointments: opening hours and closed days."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from portal.directory import public_holidays
from portal.directory.models import Closure, Office, OpeningHours, Weekday


def closed_days(office: Office, first: dt.date, last: dt.date) -> dict[dt.date, str]:
    """Every day from first to last on which the office is closed out of turn -> why, in order.

    Public holidays, closures of the office and closures of the whole city. Weekends are none: they have no hours.
    """
    reasons: dict[dt.date, str] = {}
    closures = Closure.objects.filter(Q(office=office) | Q(office=None), first_day__lte=last, last_day__gte=first)
    for closure in closures.order_by("office_id", "first_day"):  # nulls last: the city's reason wins
        day = max(closure.first_day, first)
        while day <= min(closure.last_day, last):
            reasons[day] = closure.reason
            day += dt.timedelta(days=1)
    return dict(sorted((reasons | public_holidays.between(first, last)).items()))


@dataclass(frozen=True)
class DayHours:
    """One line of the table of opening hours; no times = closed."""

    weekday: str
    times: tuple[tuple[dt.time, dt.time], ...]


def week_hours(office: Office) -> list[DayHours]:
    """Monday to Sunday. Empty when the office has no hours at all, so that the page can say so."""
    by_day: dict[int, list[OpeningHours]] = {}
    for hours in office.hours.order_by("weekday", "opens"):
        by_day.setdefault(hours.weekday, []).append(hours)
    if not by_day:
        return []
    return [
        DayHours(str(day.label), tuple((row.opens, row.closes) for row in by_day.get(day.value, []))) for day in Weekday
    ]


@dataclass(frozen=True)
class ClosedSpan:
    """Consecutive closed days with one reason."""

    first: dt.date
    last: dt.date
    reason: str


def closed_spans(office: Office, first: dt.date, last: dt.date) -> list[ClosedSpan]:
    """closed_days() folded for reading: 24. bis 31. Dezember in one line."""
    spans: list[ClosedSpan] = []
    for day, reason in closed_days(office, first, last).items():
        if spans and spans[-1].reason == reason and spans[-1].last + dt.timedelta(days=1) == day:
            spans[-1] = ClosedSpan(spans[-1].first, day, reason)
        else:
            spans.append(ClosedSpan(day, day, reason))
    return spans


def open_until(office: Office, moment: dt.datetime) -> dt.time | None:
    """When the office closes next if it is open at this local moment, else None."""
    day, wall = moment.date(), moment.time()
    if closed_days(office, day, day):
        return None
    row = office.hours.filter(weekday=day.weekday(), opens__lte=wall, closes__gt=wall).first()
    return row.closes if row else None
