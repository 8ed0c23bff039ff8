"""What a form works out itself: sums over rows, fees by an expression, decimals, days inside of rows."""

import datetime as dt

import pytest

from forms_engine.definitions import present, schema
from forms_engine.definitions.evaluate import evaluate
from tests.forms_engine.definitions.conftest import SMALL

TODAY = dt.date(2026, 11, 22)
ROWS = [{"kennzeichen": "M-A 1", "laenge": 150}, {"kennzeichen": "B-A 2", "laenge": 250}, {"kennzeichen": "M-C 3"}]


def form(computed: str = "", cents: str = "cents: 100") -> schema.FormDefinition:
    line = f"      - {{name: summe, type: computed, {computed}}}\n" if computed else ""
    text = SMALL.replace("  - key: belege", f"{line}  - key: belege", 1)
    return schema.load(text.replace("cents: 100", cents, 1))


def total(computed: str, **answers):
    return evaluate(form(f"label: Summe, {computed}"), {"wahl": "b", **answers}, today=TODAY).values.get("summe")


def test_a_sum_adds_one_member_over_all_rows_and_skips_what_is_empty():
    assert total("total: {group: fahrzeuge, member: laenge}, result: integer", fahrzeuge=ROWS) == 400


def test_a_sum_may_count_some_rows_only():
    where = "total: {group: fahrzeuge, member: laenge, where: \"row.kennzeichen.startsWith('B')\"}, result: integer"
    assert total(where, fahrzeuge=ROWS) == 250


def test_without_rows_the_sum_is_zero():
    assert total("total: {group: fahrzeuge, member: laenge}, result: money") == 0


@pytest.mark.parametrize(
    ("computed", "sentence"),
    [
        ("total: {group: fahrzeuge, member: kennzeichen}, result: integer", "keine Zahl „kennzeichen“"),
        ("total: {group: wahl, member: laenge}, result: integer", "In der Gruppe „wahl“ gibt es keine Zahl"),
        ("total: {group: nirgends, member: laenge}, result: integer", "In der Gruppe „nirgends“"),
        ("total: {group: fahrzeuge, member: laenge}, result: text", "Eine Summe ist eine Zahl oder ein Betrag"),
        ("result: integer", "entweder value oder total"),
        ("total: {group: fahrzeuge, member: laenge, where: row.tag == 'x'}, result: integer", "Den Namen „tag“"),
    ],
)
def test_a_sum_over_what_is_no_number_of_a_group_is_refused(computed, sentence):
    with pytest.raises(schema.DefinitionError, match=sentence):
        form(computed)


def test_a_computed_decimal_is_shown_with_its_places_and_unit():
    definition = form("label: Fläche, value: '200 * 150 / 100', result: decimal, unit: m²")
    state = evaluate(definition, {"wahl": "a"}, today=TODAY)
    assert state.values["summe"] == "3.00"
    (row,) = [row for section in present.rows(definition, state) for row in section.rows if row.field == "summe"]
    assert row.value_text == "3,00 m²"


def test_a_fee_may_be_worked_out():
    definition = form(cents="amount: size(wahl) * 1200")
    state = evaluate(definition, {"wahl": "a"}, today=TODAY)
    assert (state.fee_tier, state.fee_cents) == ("tarif-a", 1200)


@pytest.mark.parametrize("amount", ["0 - 1", "1 + 99999999999", "fahrzeuge.size() * 100"])
def test_a_fee_that_is_negative_or_too_high_or_unknown_is_none(amount):
    state = evaluate(form(cents=f"amount: '{amount}'"), {"wahl": "a"}, today=TODAY)
    assert (state.fee_tier, state.fee_cents) == (None, None)


def test_a_tier_has_cents_or_amount():
    with pytest.raises(schema.DefinitionError, match="entweder cents oder amount"):
        form(cents="cents: 100, amount: '100'")


DAYS = """
      - name: tage
        type: repeating
        label: Tage
        row_title: Tag
        add_label: Weiteren Tag hinzufügen
        maximum: 3
        members: [{name: am, type: date, label: Tag, messages: {empty: Geben Sie den Tag ein.}}]
      - {name: summe, type: computed, value: "tage.filter(t, timestamp(t.am).getFullYear() == 2027).size()",
         result: integer}
"""


def test_expressions_read_days_inside_of_rows():
    definition = schema.load(SMALL.replace("  - key: belege", DAYS.strip("\n") + "\n  - key: belege", 1))
    days = [{"am": "2027-03-03"}, {"am": "2026-12-31"}, {"am": "2027-01-01"}]
    assert evaluate(definition, {"wahl": "a", "tage": days}, today=TODAY).values["summe"] == 2
