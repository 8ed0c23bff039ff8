import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from payments import schedule

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
minutes = st.integers(0, 800_000).map(lambda m: START + dt.timedelta(minutes=m))


def looks(ended_at: dt.datetime | None, count: int) -> list[dt.timedelta]:
    now, found = START, []
    for _ in range(count):
        now = schedule.next_look(START, ended_at, now)
        if now is None:
            break
        found.append(now - START)
    return found


def test_a_live_payment_is_asked_for_at_1_5_15_60_minutes_6_hours_then_daily():
    in_minutes = [look.total_seconds() / 60 for look in looks(None, 7)]
    assert in_minutes == [1, 5, 15, 60, 360, 1800, 3240]


def test_after_fourteen_months_nobody_asks_any_more():
    assert looks(None, 1000)[-1] > dt.timedelta(days=420)
    assert len(looks(None, 1000)) < 450


def test_an_unpaid_end_is_checked_three_times_more():
    assert len(looks(START, 10)) == 3


@given(minutes, st.booleans())
def test_the_next_look_lies_ahead(now, ended):
    look = schedule.next_look(START, START if ended else None, now)
    assert look is None or look > now


def test_silence_is_followed_by_a_look_within_ten_minutes():
    assert schedule.after_silence(None, START) == START + dt.timedelta(minutes=10)
    assert schedule.after_silence(START + dt.timedelta(minutes=1), START) == START + dt.timedelta(minutes=1)


@given(st.integers(0, 10_000))
def test_bells_back_off_to_an_hour(tries):
    wait = schedule.bell_due(tries, START) - START
    assert dt.timedelta(minutes=1) <= wait <= dt.timedelta(hours=1)
