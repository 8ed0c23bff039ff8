"""Children without an account: by a parent's word, until they are 18."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts import mandates, profile
from portal.accounts.models import AccountKind, Mandate, Scope
from portal.accounts.parties import wards
from portal.common import clock
from tests.portal.accounts.test_mandates import signed_in


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)))
def test_the_day_after_the_last_as_a_child_is_the_eighteenth_birthday(born):
    after = wards.last_day_as_child(born) + dt.timedelta(days=1)
    assert (after.year - born.year, (after.month, after.day)) in (
        (18, (born.month, born.day)),
        (18, (3, 1)),  # born on 29 February
    )


def test_a_parent_acts_for_a_child_until_it_is_of_age(alice):
    born = clock.today().replace(day=1) - dt.timedelta(days=365 * 10)
    child = {"given_name": "Anna", "family_name": "Ammer", "birth_date": f"{born:%d.%m.%Y}"}
    page = signed_in(alice).post("/konto/vertretung/kind/", child, follow=True).content.decode()
    assert "Anna Ammer" in page and "eigene Angabe" in page
    made = Mandate.objects.get()
    assert made.principal.kind == AccountKind.WARD and not made.principal.has_usable_password()
    assert mandates.may_act(alice, made.principal, Scope.APPLICATIONS)
    with clock.frozen(clock.now() + dt.timedelta(days=366 * 9)):
        assert not mandates.may_act(alice, made.principal, Scope.APPLICATIONS)
    assert [d.value for d in profile.of(made.principal) if d.name == "birth_date"] == [born.isoformat()]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("", "Geben Sie das Geburtsdatum ein"),
        ("32.1.2020", "Geben Sie das Geburtsdatum wie 27.3.2021 ein"),
        ("1.1.2999", "muss in der Vergangenheit liegen"),
        ("1.1.1990", "Für Volljährige gilt eine Vollmacht"),
    ],
)
def test_no_day_of_birth_of_a_child_makes_no_mandate(alice, day, sentence):
    told = {"given_name": "Anna", "family_name": "Ammer", "birth_date": day}
    assert sentence in signed_in(alice).post("/konto/vertretung/kind/", told).content.decode()
    assert not Mandate.objects.exists()


def test_a_guardian_checked_by_the_city_acts_for_somebody_with_or_without_an_account(alice, bob):
    with_account = wards.appoint(alice, principal=bob, given="", family="", born=None, ends=None, by="system:test")
    without = wards.appoint(
        alice, principal=None, given="Emil", family="Egger", born=dt.date(1940, 1, 1), ends=None, by="system:test"
    )
    assert mandates.may_act(alice, bob, Scope.ALL) and mandates.may_act(alice, without.principal, Scope.ALL)
    assert with_account.evidence == "checked"
