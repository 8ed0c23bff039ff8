"""Reads for the pages: free times by week, a person's appointments, appointments that no longer fit the hours."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from appointments import availability
from appointments.availability import Hours, Plan, Stretch
from appointments.models import Appointment, AppointmentQuerySet, Counter, Offering
from appointments.states import State
from portal.accounts.models import User
from portal.common import clock
from portal.directory import queries as directory

WEEK = dt.timedelta(days=7)


def plan(offering: Offering, first: dt.date, last: dt.date) -> Plan:
    """The rules for the local days from first to last: hours of the office, closed days, and the offering's own."""
    rows = offering.office.hours.values_list("weekday", "opens", "closes")
    return Plan(
        hours=tuple(Hours(*row) for row in rows),
        closed=frozenset(directory.closed_days(offering.office, first, last)),
        minutes=offering.minutes,
        lead_minutes=offering.lead_minutes,
        horizon_days=offering.horizon_days,
    )


def free_counts(
    offering: Offering, first: dt.date, days: int, *, without: Appointment | None = None
) -> dict[dt.datetime, int]:
    """Free start -> number of free counters, for `days` local days from `first`, in order. Moments in UTC.

    `without` is an appointment about to be moved: it keeps no counter busy, and the time it has now is left out.
    """
    if not offering.active or days < 1:
        return {}
    rules = plan(offering, first, first + dt.timedelta(days=days - 1))
    starts = availability.offered(rules, first, days, clock.now())
    if not starts:
        return {}
    busy = _busy(offering, starts[0], starts[-1] + rules.length, without)
    wanted = [start for start in starts if without is None or start != without.starts]
    return availability.free(wanted, rules.length, busy)


def free_starts(
    offering: Offering, first: dt.date, days: int, *, without: Appointment | None = None
) -> list[dt.datetime]:
    """The starts of free_counts(): what can be booked at this moment. Aware, UTC; show them with clock.local()."""
    return list(free_counts(offering, first, days, without=without))


def _busy(
    offering: Offering, first: dt.datetime, last: dt.datetime, without: Appointment | None
) -> dict[int, list[Stretch]]:
    counters = Counter.objects.filter(office=offering.office_id, active=True).values_list("id", flat=True)
    busy: dict[int, list[Stretch]] = {counter: [] for counter in counters}
    taken = Appointment.objects.occupying().filter(counter__in=busy, during__overlap=(first, last))
    if without is not None:
        taken = taken.exclude(pk=without.pk)
    for counter, during in taken.values_list("counter_id", "during"):
        busy[counter].append((during.lower, during.upper))
    return busy


def free_counters(
    offering: Offering, start: dt.datetime, end: dt.datetime, *, without: Appointment | None = None
) -> list[int]:
    """Ids of the counters with nothing between start and end, in the stable order in which they are tried."""
    taken = Appointment.objects.occupying().filter(during__overlap=(start, end))
    if without is not None:
        taken = taken.exclude(pk=without.pk)
    counters = Counter.objects.filter(office=offering.office_id, active=True).order_by("number")
    return list(counters.exclude(id__in=taken.values("counter_id")).values_list("id", flat=True))


def alternatives(offering: Offering, wanted: dt.datetime, *, without: Appointment | None = None) -> list[dt.datetime]:
    """The 5 free starts nearest to the wanted one; the weeks around it first, the whole horizon if these are full."""
    day = clock.local(wanted).date()
    around = free_starts(offering, day - WEEK, 15, without=without)
    if len(around) < 5:
        around = free_starts(offering, clock.today(), offering.horizon_days + 1, without=without)
    return availability.nearest(wanted, around)


@dataclass(frozen=True)
class Day:
    date: dt.date
    starts: tuple[dt.datetime, ...]  # in local time, for reading


@dataclass(frozen=True)
class Week:
    """One page of the slot chooser, Monday to Sunday. Only days with a free time are listed."""

    monday: dt.date
    days: tuple[Day, ...]
    earlier: dt.date | None  # the last free day before this week
    later: dt.date | None  # the first free day after it

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)


