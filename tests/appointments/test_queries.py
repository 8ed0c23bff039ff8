"""What the slot chooser, the lists and the check show."""

import datetime as dt

import pytest

from appointments import actions, queries
from appointments.models import Appointment, Counter
from portal.common import clock
from portal.directory.models import Closure, Office, OpeningHours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now")]


def test_free_starts_are_moments_in_utc_in_order(offering, monday):
    starts = queries.free_starts(offering, clock.today(), 1)
    assert starts[0] == monday(8)
    assert starts[-1] == monday(11, 45)
    assert len(starts) == 16
    assert {start.tzinfo for start in starts} == {dt.UTC}


def test_counts_are_of_free_counters_and_full_times_vanish(three_counters, book, monday):
    for n in range(3):
        book(monday(9), subject=f"case:{n}")
    book(monday(9, 15), subject="case:4")
    counts = queries.free_counts(three_counters, clock.today(), 1)
    assert (counts.get(monday(9)), counts[monday(9, 15)], counts[monday(9, 30)]) == (None, 2, 3)


def test_closed_days_have_no_times(offering, office, monday):
    Closure.objects.create(office=None, first_day=monday(9).date(), last_day=monday(9).date(), reason="Umzug")
    assert queries.free_starts(offering, clock.today(), 2) == queries.free_starts(offering, monday(9, 0, 1).date(), 1)


def test_lead_time_and_horizon_bound_what_is_shown(offering, monday):
    offering.lead_minutes, offering.horizon_days = 24 * 60, 2
    starts = queries.free_starts(offering, clock.today(), 30)
    assert (starts[0], starts[-1]) == (monday(8, 0, 1), monday(11, 45, 2))


@pytest.mark.parametrize("days", [0, -1])
def test_no_days_give_no_times(offering, days):
    assert queries.free_starts(offering, clock.today(), days) == []


def test_without_counters_nothing_is_free(offering):
    Counter.objects.update(active=False)
    assert queries.free_starts(offering, clock.today(), 5) == []


def test_free_times_cost_the_same_queries_for_a_day_and_for_two_months(offering, django_assert_num_queries):
    for days in (1, 60):
        with django_assert_num_queries(4):
            queries.free_starts(offering, clock.today(), days)


def test_a_week_goes_from_monday_to_sunday_and_leads_on(offering, monday):
    week = queries.week(offering, monday(9, 0, 9).date())
    assert (week.monday, week.sunday) == (monday(0, 0, 7).date(), monday(0, 0, 13).date())
    assert (week.earlier, week.later) == (monday(0, 0, 4).date(), monday(0, 0, 14).date())
    assert [day.date.weekday() for day in week.days] == [0, 1, 2, 3, 4]


def test_no_link_leads_into_the_past_or_behind_the_horizon(offering):
    offering.horizon_days = 6
    week = queries.week(offering, clock.today())
    assert (week.earlier, week.later) == (None, None)


def test_links_skip_weeks_without_a_free_time(offering, office, monday):
    Closure.objects.create(
        office=office, first_day=monday(0, 0, 7).date(), last_day=monday(0, 0, 14).date(), reason="Umzug"
    )
    assert queries.week(offering, clock.today()).later == monday(0, 0, 15).date()
    assert queries.week(offering, monday(0, 0, 14).date()).earlier == monday(0, 0, 4).date()
    assert queries.week(offering, monday(0, 0, 7).date()).days == ()


@pytest.mark.parametrize("text", ["", "morgen", "2026-13-01", "0001-01-01", "9999-12-31", "2026-11-01", "2027-02-28"])
def test_a_day_out_of_reach_gives_the_first_free_day(offering, office, monday, text):
    Closure.objects.create(office=office, first_day=clock.today(), last_day=clock.today(), reason="Umzug")
    assert queries.first_day_asked(offering, text) == monday(0, 0, 1).date()


def test_a_day_within_reach_is_taken(offering, monday):
    assert queries.first_day_asked(offering, "2026-12-24") == dt.date(2026, 12, 24)


def test_the_live_appointment_of_a_subject_is_found_until_it_is_over(book, monday, offering):
    mine = book(monday(9))
    assert queries.live_for("case:1", offering) == mine
    assert queries.live_for("case:2", offering) is None
    with clock.frozen(monday(9, 15)):
        assert queries.live_for("case:1", offering) is None


def test_a_person_sees_only_her_own_ahead_and_past(book, monday, alice, bob):
    over, called_off, ahead = (book(monday(h), subject=f"case:{h}") for h in (8, 9, 10))
    book(monday(11), bob, "case:b")
    actions.cancel(called_off, by=alice)
    with clock.frozen(monday(8, 30)):
        assert list(queries.upcoming(alice)) == [ahead]
        assert list(queries.past(alice)) == [called_off, over]


def test_a_sound_calendar_has_no_conflicts(three_counters, book, monday):
    for n in range(6):
        book(monday(9, 15 * (n // 3)), subject=f"case:{n}")
    assert queries.conflicts() == []


def test_a_closure_puts_booked_appointments_on_the_list_and_leaves_them_valid(book, monday, office):
    mine = book(monday(9))
    Closure.objects.create(office=office, first_day=clock.today(), last_day=clock.today(), reason="Umzug")
    assert [(found.public_id, found.problem) for found in queries.conflicts()] == [(str(mine.public_id), "closed")]
    assert Appointment.objects.get().state == "booked"


def test_changed_hours_and_a_counter_of_another_office_are_found(book, monday, office):
    book(monday(9))
    book(monday(10), subject="case:2")
    OpeningHours.objects.filter(weekday=0).update(closes=dt.time(10, 10))
    assert [found.problem for found in queries.conflicts()] == ["outside hours"]
    other = Office.objects.create(
        slug="x", name="X", organisation=office.organisation, street="Weg 2", postcode="80331"
    )
    Counter.objects.update(office=other)
    assert [found.problem for found in queries.conflicts()] == ["wrong office", "wrong office"]
