"""The plan of a case: what is still to come, until when, and nothing promised twice."""

import datetime as dt
from dataclasses import replace

import pytest

from forms_engine.cases.milestones import LATE, Dates, TimelineEntry, with_plan
from forms_engine.cases.states import OPEN, Status

TODAY = dt.date(2026, 11, 22)
DATES = Dates(None, dt.date(2026, 12, 2), dt.date(2026, 12, 6))
OWED = dt.date(2026, 12, 1)
DONE = [TimelineEntry(dt.datetime(2026, 11, 20, tzinfo=dt.UTC), "Antrag eingegangen", "")]


@pytest.mark.parametrize("status", sorted(OPEN))
def test_every_open_status_has_one_present_step_and_a_plan(status):
    steps = with_plan(DONE, Status(status), DATES, TODAY)
    assert [step.state for step in steps].count("now") == 1
    assert steps[-1].state == "planned" and steps[-1].title == "Bescheid im Postfach"


@pytest.mark.parametrize("status", sorted(set(Status) - OPEN))
def test_what_is_over_has_no_plan(status):
    assert with_plan(DONE, Status(status), DATES, TODAY) == DONE


def test_the_dates_stand_at_their_steps():
    steps = with_plan(DONE, Status.AWAITING_PAYMENT, replace(DATES, pay_by=OWED), TODAY)
    assert [(str(s.title), s.at) for s in steps[1:3]] == [
        ("Gebühr bezahlen", OWED),
        ("Entscheidung", DATES.decide_by),
    ]
    assert with_plan(DONE, Status.WAITING_FOR_CITIZEN, DATES, TODAY)[1].at == DATES.answer_by


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.AWAITING_PAYMENT}))
def test_a_fee_that_is_still_owed_stands_in_every_plan(status):
    steps = with_plan(DONE, Status(status), replace(DATES, pay_by=OWED), TODAY)
    assert ("Gebühr bezahlen", OWED) in [(str(step.title), step.at) for step in steps]


def test_a_day_that_has_passed_is_not_promised_again():
    late = with_plan(DONE, Status.IN_REVIEW, DATES, DATES.decide_by + dt.timedelta(days=1))[1]
    assert (late.at, late.text) == (None, LATE)
