"""Offered times lie in the opening hours, on every local day, both days on which the clocks change included."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments import availability
from appointments.availability import Hours, Obstacle, Plan
from portal.common.clock import BERLIN

MONDAY = dt.date(2026, 11, 30)
SPRING, AUTUMN = dt.date(2027, 3, 28), dt.date(2026, 10, 25)  # Sundays
times = st.times().map(lambda time: time.replace(second=0, microsecond=0))
days = st.dates(dt.date(2024, 1, 1), dt.date(2040, 12, 31))
moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 1, 1), timezones=st.just(dt.UTC))


@st.composite
def hours(draw):
    opens, closes = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    return Hours(draw(st.integers(0, 6)), opens, closes)


@st.composite
def plans(draw):
    return Plan(
        hours=tuple(draw(st.lists(hours(), max_size=6))),
        closed=frozenset(draw(st.lists(st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)), max_size=5))),
        minutes=draw(st.sampled_from([5, 10, 15, 20, 45, 60, 90])),
        lead_minutes=draw(st.integers(0, 3000)),
        horizon_days=draw(st.integers(1, 60)),
    )


def _plan(*rows: tuple[int, str, str], minutes: int = 60, **rest) -> Plan:
    table = tuple(Hours(day, dt.time.fromisoformat(a), dt.time.fromisoformat(b)) for day, a, b in rows)
    return Plan(
        **{"hours": table, "closed": frozenset(), "lead_minutes": 0, "horizon_days": 30} | rest, minutes=minutes
    )


def _walls(starts) -> list[str]:
    return [f"{start.astimezone(BERLIN):%H:%M}" for start in starts]


def _inside(plan: Plan, start: dt.datetime) -> bool:
    """Told by the wall clock alone: the time it shows at the start and at the end."""
    begins, ends = start.astimezone(BERLIN), (start + plan.length).astimezone(BERLIN)
    return begins.date() == ends.date() and any(
        row.weekday == begins.weekday() and row.opens <= begins.time() and ends.time() <= row.closes
        for row in plan.hours
    )


def test_a_day_is_cut_from_opening_and_the_last_time_ends_by_closing():
    assert _walls(availability.grid(_plan((0, "08:00", "09:50"), minutes=15), MONDAY)) == [
        "08:00", "08:15", "08:30", "08:45", "09:00", "09:15", "09:30",
    ]  # fmt: skip


def test_a_lunch_break_stays_free():
    starts = availability.grid(_plan((0, "14:00", "16:00"), (0, "08:00", "10:00")), MONDAY)
    assert _walls(starts) == ["08:00", "09:00", "14:00", "15:00"]


def test_the_same_wall_clock_in_summer_and_winter():
    plan = _plan((0, "08:00", "09:00"))
    assert availability.grid(plan, dt.date(2026, 7, 6)) == [dt.datetime(2026, 7, 6, 6, tzinfo=dt.UTC)]
    assert availability.grid(plan, MONDAY) == [dt.datetime(2026, 11, 30, 7, tzinfo=dt.UTC)]


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("minutes", [5, 15, 60])
def test_nobody_is_asked_to_come_in_the_hour_that_is_skipped_or_happens_twice(day, minutes):
    walls = _walls(availability.grid(_plan((6, "00:00", "06:00"), minutes=minutes), day))
    assert not [wall for wall in walls if wall.startswith("02")]
    assert {"00:00", "03:00", "05:00"} <= set(walls)
    assert len(walls) == len(set(walls))


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("minutes", [30, 90, 120])
def test_no_appointment_runs_over_the_change_of_the_clocks(day, minutes):
    change = dt.datetime.combine(day, dt.time(1), dt.UTC)
    plan = _plan((6, "00:30", "07:00"), minutes=minutes)
    starts = availability.grid(plan, day)
    assert starts
    assert not [start for start in starts if start < change < start + plan.length]


@settings(deadline=None)  # a busy machine is no error
@given(plans(), days)
def test_every_start_of_a_day_lies_inside_the_hours(plan, day):
    starts = availability.grid(plan, day)
    assert all(_inside(plan, start) and start.astimezone(BERLIN).date() == day for start in starts)
    assert day not in plan.closed or starts == []


@pytest.mark.slow
def test_every_day_until_2040_offers_the_hours_of_its_weekday():
    """15 years of Bürgerbüro hours, day by day: no switch of the clocks, leap year or holiday shifts a time."""
    plan = _plan(*((day, "07:30", "13:00") for day in range(7)), minutes=30)
    expected = [f"{hour:02d}:{minute}" for hour in range(7, 13) for minute in ("00", "30")][1:]
    day = dt.date(2025, 1, 1)
    while day.year <= 2040:
        assert _walls(availability.grid(plan, day)) == expected, day
        day += dt.timedelta(days=1)


@settings(deadline=None)
@given(plans(), st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)), st.integers(0, 20), moments)
def test_offered_starts_keep_lead_and_horizon_and_come_in_order(plan, first, count, now):
    starts = availability.offered(plan, first, count, now)
    assert starts == sorted(starts)
    for start in starts:
        assert start >= now + dt.timedelta(minutes=plan.lead_minutes)
        assert first <= start.astimezone(BERLIN).date() <= min(first + dt.timedelta(days=count), plan.last_day(now))


@settings(deadline=None)
@given(plans(), moments, st.integers(-100, 80_000))
def test_a_reason_is_given_exactly_for_what_is_not_offered(plan, now, minutes):
    start = (now + dt.timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    offered = availability.offered(plan, start.astimezone(BERLIN).date(), 1, now)
    if start > now:
        assert (availability.obstacle(plan, start, now) is None) == (start in offered)
    else:
        assert availability.obstacle(plan, start, now) is Obstacle.PAST


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("2026-11-30T08:00", Obstacle.PAST),
        ("2026-11-30T10:00", Obstacle.TOO_SOON),
        ("2027-01-04T08:00", Obstacle.TOO_FAR),
        ("2026-12-07T08:00", Obstacle.CLOSED),
        ("2026-12-01T08:00", Obstacle.OUTSIDE_HOURS),
        ("2026-12-14T18:00", Obstacle.OUTSIDE_HOURS),
        ("2026-12-14T08:10", Obstacle.OFF_GRID),
        ("2026-12-14T08:00", None),
    ],
)
def test_each_reason_has_its_name(start, reason):
    closed = frozenset({dt.date(2026, 12, 7)})
    plan = _plan((0, "08:00", "12:00"), lead_minutes=120, closed=closed)
    now = dt.datetime(2026, 11, 30, 9, 0, tzinfo=BERLIN)
    assert availability.obstacle(plan, dt.datetime.fromisoformat(start).replace(tzinfo=BERLIN), now) is reason


stretches = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 30)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=8
)


@settings(deadline=None)
@given(st.dictionaries(st.integers(1, 4), stretches, max_size=4), st.integers(1, 30))
def test_a_counter_counts_as_free_exactly_if_nothing_overlaps(calendar, length):
    def at(minute: int) -> dt.datetime:
        return dt.datetime(2026, 11, 30, tzinfo=dt.UTC) + dt.timedelta(minutes=minute)

    busy = {counter: [(at(a), at(b)) for a, b in rows] for counter, rows in calendar.items()}
    found = availability.free([at(minute) for minute in range(220)], dt.timedelta(minutes=length), busy)
    for minute in range(220):
        free = [rows for rows in calendar.values() if all(b <= minute or minute + length <= a for a, b in rows)]
        assert found.get(at(minute), 0) == len(free)


def test_the_nearest_starts_come_in_order_of_time():
    starts = [dt.datetime(2026, 11, 30, hour, tzinfo=dt.UTC) for hour in range(8, 18)]
    assert availability.nearest(starts[2], [s for s in starts if s != starts[2]], 3) == [
        starts[0],
        starts[1],
        starts[3],
    ]


def test_waiting_numbers_are_short_and_tell_counters_and_times_apart():
    at = dt.datetime(2026, 11, 30, 9, 30, tzinfo=BERLIN)
    assert availability.waiting_number(2, at) == "2-114"
    numbers = {availability.waiting_number(c, at + dt.timedelta(minutes=5 * m)) for c in (1, 2, 12) for m in range(100)}
    assert len(numbers) == 300
