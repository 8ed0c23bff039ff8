"""The slot chooser."""

import datetime as dt

import pytest

from appointments import actions
from appointments.forms import CHOOSE, FROM_THE_LIST, SlotForm
from portal.common import clock
from portal.directory.models import Closure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now")]


def test_a_chosen_time_becomes_a_moment(offering, monday):
    form = SlotForm(offering, clock.today(), {"start": "2026-11-30T09:00:00+01:00", "key": "k"})
    assert form.is_valid()
    assert form.cleaned_data == {"start": monday(9), "key": "k"}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [("", CHOOSE), ("morgen", FROM_THE_LIST), ("2026-11-30T09:00:00", FROM_THE_LIST), ("\0", FROM_THE_LIST)],
)
def test_each_mistake_has_its_sentence(offering, value, sentence):
    form = SlotForm(offering, clock.today(), {"start": value})
    assert form.errors["start"] == [sentence]


def test_every_page_brings_its_own_key_and_a_lost_one_is_replaced(offering, monday):
    one, two = SlotForm(offering, clock.today()), SlotForm(offering, clock.today())
    assert one["key"].value() != two["key"].value()
    bound = SlotForm(offering, clock.today(), {"start": monday(9).isoformat()})
    assert bound.is_valid()
    assert len(bound.cleaned_data["key"]) > 20


def test_times_are_grouped_by_day_and_numbered_through(offering, monday):
    groups = SlotForm(offering, clock.today()).groups
    assert [group.day for group in groups] == [monday(0, 0, n).date() for n in range(5)]
    ids = [choice.id for group in groups for choice in group.choices]
    assert ids == [f"id_start_{n}" for n in range(len(ids))]


def test_alternatives_come_first_and_stand_on_the_page_once(offering, book, monday):
    book(monday(9))
    form = SlotForm(offering, clock.today(), {"start": monday(9).isoformat()})
    form.is_valid()
    form.refuse(actions.SlotTaken("Besetzt.", [monday(8, 45).astimezone(dt.UTC), monday(9, 15)]))
    assert form.errors["start"] == ["Besetzt."]
    assert [choice.start for choice in form.groups[0].choices] == [monday(8, 45), monday(9, 15)]
    values = [choice.value for group in form.groups for choice in group.choices]
    assert len(values) == len(set(values))


def test_the_chosen_time_stays_chosen_after_an_error(offering, monday):
    value = SlotForm(offering, clock.today()).groups[0].choices[3].value
    form = SlotForm(offering, clock.today(), {"start": value})
    assert [choice.value for group in form.groups for choice in group.choices if choice.checked] == [value]


def test_when_moving_the_present_time_is_no_choice(offering, book, monday):
    mine = book(monday(9))
    starts = [choice.start for choice in SlotForm(offering, clock.today(), moving=mine).groups[0].choices]
    assert monday(9) not in starts
    assert len(starts) == 15


def test_nothing_free_at_all_is_told_apart_from_an_empty_week(offering, office, monday):
    Closure.objects.create(office=office, first_day=clock.today(), last_day=monday(0, 0, 4).date(), reason="Umzug")
    assert not SlotForm(offering, clock.today()).nothing_free
    Closure.objects.update(last_day=monday(0, 0, 90).date())
    assert SlotForm(offering, clock.today()).nothing_free
