"""Munich's holidays: Bavarian, with those of Catholic municipalities."""

import datetime as dt

import pytest

from portal.directory import public_holidays


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ((2026, 1, 6), "Heilige Drei Könige"),
        ((2026, 6, 4), "Fronleichnam"),
        ((2026, 8, 15), "Mariä Himmelfahrt"),  # only where Catholics are the majority, as in Munich
        ((2026, 11, 1), "Allerheiligen"),
    ],
)
def test_bavarian_holidays_are_known_by_their_german_names(day, name):
    assert public_holidays.of_year(day[0])[dt.date(*day)] == name


@pytest.mark.parametrize("day", [(2026, 8, 8), (2026, 10, 31), (2026, 11, 18), (2026, 12, 24)])
def test_holidays_of_others_are_working_days(day):
    """Friedensfest (Augsburg), Reformationstag, Buß- und Bettag, Heiligabend."""
    assert dt.date(*day) not in public_holidays.of_year(2026)


def test_a_stretch_over_new_year_has_the_holidays_of_both_years_in_order():
    days = list(public_holidays.between(dt.date(2026, 12, 25), dt.date(2027, 1, 1)))
    assert days == [dt.date(2026, 12, 25), dt.date(2026, 12, 26), dt.date(2027, 1, 1)]
