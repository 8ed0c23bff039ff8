"""When an office is closed, and what its table of hours says."""

import datetime as dt

import pytest

from portal.directory import queries
from portal.directory.models import Closure, Office

pytestmark = pytest.mark.django_db
DEC = [dt.date(2026, 12, day) for day in range(1, 32)]


def test_closures_of_the_office_and_of_the_city_and_holidays_close_the_door(office):
    Closure.objects.create(office=office, first_day=DEC[0], last_day=DEC[1], reason="Umzug")
    Closure.objects.create(office=None, first_day=DEC[23], last_day=DEC[24], reason="Betriebsruhe")
    assert queries.closed_days(office, DEC[0], DEC[30]) == {
        DEC[0]: "Umzug",
        DEC[1]: "Umzug",
        DEC[23]: "Betriebsruhe",
        DEC[24]: "Erster Weihnachtstag",
        DEC[25]: "Zweiter Weihnachtstag",
    }


def test_another_offices_closure_leaves_the_door_open(office, kvr):
    other = Office.objects.create(slug="x", name="X", organisation=kvr, street="Weg 2", postcode="80331")
    Closure.objects.create(office=other, first_day=DEC[0], last_day=DEC[1], reason="Umzug")
    assert queries.closed_days(office, DEC[0], DEC[9]) == {}


def test_a_closure_that_began_before_and_ends_after_counts_within(office):
    Closure.objects.create(office=office, first_day=DEC[0], last_day=DEC[20], reason="Umzug")
    assert list(queries.closed_days(office, DEC[4], DEC[5])) == [DEC[4], DEC[5]]


def test_days_in_a_row_for_one_reason_are_one_line(office):
    Closure.objects.create(office=office, first_day=DEC[0], last_day=DEC[2], reason="Umzug")
    spans = queries.closed_spans(office, DEC[0], DEC[30])
    assert [(span.first, span.last) for span in spans] == [(DEC[0], DEC[2]), (DEC[24], DEC[24]), (DEC[25], DEC[25])]


def test_the_table_has_every_weekday_and_the_lunch_break(office):
    table = queries.week_hours(office)
    assert [day.weekday for day in table][::6] == ["Montag", "Sonntag"]
    assert table[0].times == ((dt.time(8), dt.time(12)), (dt.time(14), dt.time(18)))
    assert table[1].times == ()


def test_an_office_without_hours_has_no_table(office):
    office.hours.all().delete()
    assert queries.week_hours(office) == []


@pytest.mark.parametrize(
    ("moment", "closes"),
    [
        (dt.datetime(2026, 11, 30, 8, 0), dt.time(12)),
        (dt.datetime(2026, 11, 30, 12, 0), None),  # lunch
        (dt.datetime(2026, 12, 1, 9, 0), None),  # Tuesday
        (dt.datetime(2027, 3, 29, 9, 0), None),  # Easter Monday
    ],
)
def test_open_now_knows_lunch_and_holidays(office, moment, closes):
    assert queries.open_until(office, moment) == closes
