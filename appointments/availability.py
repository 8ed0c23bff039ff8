"""Which times are free. Pure: wall-clock hours, closed days and busy stretches in, moments in UTC out.

Opening hours are wall time in Munich, appointments are moments. An appointment is offered only if the wall clock runs
evenly through it: nobody is asked to come at a time that does not exist, or that exists twice, when the clocks change.
"""

import datetime as dt
import enum
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.common.clock import BERLIN

Stretch = tuple[dt.datetime, dt.datetime]  # aware, half open: [start, end)


@dataclass(frozen=True)
class Hours:
    """One stretch of a weekday (0 = Monday) in local wall time."""

    weekday: int
    opens: dt.time
    closes: dt.time


@dataclass(frozen=True)
class Plan:
    """Everything that decides which starts exist, before anyone has booked."""

    hours: tuple[Hours, ...]
    closed: frozenset[dt.date]
    minutes: int
    lead_minutes: int
    horizon_days: int

    @property
    def length(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.minutes)

    def last_day(self, now: dt.datetime) -> dt.date:
        """The last local day that may be booked."""
        return now.astimezone(BERLIN).date() + dt.timedelta(days=self.horizon_days)


class Obstacle(enum.Enum):
    """Why a moment is not offered, in the order people should hear it."""

    PAST = "past"
    TOO_SOON = "too soon"
    TOO_FAR = "too far"
    CLOSED = "closed"
    OUTSIDE_HOURS = "outside hours"
    OFF_GRID = "off grid"


def grid(plan: Plan, day: dt.date) -> list[dt.datetime]:
    """Every start of a local day: from opening in steps of the length, as long as it ends by closing."""
    if day in plan.closed:
        return []
    starts = []
    for hours in plan.hours:
        if hours.weekday != day.weekday():
            continue
        wall, closes = dt.datetime.combine(day, hours.opens), dt.datetime.combine(day, hours.closes)
        while wall + plan.length <= closes:
            if _even(wall, plan.length):
                starts.append(wall.replace(tzinfo=BERLIN).astimezone(dt.UTC))
            wall += plan.length
    return sorted(starts)


def _even(wall: dt.datetime, length: dt.timedelta) -> bool:
    """Whether the wall clock shows this time once, and runs on without a jump until the end."""
    early = wall.replace(tzinfo=BERLIN, fold=0).astimezone(dt.UTC)
    late = wall.replace(tzinfo=BERLIN, fold=1).astimezone(dt.UTC)
    end = (early + length).astimezone(BERLIN).replace(tzinfo=None)
    return early == late and end == wall + length


def offered(plan: Plan, first: dt.date, days: int, now: dt.datetime) -> list[dt.datetime]:
    """The starts of `days` local days from `first` that may be asked for now, free or not, in order."""
    earliest = now + dt.timedelta(minutes=plan.lead_minutes)
    last = min(first + dt.timedelta(days=days - 1), plan.last_day(now))
    day, starts = max(first, now.astimezone(BERLIN).date()), []
    while day <= last:
        starts += [start for start in grid(plan, day) if start >= earliest]
        day += dt.timedelta(days=1)
    return starts


def obstacle(plan: Plan, start: dt.datetime, now: dt.datetime) -> Obstacle | None:
    """Why `start` is not offered, or None if it is."""
    start, local = start.astimezone(dt.UTC), start.astimezone(BERLIN)
    if start <= now:
        return Obstacle.PAST
    if start < now + dt.timedelta(minutes=plan.lead_minutes):
        return Obstacle.TOO_SOON
    if local.date() > plan.last_day(now):
        return Obstacle.TOO_FAR
    if local.date() in plan.closed:
        return Obstacle.CLOSED
    if start in grid(plan, local.date()):
        return None
    within = any(h.weekday == local.weekday() and h.opens <= local.time() < h.closes for h in plan.hours)
    return Obstacle.OFF_GRID if within else Obstacle.OUTSIDE_HOURS


def free(
    starts: Iterable[dt.datetime], length: dt.timedelta, busy: Mapping[int, Sequence[Stretch]]
) -> dict[dt.datetime, int]:
    """How many counters are free at each start; starts without any are left out. `busy` names every counter."""
    calendars = [_ends_and_starts(stretches) for stretches in busy.values()]
    counts = {start: sum(_is_free(start, start + length, calendar) for calendar in calendars) for start in starts}
    return {start: count for start, count in counts.items() if count}


Calendar = tuple[list[dt.datetime], list[dt.datetime]]


def _ends_and_starts(stretches: Iterable[Stretch]) -> Calendar:
    """Merged and sorted, so that one look at the first stretch ending later decides."""
    ends: list[dt.datetime] = []
    starts: list[dt.datetime] = []
    for start, end in sorted(stretches):
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return ends, starts


def _is_free(start: dt.datetime, end: dt.datetime, calendar: Calendar) -> bool:
    ends, starts = calendar
    next_busy = bisect_left(ends, start + dt.timedelta.resolution)  # the first stretch that ends after our start
    return next_busy == len(ends) or starts[next_busy] >= end


def nearest(wanted: dt.datetime, starts: Iterable[dt.datetime], count: int = 5) -> list[dt.datetime]:
    """The `count` starts closest to the wanted one, the earlier first on a tie, in order of time."""
    return sorted(sorted(starts, key=lambda start: (abs(start - wanted), start))[:count])


def waiting_number(counter: int, start: dt.datetime) -> str:
    """What is called in the waiting room, e.g. 2-114: counter 2, the 114th five minutes of the day (09:30).

    Two live appointments of one office never share one: the same counter and time would overlap.
    """
    local = start.astimezone(BERLIN)
    return f"{counter}-{(local.hour * 60 + local.minute) // 5:03d}"
