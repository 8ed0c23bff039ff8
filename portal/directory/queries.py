"""Reads for pages and for the appointments: opening hours and closed days."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from django.db.models import CharField, Count, Func, Q, Value
from django.db.models.functions import Left, Upper
from django.db.models.lookups import Exact, In

from portal.directory import public_holidays
from portal.directory.models import Closure, Office, OpeningHours, Service, ServiceQuerySet, Weekday

OTHER = "#"  # the letter of titles that begin with none


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
    return fold_hours(list(office.hours.order_by("weekday", "opens")))


def fold_hours(rows: Sequence[OpeningHours]) -> list[DayHours]:
    """Rows of one office -> Monday to Sunday; empty without rows."""
    by_day: dict[int, list[OpeningHours]] = {}
    for hours in sorted(rows, key=lambda row: (row.weekday, row.opens)):
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


# Änderung stands under A.
_LETTER = Func(
    Upper(Left("title", 1)), Value("ÄÖÜÉŞÇ"), Value("AOUESC"), function="translate", output_field=CharField()
)


def letters(services: ServiceQuerySet) -> dict[str, int]:
    """A-Z -> how many of these services; other beginnings under OTHER, last."""
    counts: dict[str, int] = {}
    for letter, count in services.order_by().values_list(_LETTER).annotate(count=Count("id")):
        key = letter if letter in ascii_uppercase else OTHER
        counts[key] = counts.get(key, 0) + count
    return dict(sorted(counts.items(), key=lambda row: (row[0] == OTHER, row[0])))


def under_letter(services: ServiceQuerySet, letter: str) -> ServiceQuerySet:
    if letter == OTHER:
        return services.exclude(In(_LETTER, list(ascii_uppercase)))
    return services.filter(Exact(_LETTER, letter))


@dataclass(frozen=True)
class Place:
    """An office as a service page shows it."""

    office: Office
    hours: list[DayHours]


def places(service: Service) -> list[Place]:
    """Where people go for this service, by name. Calendars of one office in the source are one place here."""
    found: dict[tuple[str, str], Place] = {}
    for office in sorted(service.offices.all(), key=lambda office: (office.name, office.pk)):
        place = Place(office, fold_hours(list(office.hours.all())))
        key = (office.name, office.street)
        if office.public and (key not in found or (place.hours and not found[key].hours)):
            found[key] = place
    return list(found.values())


def offices_named(telling: Sequence[str], most: int = 3) -> list[Office]:
    """Public offices whose name holds one of these words, one row per name; those with opening hours first."""
    named = Q(pk=None)
    for word in telling:
        if len(word) >= 4:
            named |= Q(name__icontains=word)
    found: dict[str, Office] = {}
    rows = Office.objects.filter(named, public=True).annotate(times=Count("hours")).order_by("-times", "name", "id")
    for office in rows[: most * 10]:
        found.setdefault(office.name, office)
    return list(found.values())[:most]
