import dataclasses
import datetime as dt
import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_engine.definitions import actions, schema
from forms_engine.definitions.evaluate import add_months, evaluate, evaluate_page
from tests.forms_engine.definitions import strategies
from tests.forms_engine.definitions.conftest import SMALL

TODAY = dt.date(2026, 11, 22)
PERMIT = schema.load((actions.CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8"))
SIZED = [{"kennzeichen": "M-A 1", "laenge": 700}, {"kennzeichen": "B-A 2", "laenge": 500}]

LAST = """  - key: ende
    title: Ende
    fields:
      - {name: summe, type: computed, result: integer, total: {group: fahrzeuge, member: laenge}}
      - {name: zusatz, type: text, label: Zusatz, required: "summe > 1000 && wahl == 'b'",
         messages: {empty: Geben Sie den Zusatz ein.}}
"""


def small(**answers):
    return evaluate(schema.load(SMALL), answers, today=TODAY)


def test_a_page_appears_when_its_condition_holds():
    assert small(wahl="a").pages == ("anfang", "wagen")
    assert small(wahl="b").pages == ("anfang", "mehr", "wagen")


def test_the_answer_of_a_hidden_field_is_gone():
    state = small(wahl="a", tag="2026-01-01", notiz="x")
    assert state.values == {"wahl": "a"} and "tag" not in state.visible


def test_for_a_page_only_what_it_rests_on_is_judged():
    text = SMALL.replace("refusals:", LAST + "refusals:")
    answers = {"wahl": "b", "tag": "2026-01-01", "fahrzeuge": SIZED, "beleg": ["a"], "zusatz": "x"}
    whole = evaluate(definition := schema.load(text), answers, today=TODAY)
    page = evaluate_page(definition, "ende", answers, today=TODAY)
    assert page.visible == {"zusatz", "summe", "fahrzeuge", "wahl"}
    assert page.required == {"zusatz", "fahrzeuge", "wahl"}
    assert page.values == {name: whole.values[name] for name in page.visible}
    assert page.rows == whole.rows and page.fee_cents is None and page.documents == ()


def test_what_a_hidden_field_would_have_brought_up_stays_hidden():
    text = SMALL.replace("visible: fahrzeuge.exists(f, f.laenge > 600)", "visible: notiz == 'x'")
    definition = schema.load(text)
    assert "belege" in evaluate(definition, {"wahl": "b", "notiz": "x"}, today=TODAY).pages
    assert "belege" not in evaluate(definition, {"wahl": "a", "notiz": "x"}, today=TODAY).pages


def test_documents_follow_the_rows():
    (document,) = small(wahl="b", fahrzeuge=SIZED).documents
    assert (document.field, document.needed, document.required) == ("beleg", 1, True)
    assert small(wahl="b", fahrzeuge=SIZED[1:]).documents == ()


def test_the_first_tier_that_holds_is_the_fee():
    assert (small(wahl="b").fee_cents, small(wahl="b").fee_tier) == (200, "tarif-b")
    assert small().fee_cents is None


def test_a_member_may_be_required_by_its_own_row():
    first, second = small(wahl="b", fahrzeuge=SIZED).rows["fahrzeuge"]
    assert first.required == {"kennzeichen", "laenge"} and second.required == {"kennzeichen"}
    assert small(wahl="b").new_row["fahrzeuge"].visible == {"kennzeichen", "laenge"}


def test_a_not_eligible_page_ends_the_way_and_takes_fee_and_documents_with_it():
    state = small(wahl="a", fahrzeuge=[*SIZED, {"kennzeichen": "M-C 3"}])
    assert state.refusal == "zu-viele" and state.pages == ("anfang", "wagen")
    assert state.fee_cents is None and state.documents == () and "beleg" not in state.visible


def test_what_stands_behind_a_not_eligible_page_leaves_no_choices_on_offer():
    choice = "{name: art, type: choice, label: Art, required: false, choices: [{value: x, label: X}]}"
    text = SMALL.replace("visible: fahrzeuge.exists(f, f.laenge > 600)\n    fields:", f"fields:\n      - {choice}")
    state = evaluate(schema.load(text), {"wahl": "a", "fahrzeuge": [*SIZED, {"laenge": 300}]}, today=TODAY)
    assert state.refusal == "zu-viele" and state.choices.keys() == {"wahl"}
    assert "art" in evaluate(schema.load(text), {"wahl": "b"}, today=TODAY).choices


def test_rows_beyond_the_maximum_do_not_count():
    assert len(small(wahl="b", fahrzeuge=[{"laenge": n} for n in range(101, 106)]).values["fahrzeuge"]) == 3


def test_computed_values_are_answers_for_other_expressions():
    computed = "      - {name: lang, type: computed, value: size(wahl) == 1, result: boolean}\n  - key: mehr"
    text = SMALL.replace("  - key: mehr", computed, 1).replace("visible: wahl == 'b'", "visible: lang")
    state = evaluate(schema.load(text), {"wahl": "a", "lang": "ignored"}, today=TODAY)
    assert state.values["lang"] is True and "mehr" in state.pages
    assert "lang" not in evaluate(schema.load(text), {"lang": True}, today=TODAY).values


def test_answered_says_whether_there_is_an_answer():
    text = SMALL.replace("visible: wahl == 'b'", "visible: '!answered.wahl'")
    assert "mehr" not in evaluate(schema.load(text), {"wahl": "a"}, today=TODAY).pages
    assert "mehr" in evaluate(schema.load(text), {}, today=TODAY).pages


def test_a_choice_that_is_not_on_offer_is_no_answer():
    text = SMALL.replace(
        "- {name: notiz, type: text, label: Notiz, required: false}",
        "- {name: notiz, type: choice, label: N, required: false, choices: "
        "[{value: x, label: X, visible: wahl == 'a'}, {value: y, label: Y}]}",
    )
    state = evaluate(schema.load(text), {"wahl": "b", "notiz": "x"}, today=TODAY)
    assert state.choices["notiz"] == ("y",) and "notiz" not in state.values


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2027, 12, 1), 12, dt.date(2028, 12, 1)),
        (dt.date(2028, 2, 29), 24, dt.date(2030, 2, 28)),
        (dt.date(9998, 1, 1), 1200, dt.date.max),
    ],
)
def test_months_are_added_by_the_calendar(day, months, then):
    assert add_months(day, months) == then


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(strategies.answers(PERMIT))
def test_judging_the_result_again_changes_nothing(answers):
    once = evaluate(PERMIT, answers, today=TODAY)
    again = evaluate(PERMIT, once.values, today=TODAY)
    assert dataclasses.asdict(again) == dataclasses.asdict(once)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(strategies.answers(PERMIT))