def week(offering: Offering, day: dt.date, *, without: Appointment | None = None) -> Week:
    """The free times of the week in which `day` lies, and the way to the next weeks that have any."""
    monday = day - dt.timedelta(days=day.weekday())
    by_day: dict[dt.date, list[dt.datetime]] = {}
    for start in free_starts(offering, clock.today(), offering.horizon_days + 1, without=without):
        by_day.setdefault(clock.local(start).date(), []).append(clock.local(start))
    return Week(
        monday=monday,
        days=tuple(Day(date, tuple(starts)) for date, starts in by_day.items() if monday <= date < monday + WEEK),
        earlier=max((date for date in by_day if date < monday), default=None),
        later=min((date for date in by_day if date >= monday + WEEK), default=None),
    )


def first_day_asked(offering: Offering, text: str) -> dt.date:
    """The day a page asks for as 2026-12-31; anything else, or a day out of reach, gives the first free day."""
    today = clock.today()
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = dt.date.min
    if today - WEEK < day <= today + dt.timedelta(days=offering.horizon_days):
        return day
    starts = free_starts(offering, today, offering.horizon_days + 1)
    return clock.local(starts[0]).date() if starts else today


def bookable(slug: str) -> list[Offering]:
    """What can be booked under this short name, one for each office, by name. Empty for an empty name."""
    if not slug:
        return []
    rows = Offering.objects.filter(slug=slug, active=True, office__public=True, office__counters__active=True)
    return list(rows.select_related("office").order_by("office__name", "id").distinct())


def live_for(subject: str, offering: Offering) -> Appointment | None:
    """The appointment about this subject that still lies ahead."""
    rows = Appointment.objects.with_place().ahead(clock.now())
    return rows.filter(subject=subject, offering=offering).first()


def upcoming(user: User, by: User | None = None) -> AppointmentQuerySet:
    """A person's appointments that lie ahead, earliest first; for an agent only those of matters they may see."""
    return Appointment.objects.with_place().ahead(clock.now()).of(user, by)


def past(user: User, by: User | None = None) -> AppointmentQuerySet:
    """A person's appointments that are over or called off, latest first."""
    ahead = Appointment.objects.ahead(clock.now()).filter(holder=user).order_by()
    return Appointment.objects.with_place().of(user, by).exclude(id__in=ahead.values("id")).order_by("-during")


@dataclass(frozen=True)
class Conflict:
    """An appointment that breaks a promise. `problem` is "overlap", "outside hours", "closed" or "wrong office"."""

    public_id: str
    starts: dt.datetime
    office: str
    problem: str


def conflicts() -> list[Conflict]:
    """Appointments that overlap (ever), and booked ones ahead that no longer lie in the hours of their office.

    An office may close on a day when appointments are booked: they stay valid and are listed here until someone acts.
    """
    now = clock.now()
    found = [_conflict(appointment, "overlap") for appointment in _overlapping()]
    booked = list(Appointment.objects.with_place().ahead(now))
    for offering in {appointment.offering for appointment in booked}:
        found += _misplaced(offering, [row for row in booked if row.offering_id == offering.id], now)
    return sorted(found, key=lambda conflict: (conflict.starts, conflict.public_id))


def _misplaced(offering: Offering, booked: Sequence[Appointment], now: dt.datetime) -> list[Conflict]:
    days = [clock.local(appointment.starts).date() for appointment in booked]
    rules = plan(offering, min(days), max(days))
    found = []
    for appointment, day in zip(booked, days, strict=True):
        wall = clock.local(appointment.starts).time(), clock.local(appointment.ends).time()
        if appointment.counter.office_id != offering.office_id:
            found.append(_conflict(appointment, "wrong office"))
        elif day in rules.closed:
            found.append(_conflict(appointment, "closed"))
        elif not any(h.weekday == day.weekday() and h.opens <= wall[0] and wall[1] <= h.closes for h in rules.hours):
            found.append(_conflict(appointment, "outside hours"))
    return found


def _overlapping() -> list[Appointment]:
    """Asked of the rows one by one, without the exclusion constraint and its index."""
    return list(
        Appointment.objects.raw(
            """
            select a.* from appointments_appointment a
             where a.state = any(%s) and exists (
               select 1 from appointments_appointment b
                where b.counter_id = a.counter_id and b.id <> a.id and b.state = any(%s)
                  and lower(b.during) < upper(a.during) and lower(a.during) < upper(b.during))
            """,
            [OCCUPYING_VALUES, OCCUPYING_VALUES],
        )
    )


OCCUPYING_VALUES = [State.BOOKED.value, State.ELAPSED.value]


def _conflict(appointment: Appointment, problem: str) -> Conflict:
    return Conflict(str(appointment.public_id), appointment.starts, appointment.office.name, problem)
