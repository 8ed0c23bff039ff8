"""Every operation keeps the form a form or is refused with a sentence, and leaves what it was given as it was."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_engine.definitions import actions, document, schema
from forms_engine.definitions.builder import fresh, references
from forms_engine.definitions.builder import operations as ops
from forms_engine.definitions.builder.props import TYPES
from tests.forms_engine.definitions.conftest import SMALL

FORMS = [
    document.read((actions.CATALOGUE / f"{name}.yaml").read_text(encoding="utf-8"))
    for name in ("ausweisverlust", "hundesteuer-anmeldung", "wohngeld-mietzuschuss")
] + [document.read(SMALL)]
forms = st.sampled_from(range(len(FORMS))).map(lambda number: Named(FORMS[number]))
numbers = st.integers(0, 200)


class Named(dict):
    """A form that says in a failed example only which one it is."""

    def __repr__(self):
        return f"<{self['form']}>"


def small():
    return document.read(SMALL)


def a_name(data, number):
    names = [spot.ident for spot in ops.spots(data)]
    return names[number % len(names)]


def a_page(data, number):
    return data["pages"][number % len(data["pages"])]["key"]


def tried(data, name, number, other):
    """One of the operations, by numbers."""
    kinds = sorted(TYPES)
    entry = fresh.entry(
        data, kind=kinds[other % len(kinds)], label="Ganz Neues", empty="Geben Sie es ein.", text="Text."
    )
    page = a_page(data, other)
    return [
        lambda: ops.add(data, page, entry),
        lambda: ops.move(data, name, page, other),
        lambda: ops.step(data, name, 1 if other % 2 else -1),
        lambda: ops.copy(data, name)[0],
        lambda: ops.delete(data, name),
        lambda: ops.move_page(data, page, 1 if other % 2 else -1),
        lambda: ops.copy_page(data, page)[0],
        lambda: ops.delete_page(data, page),
        lambda: ops.add_page(data, fresh.page(data, "Seite dazu", entry), other),
        lambda: ops.put(data, name, {**ops.spot(data, name).entry, "name": ops.fresh_name(data, "umbenannt")}),
    ][number % 10]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(forms, numbers, numbers, numbers)
def test_what_comes_out_can_be_loaded_or_is_refused(data, which, number, other):
    before = json.dumps(data)
    try:
        new = tried(data, a_name(data, which), number, other)()
        ops.sound(new)
    except ops.Refused as refused:
        assert str(refused).endswith((".", "“."))
    else:
        assert schema.load(document.write(new)).form == data["form"]
    assert json.dumps(data) == before


@settings(max_examples=60, deadline=None)
@given(forms, numbers, st.sampled_from([-1, 1]))
def test_a_step_is_undone_by_the_opposite_step(data, number, by):
    name = a_name(data, number)
    try:
        there = ops.step(data, name, by)
    except ops.Refused:
        return
    assert ops.step(there, name, -by) == data


@settings(max_examples=60, deadline=None)
@given(forms, numbers, numbers, numbers)
def test_a_move_is_undone_by_moving_back(data, number, page, index):
    name = a_name(data, number)
    held = ops.spot(data, name)
    try:
        there = ops.move(data, name, a_page(data, page), index)
    except ops.Refused:
        return
    assert ops.move(there, name, held.home, held.index) == data


@settings(max_examples=60, deadline=None)
@given(forms, numbers, st.sampled_from([-1, 1]))
def test_moving_a_page_is_undone_by_moving_it_back(data, number, by):
    key = a_page(data, number)
    try:
        there = ops.move_page(data, key, by)
    except ops.Refused:
        return
    assert ops.move_page(there, key, -by) == data


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(forms, numbers)
def test_a_copy_has_names_of_its_own_and_can_be_loaded(data, number):
    try:
        new, name = ops.copy(data, a_name(data, number))
    except ops.Refused:
        return
    assert ops.spot(new, name).entry["name"] not in ops.names(data)
    every = [spot.ident for spot in ops.spots(new)]
    assert len(every) == len(set(every))
    try:
        ops.sound(new)
    except ops.Refused as refused:
        assert "Regel F15" in str(refused)  # a group may look at itself only from behind


@settings(max_examples=30, deadline=None)
@given(forms, numbers)
def test_a_new_name_is_known_everywhere(data, number):
    old = a_name(data, number)
    entry = ops.spot(data, old).entry
    renamed = {**entry, "name": "ganz_anders"}
    new = ops.put(data, old, renamed)
    assert ops.sound(new)
    again = ops.spot(new, ops.ident(renamed)).entry
    assert ops.put(new, ops.ident(renamed), {**again, "name": entry["name"]}) == data


def test_a_copied_page_speaks_of_its_own_questions():
    data = small()
    data["pages"][1]["fields"][1]["visible"] = "tag > today"
    new, key = ops.copy_page(data, "mehr")
    copied = new["pages"][2]
    assert (key, copied["title"]) == ("mehr-2", "Mehr (2)")
    assert [entry["name"] for entry in copied["fields"]] == ["tag_2", "notiz_2"]
    assert copied["fields"][1]["visible"] == "tag_2 > today"
    assert copied["visible"] == "wahl == 'b'"  # what it says about others stays


def test_a_copied_group_speaks_of_its_own_members():
    new, name = ops.copy(small(), "fahrzeuge")
    group = ops.spot(new, name).entry
    assert (group["unique_by"], [m["name"] for m in group["members"]]) == (
        "kennzeichen_2",
        ["kennzeichen_2", "laenge_2"],
    )
    assert group["members"][1]["required"] == "row.kennzeichen_2.startsWith('M')"


def test_what_a_rule_needs_is_not_deleted_and_the_rule_is_named():
    with pytest.raises(ops.Refused, match=r"Das wird noch gebraucht: Absage, Gebühr, Seite „Mehr“"):
        ops.delete(ops.add(small(), "anfang", fresh.entry(small(), kind="text", label="X", needed=False)), "wahl")


def test_the_last_entry_of_a_page_stays():
    with pytest.raises(ops.Refused, match="der letzte Eintrag"):
        ops.delete(small(), "wahl")
    with pytest.raises(ops.Refused, match="der letzte Eintrag"):
        ops.move(small(), "wahl", "mehr", 0)


def test_a_page_with_a_refusal_or_the_only_page_stays():
    with pytest.raises(ops.Refused, match="gehört eine Absage"):
        ops.delete_page(small(), "wagen")
    only = small() | {"pages": small()["pages"][:1]}
    with pytest.raises(ops.Refused, match="mindestens eine Seite"):
        ops.delete_page(only, "anfang")


def test_letters_forget_a_question_that_is_deleted():
    data = small() | {"meaning": {"name": ["notiz"], "address": [["notiz"], ["tag"]]}}
    assert ops.delete(data, "notiz")["meaning"] == {"name": [], "address": [["tag"]]}


@pytest.mark.parametrize("kind", ["static", "computed", "location", "declaration", "repeating"])
def test_a_group_holds_only_what_it_may(kind):
    entry = fresh.entry(small(), kind=kind, label="Neu", empty="Geben Sie es ein.", text="Text.")
    with pytest.raises(ops.Refused, match="nicht in einer Gruppe"):
        ops.add(small(), "gruppe.fahrzeuge", entry)


def test_a_name_is_given_once():
    entry = {"name": "wahl", "type": "text", "label": "X"}
    with pytest.raises(ops.Refused, match="schon vergeben"):
        ops.add(small(), "mehr", entry)
    with pytest.raises(ops.Refused, match="schon vergeben"):
        ops.put(small(), "notiz", {**ops.spot(small(), "notiz").entry, "name": "wahl"})


@pytest.mark.parametrize(
    ("wish", "name"), [("Wahl", "wahl_2"), ("Größe in m²", "groesse_in_m"), ("?", "frage"), ("in", "in_2")]
)
def test_names_come_from_labels(wish, name):
    assert ops.fresh_name(small(), wish) == name


@pytest.mark.parametrize(
    ("source", "new"),
    [
        ("a == 'a'", "b == 'a'"),
        ("answered.a && row.a > 1", "answered.b && row.b > 1"),
        ("aa == 1 || a.b == a", "aa == 1 || b.b == b"),
        ("liste.exists(z, z.a == 'x')", "liste.exists(z, z.b == 'x')"),
        ("a(1) + a", "a(1) + b"),
    ],
)
def test_rules_are_rewritten_word_by_word(source, new):
    assert references.renamed_in(source, {"a": "b"}) == new


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.text(max_size=40) | st.integers(-(10**15), 10**15) | st.booleans(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=5), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_what_is_written_reads_equal_and_is_written_equal(value):
    text = document.write({"wert": value})
    schema.as_json.cache_clear()
    try:
        read = document.read(text)
    except schema.DefinitionError:
        return  # depth or characters that no form may have
    assert read == {"wert": value} and document.write(read) == text
