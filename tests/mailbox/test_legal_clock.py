"""The legal clock against a table reckoned by hand, and against what the law says in general."""

import datetime as dt
import pathlib

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from mailbox import legal_clock, rules
from mailbox.models import AnnouncementRule

TABLE = pathlib.Path(__file__).with_name("calendar_cases.txt")
CODES = sorted({row.code for row in rules.ROWS})
days = st.dates(dt.date(2025, 1, 1), dt.date(2060, 12, 31))
codes = st.sampled_from(CODES)


def _cases():
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        what, _, rest = line.partition(" ")
        key, _, results = rest.partition(": ")
        if what != "month":
            yield what, dt.date.fromisoformat(key), dt.date.fromisoformat(results)
            continue
        year, month = int(key[:4]), int(key[5:])
        following = dt.date(year + month // 12, month % 12 + 1, 1)
        for number, end in enumerate(results.split(), start=1):
            text = f"{following.year}-{end}" if "-" in end else f"{following:%Y-%m}-{int(end):02}"
            yield what, dt.date(year, month, number), dt.date.fromisoformat(text)


CASES = list(_cases())


def _reckoned(what: str, day: dt.date) -> dt.date | None:
    if what in ("month", "year"):
        return legal_clock.appeal(day, instructed=what == "month").day
    if what == "lapse":
        return legal_clock.lapses(rules.in_force(rules.ROWS, rules.RETRIEVED, day), day)
    return legal_clock.announced(rules.in_force(rules.ROWS, what, day), day).day


def test_the_table_has_more_than_three_hundred_cases_and_every_rule():
    assert len(CASES) == len({case[:2] for case in CASES}) >= 300
    assert {what for what, _, _ in CASES} == {"month", "year", "lapse", *CODES}


@pytest.mark.parametrize("what", ["month", "year", "lapse", *CODES])
def test_the_clock_agrees_with_the_wall_calendar(what):
    mine = [(day, end) for kind, day, end in CASES if kind == what]
    assert [(day, _reckoned(what, day)) for day, _ in mine] == mine


def _rule(code, day):
    return rules.in_force(rules.ROWS, code, day)


@given(codes, days)
def test_a_day_is_never_earlier_than_any_reading_of_the_law(code, day):
    rule = _rule(code, day)
    counted = legal_clock.announced(rule, day).day
    assert counted >= day + dt.timedelta(days=max(rule.days, rule.other_days or 0))
    assert rule.weekend_shift or counted == day + dt.timedelta(days=rule.longest)


@given(codes, days, days)
def test_a_later_trigger_never_counts_earlier(code, one, other):
    first, second = sorted([one, other])
    assert (
        legal_clock.announced(_rule(code, first), first).day <= legal_clock.announced(_rule(code, second), second).day
    )


@given(days, days, st.booleans())
def test_a_later_announcement_never_ends_an_appeal_earlier(one, other, instructed):
    first, second = sorted([one, other])
    ends = [legal_clock.appeal(day, instructed=instructed).day for day in (first, second)]
    assert ends == sorted(ends)


@given(days)
def test_an_appeal_lasts_at_least_a_month_and_ends_on_a_working_day(day):
    end = legal_clock.appeal(day, instructed=True).day
    assert legal_clock.day_off(end) == ""
    assert dt.timedelta(days=28) <= end - day <= dt.timedelta(days=31 + 6)
    assert legal_clock.appeal(day, instructed=False).day >= day + dt.timedelta(days=365)


@given(days, st.booleans())
def test_only_days_off_are_jumped_over(day, instructed):
    found = legal_clock.appeal(day, instructed=instructed)
    between = len(found.steps) - 1
    assert all(legal_clock.day_off(found.day - dt.timedelta(days=n)) for n in range(1, between + 1))


@given(codes, st.dates(dt.date(2024, 7, 24), dt.date(2060, 12, 31)))
def test_exactly_one_row_holds_on_each_day(code, day):
    assert sum(row.code == code and row.holds_on(day) for row in rules.ROWS) == 1


@given(st.sampled_from(rules.ROWS))
def test_a_frozen_rule_thaws_to_itself(rule):
    assert rules.Rule.thawed(rule.frozen()) == rule


def test_before_the_law_there_is_no_rule():
    with pytest.raises(rules.NoRule):
        rules.in_force(rules.ROWS, "baydig24", dt.date(2022, 7, 31))


def test_the_arithmetic_is_written_so_that_it_can_be_followed():
    rule = _rule("baydig24", dt.date(2026, 11, 2))
    steps = legal_clock.announced(rule, dt.date(2026, 11, 2)).steps
    assert steps[0] == "Art. 24 BayDiG: Montag, 02.11.2026 und 4 Tage ergibt Freitag, 06.11.2026."
    assert "anderer Lesart" in steps[1]
    assert "Sonntag" in legal_clock.appeal(dt.date(2026, 11, 6), instructed=True).steps[1]


@pytest.mark.django_db
def test_the_table_of_the_operators_begins_as_the_program_has_it_and_its_rows_do_not_overlap(rule_table):
    held = [row.rule() for row in AnnouncementRule.objects.all()]
    assert sorted(held, key=lambda row: (row.code, row.valid_from)) == sorted(
        rules.ROWS, key=lambda row: (row.code, row.valid_from)
    )
    again = AnnouncementRule.objects.filter(code="baydig24", valid_to=None).get()
    again.pk, again.valid_from = None, dt.date(2030, 1, 1)
    with pytest.raises(IntegrityError, match="rule_rows_do_not_overlap"), transaction.atomic():
        again.save(force_insert=True)
