"""Blocks (person, address, company, contact, group) become questions; expressions and letters know only these."""

import datetime as dt

import pytest
from django.http import QueryDict

from forms_engine.definitions import present, schema
from forms_engine.definitions.build import page_form
from forms_engine.definitions.evaluate import evaluate
from forms_engine.definitions.language.parts import PARTS
from tests.forms_engine.definitions.conftest import SMALL
from tests.forms_engine.definitions.test_schema import refused

TODAY = dt.date(2026, 11, 22)
NOTE = "- {name: notiz, type: text, label: Notiz, required: false}"
ROW = "          - {name: kennzeichen, type: plate"


def with_block(block: str) -> str:
    return SMALL.replace(NOTE, f"- {{{block}}}\n      {NOTE}")


def with_row_block(block: str) -> str:
    return SMALL.replace(ROW, f"          - {{{block}}}\n{ROW}")


def page(source: str, answers=None, key: str = "mehr", data=None):
    definition = schema.load(source)
    judged = evaluate(definition, {"wahl": "b"} | (answers or {}), today=TODAY)
    return page_form(definition, key, judged)(data)


def asked(source: str, key: str = "mehr") -> list[str]:
    return [item.name for item in schema.load(source).page(key).questions]


def posted(**values: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update({"tag_0": "1", "tag_1": "1", "tag_2": "2026", **values})
    return data


def test_a_block_becomes_questions_named_after_it():
    source = with_block("name: kind, type: person, label: Ihr Kind, own: false")
    assert asked(source) == ["tag", "kind_vorname", "kind_nachname", "kind_geburtsdatum", "notiz"]
    assert all(item.personal for item in schema.load(source).page("mehr").questions[1:4])


def test_parts_can_be_chosen_and_worded():
    source = with_block(
        "name: ort, type: address, label: Adresse, parts: [strasse, land], texts: {land: {label: Staat}}"
    )
    form = page(source)
    assert [form.fields[name].label for name in ("ort_strasse", "ort_land")] == ["Straße und Hausnummer", "Staat"]


def test_an_address_in_the_city_asks_no_town_and_takes_its_postcodes_only():
    source = with_block("name: ort, type: address, label: Adresse, in_city: true")
    assert asked(source) == ["tag", "ort_strasse", "ort_plz", "notiz"]
    form = page(source, data=posted(ort_strasse="Tal 1", ort_plz="10115"))
    assert form.errors["ort_plz"] == ["Geben Sie eine Münchner Postleitzahl ein. Sie beginnt mit 80 oder 81."]


@pytest.mark.parametrize(("own", "token"), [("true", "address-line1"), ("false", "off")])
def test_data_of_others_gets_no_help_from_the_browser(own, token):
    form = page(with_block(f"name: ort, type: address, label: Adresse, own: {own}"))
    assert form.fields["ort_strasse"].widget.attrs["autocomplete"] == token


def test_an_optional_block_is_filled_in_whole_or_not_at_all():
    source = with_block("name: ort, type: address, label: Adresse, required: false")
    assert page(source, data=posted()).errors == {}
    form = page(source, data=posted(ort_plz="80331"))
    assert set(form.errors) == {"ort_strasse", "ort_ort"}


def test_an_optional_block_in_a_row_looks_at_its_row_only():
    block = "name: halter, type: address, label: Halter, required: false, own: false"
    source = with_row_block(block)
    rows = {"fahrzeuge-rows": "2", "fahrzeuge-0-halter_plz": "80331"}
    rows |= {f"fahrzeuge-{n}-kennzeichen": f"M-A {n + 1}" for n in range(2)}
    rows |= {f"fahrzeuge-{n}-laenge": "300" for n in range(2)}
    form = page(source, key="wagen", data=posted(**rows))
    assert set(form.errors) == {"fahrzeuge-0-halter_strasse", "fahrzeuge-0-halter_ort"}


def test_questions_of_a_block_stand_under_its_heading():
    parts = list(page(with_block("name: ort, type: address, label: Adresse, hint: Wo Sie wohnen")).parts())
    assert [part.key for part in parts] == ["tag", "ort-block", "notiz"]
    assert (str(parts[1].block.label), [part.key for part in parts[1].parts]) == (
        "Adresse",
        ["ort_strasse", "ort_plz", "ort_ort"],
    )


def test_a_group_keeps_its_names_and_is_hidden_as_one():
    inner = "{name: x, type: text, label: X, required: false}"
    group = f"name: g, type: group, label: G, visible: wahl == 'a', members: [{inner}]"
    assert asked(with_block(group)) == ["tag", "x", "notiz"]
    assert "x" not in page(with_block(group)).fields


def test_two_blocks_on_a_page_are_told_apart_where_answers_are_shown():
    two = "name: alt, type: address, label: Bisher}\n      - {name: neu, type: address, label: Künftig"
    definition = schema.load(with_block(two))
    answers = {"wahl": "b", "alt_strasse": "Tal 1", "neu_strasse": "Tal 2"}
    section = present.rows(definition, evaluate(definition, answers, today=TODAY))[1]
    labels = [row.label for row in section.rows if row.value_text.startswith("Tal")]
    assert labels == ["Bisher: Straße und Hausnummer", "Künftig: Straße und Hausnummer"]


@pytest.mark.parametrize(
    ("block", "path", "sentence"),
    [
        (
            "name: k, type: person, label: Kind, parts: [bart]",
            "pages[1].fields[1]",
            "Den Teil „bart“ gibt es hier nicht",
        ),
        ("name: wahl, type: group, label: G, members: [{name: wahl, type: text, label: X}]", "", "„wahl“"),
        ("name: k, type: address, label: K, visible: farbe == 'a'", "pages[1].fields[1].visible", "„farbe“"),
        ("name: g, type: group, label: G, members: []", "pages[1].fields[1]", "zu wenige Einträge"),
    ],
)
def test_a_wrong_block_is_refused_where_it_stands(block, path, sentence):
    assert any(where.startswith(path) and sentence in text for where, text in refused(with_block(block)))


@pytest.mark.parametrize("kind", sorted(PARTS))
def test_every_part_that_exists_makes_a_form_that_publishes(kind):
    parts = ", ".join(PARTS[kind])
    assert len(asked(with_block(f"name: b, type: {kind}, label: B, parts: [{parts}]"))) == len(PARTS[kind]) + 2
