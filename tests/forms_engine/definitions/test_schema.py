import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_engine.definitions import actions, schema
from tests.forms_engine.definitions.conftest import SMALL

PERMIT = (actions.CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(schema.DefinitionError) as error:
        schema.load(text)
    return error.value.problems


def changed(old: str, new: str) -> str:
    assert SMALL.count(old) >= 1
    return SMALL.replace(old, new, 1)


def test_equal_text_gives_the_same_object():
    assert schema.load(SMALL) is schema.load("".join(SMALL))


def test_a_definition_never_changes():
    definition = schema.load(SMALL)
    with pytest.raises(ValueError, match="frozen"):
        definition.title = definition.title
    with pytest.raises(ValueError, match="frozen"):
        definition.pages[0].fields[0].name = "x"


def test_a_text_may_have_several_languages():
    text = changed("label: Wahl", "label: {de: Wahl, en: Choice}")
    label = schema.load(text).field("wahl").label
    assert (label.in_language("en"), label.in_language("de-simple"), str(label)) == ("Choice", "", "Wahl")


@pytest.mark.parametrize(
    ("old", "new", "path", "sentence"),
    [
        ("language: 1", "language: 2", "language", "Dieser Wert ist nicht vorgesehen."),
        ("title: Mehr", "title: Mehr\n    farbe: rot", "pages[1].farbe", "Diesen Schlüssel gibt es hier nicht."),
        ("type: date,", "type: datum,", "pages[1].fields[0]", "Diesen Feldtyp gibt es nicht."),
        ("title: Wagen", "title: ''", "pages[2].title.de", "Der Text darf nicht leer sein."),
        ("cents: 100", "cents: viel", "fee.tiers[0].cents", "Hier muss eine ganze Zahl stehen."),
        ("cents: 100", "cents: 0100", "fee.tiers[0].cents", "Hier muss eine ganze Zahl stehen."),
        ("maximum: 3", "maximum: 99", "pages[2].fields[0].repeating.maximum", "Die Zahl ist zu groß."),
        (
            "{value: b,",
            "{value: a,",
            "pages[0].fields[0].choice",
            "Jeder Wert darf in der Auswahl nur einmal vorkommen.",
        ),
        ("name: wahl", "name: today", "pages[0].fields[0].choice.name", "Dieser Name ist in Ausdrücken vergeben."),
        ("name: wahl", "name: Wahl", "pages[0].fields[0].choice.name", "Der Text hat nicht die erlaubte Form."),
        ("max_bytes: 10000000, ", "", "pages[3].fields[0].file.max_bytes", "Die Angabe fehlt."),
        ("media_types: [application/pdf]", "media_types: []", "pages[3].fields[0].file.media_types", "zu wenige"),
        ("unique_by: kennzeichen", "unique_by: farbe", "pages[2].fields[0].repeating", "„farbe“"),
        ("department: Amt für Kleines\n", "", "department", "Die Angabe fehlt."),
    ],
)
def test_a_fault_is_named_with_its_place(old, new, path, sentence):
    assert any(where == path and sentence in text for where, text in refused(changed(old, new)))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\na: 2", "Der Schlüssel „a“ steht zweimal da."),
        ("a: &x [1]\nb: *x", "Anker und Verweise"),
        ("a: {<<: {b: 1}}", "Diesen Schlüssel gibt es hier nicht."),
        ("1: a", "muss ein Text sein"),
        ("a: [", "kein lesbares YAML"),
        ("a: \x00", "kein lesbares YAML"),
        ("a: !!python/object:os.system x", "Typangaben"),
        ("a: !!map [b]", "Typangaben"),
        ("[" * 40 + "]" * 40, "zu tief geschachtelt"),
        ("- x", "besteht aus Schlüsseln"),
        ("", "besteht aus Schlüsseln"),
        ("a: " + "x" * 600_000, "größer als 512 KB"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_text_that_is_no_plain_yaml_is_refused(text, sentence):
    assert any(sentence in said for _, said in refused(text))


def test_words_and_dates_without_quotes_stay_text():
    data = schema.read_yaml("a: no\nb: 2026-01-01\nc: 010\nd: 1:30\ne: true\nf: 12\ng: null")
    assert data == {"a": "no", "b": "2026-01-01", "c": "010", "d": "1:30", "e": True, "f": 12, "g": None}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(PERMIT) - 1), st.integers(0, 60), st.text(max_size=12))
@pytest.mark.slow
def test_a_damaged_file_is_refused_with_a_sentence_or_taken(start, length, junk):
    try:
        schema.load(PERMIT[:start] + junk + PERMIT[start + length :])
    except schema.DefinitionError as error:
        assert error.problems and all(sentence.endswith((".", "“)")) or sentence for _, sentence in error.problems)


def test_the_json_schema_describes_every_kind_of_question():
    kinds = schema.json_schema()["$defs"].keys()
    assert {"TextField", "PlateField", "FileField", "RepeatingField", "ComputedField", "StaticField"} <= kinds
