"""Conditions that no answers fulfil."""

import pytest

from forms_engine.definitions import actions, reach, schema
from tests.forms_engine.definitions.conftest import SMALL


def never(source: str) -> list[str]:
    return list(reach.never_met(schema.load(source)))


def with_page(condition: str, more: str = "") -> str:
    page = f"""  - key: neu
    title: Neu
    visible: {condition}
    fields: [{{name: neu, type: boolean, label: Neu, messages: {{empty: Wählen Sie aus.}}}}]
{more}refusals:"""
    return SMALL.replace("refusals:", page)


def test_everything_in_a_sound_form_can_happen():
    assert never(SMALL) == []


@pytest.mark.parametrize(
    "condition",
    [
        "wahl == 'c'",  # not among the choices
        "wahl == 'a' && wahl == 'b'",
        "wahl != 'a' && wahl != 'b'",
        "answered.wahl && wahl == ''",
        "'false' == wahl",
    ],
)
def test_a_page_that_no_answer_leads_to_is_found(condition):
    assert never(with_page(f'"{condition}"')) == ["pages[4].visible"]


@pytest.mark.parametrize("condition", ["wahl == 'b' || wahl == 'c'", "!answered.wahl", "notiz == 'x'", "tag > today"])
def test_nothing_is_claimed_where_an_answer_leads_there_or_free_text_decides(condition):
    assert never(with_page(f'"{condition}"')) == []


def test_a_question_that_was_hidden_has_no_answer():
    hidden = "      - {name: ja, type: boolean, label: Ja, visible: wahl == 'a', messages: {empty: Wählen Sie aus.}}\n"
    source = with_page("\"ja && wahl == 'b'\"").replace("      - {name: notiz", f"{hidden}      - {{name: notiz")
    # The page it stands on is asked for 'b', the question for 'a'.
    assert never(source) == ["pages[1].fields[1].visible", "pages[4].visible"]


def test_behind_a_refusal_nobody_goes_on():
    source = with_page("\"wahl == 'b'\"")
    assert never(source) == []
    stop = "refusals:\n  - {key: nein, page: anfang, when: wahl == 'b', title: Nein, text: [N.], next_steps: [N.]}"
    assert "pages[4].visible" in never(source.replace("refusals:", stop, 1))


def test_a_choice_and_a_fee_that_never_come_are_found():
    assert never(SMALL.replace("label: B}]}", "label: B, visible: 'false'}]}")) == [
        "pages[0].fields[0].choices[1].visible"
    ]
    assert never(SMALL.replace("when: wahl == 'b', label: B", "when: wahl == 'x', label: B")) == ["fee.tiers[1].when"]


def test_the_catalogue_has_no_dead_end():
    texts = [path.read_text(encoding="utf-8") for path in sorted(actions.CATALOGUE.glob("*.yaml"))]
    assert {schema.load(text).form: never(text) for text in texts if never(text)} == {}


def with_choices(count: int, condition: str) -> str:
    choices = ", ".join(f"{{value: v{n}, label: L{n}}}" for n in range(count))
    question = (
        f"{{name: viele, type: multi_choice, label: Viele, messages: {{empty: Wählen Sie.}}, choices: [{choices}]}}"
    )
    return with_page(condition).replace("      - {name: notiz", f"      - {question}\n      - {{name: notiz")


@pytest.mark.parametrize(
    ("count", "condition", "found"),
    [
        (4, "viele.size() == 3", []),
        (4, "viele.size() == 5", ["pages[4].visible"]),
        (2000, "viele.size() == 5000", []),
    ],
)
def test_every_set_of_a_few_choices_is_tried_and_none_of_many(count, condition, found):
    assert never(with_choices(count, condition)) == found
