"""Questions that depend on the page they stand on, or on their row (rule F15: never on what comes later)."""

import datetime as dt

import pytest

from forms_engine.definitions import schema
from forms_engine.definitions.evaluate import evaluate
from tests.forms_engine.definitions.conftest import SMALL
from tests.forms_engine.definitions.test_schema import refused

TODAY = dt.date(2026, 11, 22)
NOTE = "- {name: notiz, type: text, label: Notiz, required: false}"
LENGTH = "          - {name: laenge,"
ASK = "{name: grund, type: text, label: Grund, visible: %s, messages: {empty: Geben Sie den Grund ein.}}"


def on_page(rule: str, after: bool = True) -> str:
    ask = "- " + ASK % f'"{rule}"'
    return SMALL.replace(NOTE, f"{NOTE}\n      {ask}" if after else f"{ask}\n      {NOTE}")


def in_row(rule: str) -> str:
    old = SMALL[SMALL.index(LENGTH) : SMALL.index("  - key: belege")]
    return SMALL.replace(old, f"{old}          - " + ASK % f'"{rule}"' + "\n")


def judged(source: str, **answers):
    return evaluate(schema.load(source), {"wahl": "b", **answers}, today=TODAY)


def test_a_question_may_depend_on_one_above_it_on_the_same_page():
    source = on_page("notiz == 'x'")
    assert "grund" not in judged(source, notiz="y").visible
    assert "grund" in judged(source, notiz="x").visible
    assert schema.load(source).program.lively == {"mehr"}


def test_an_answer_to_a_question_that_is_hidden_again_counts_for_nothing():
    assert "grund" not in judged(on_page("notiz == 'x'"), notiz="y", grund="Weil").values


@pytest.mark.parametrize("rule", ["notiz == 'x'", "grund == 'x'"])
def test_a_question_never_depends_on_itself_or_on_one_below_it(rule):
    problems = refused(on_page(rule, after=False))
    assert any("F15" in text or "im Kreis" in text for _, text in problems)


def test_a_page_as_a_whole_depends_on_earlier_pages_only():
    source = SMALL.replace("visible: wahl == 'b'", "visible: notiz == 'x'")
    assert any(path == "pages[1].visible" and "F15" in text for path, text in refused(source))


def test_a_member_may_depend_on_its_own_row():
    source = in_row("row.laenge > 600")
    held = judged(source, fahrzeuge=[{"laenge": 700, "grund": "Weil"}, {"laenge": 300, "grund": "Nie"}])
    assert [sorted(state.visible & {"grund"}) for state in held.rows["fahrzeuge"]] == [["grund"], []]
    assert held.values["fahrzeuge"] == [{"laenge": 700, "grund": "Weil"}, {"laenge": 300}]
    assert "grund" not in held.new_row["fahrzeuge"].visible
    assert schema.load(source).program.lively == {"wagen"}


def test_a_member_that_is_asked_in_one_row_is_needed_in_that_row_only():
    held = judged(in_row("row.laenge > 600"), fahrzeuge=[{"laenge": 700}, {"laenge": 300}])
    assert ["grund" in state.required for state in held.rows["fahrzeuge"]] == [True, False]


@pytest.mark.parametrize("rule", ["row.grund == 'x'", "fahrzeuge.size() > 1", "row.wahl == 'a'"])
def test_a_member_never_depends_on_itself_its_list_or_other_groups(rule):
    assert refused(in_row(rule))


def test_forms_without_such_rules_are_judged_once_per_page():
    assert schema.load(SMALL).program.lively == frozenset()