def test_no_hidden_field_is_ever_in_the_result(answers):
    state = evaluate(PERMIT, answers, today=TODAY)
    assert state.values.keys() <= state.visible and state.required <= state.visible
    assert {PERMIT.page_of(name) for name in state.visible} <= set(state.pages)
    for row, seen in zip(state.values.get("fahrzeuge", ()), state.rows.get("fahrzeuge", ()), strict=True):
        assert row.keys() <= seen.visible and seen.required <= seen.visible
    json.dumps(state.values)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(strategies.answers(PERMIT), st.randoms())
def test_the_order_of_the_answers_does_not_matter(answers, shuffle: random.Random):
    pairs = list(answers.items())
    shuffle.shuffle(pairs)
    assert evaluate(PERMIT, dict(pairs), today=TODAY) == evaluate(PERMIT, answers, today=TODAY)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(
    strategies.JUNK, st.dictionaries(st.sampled_from(["anliegen", "fahrzeuge", "beginn", "laufzeit"]), strategies.JUNK)
)
def test_junk_never_breaks_it(whole, parts):
    for junk in (whole, parts, {"anliegen": "altstadt", **parts}):
        state = evaluate(PERMIT, junk, today=TODAY)
        assert state.pages[0] == "anliegen"


def test_deep_junk_never_reaches_the_expressions():
    deep: list = []
    for _ in range(50_000):
        deep = [deep]
    state = evaluate(PERMIT, {"anliegen": deep, "fahrzeuge": [{"laenge_cm": deep}]}, today=TODAY)
    assert state.values == {}


def test_the_permit_is_judged_in_less_than_five_milliseconds():
    answers = {"anliegen": "altstadt", "stellplatz": False, "wohnsitzart": "haupt", "laufzeit": "12"}
    answers["fahrzeuge"] = [
        {"kennzeichen": f"M-A {n}", "halterschaft": "eigen", "laenge_cm": 400, "antrieb": True} for n in (1, 2, 3)
    ]
    evaluate(PERMIT, answers, today=TODAY)
    start = time.process_time()
    for _ in range(50):
        evaluate(PERMIT, answers, today=TODAY)
    assert (time.process_time() - start) / 50 < 0.005
