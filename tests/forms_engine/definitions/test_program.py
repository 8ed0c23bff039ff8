import pytest

from forms_engine.definitions import schema
from tests.forms_engine.definitions.conftest import SMALL
from tests.forms_engine.definitions.test_schema import changed, refused

SAID = "required: %s, messages: {empty: Geben Sie die Notiz ein.}"
COMPUTED = "      - {name: %s, type: computed, value: '%s', result: integer}\n"


def with_computed(*pairs: tuple[str, str]) -> str:
    lines = "".join(COMPUTED % pair for pair in pairs)
    return SMALL.replace("  - key: mehr\n", lines + "  - key: mehr\n", 1)


@pytest.mark.parametrize(
    ("old", "new", "path", "sentence"),
    [
        (
            "visible: wahl == 'b'",
            "visible: farbe == 'b'",
            "pages[1].visible",
            "„farbe“ gibt es in diesem Formular nicht",
        ),
        ("visible: wahl == 'b'", "visible: wahl == 3", "pages[1].visible", "Typen passen nicht zusammen"),
        ("visible: wahl == 'b'", "visible: wahl", "pages[1].visible", "muss den Typ „Ja/Nein“ haben"),
        ("visible: wahl == 'b'", "visible: wahl ==", "pages[1].visible", "nicht lesbar (Zeile 1, Zeichen"),
        ("visible: wahl == 'b'", "visible: tag == today", "pages[1].visible", "F15"),
        ("visible: wahl == 'b'", "visible: fahrzeuge.size() > 0", "pages[1].visible", "nicht von „fahrzeuge“"),
        ("visible: wahl == 'b'", "visible: row.laenge > 1", "pages[1].visible", "„laenge“ gibt es hier nicht"),
        ("f.laenge > 600)\n", "f.hoehe > 600)\n", "pages[3].visible", "„hoehe“ gibt es hier nicht"),
        ("f.laenge > 600)\n", "f.wahl == 'a')\n", "pages[3].visible", "„wahl“ gibt es hier nicht"),
        ("row.kennzeichen", "row.wahl", "pages[2].fields[0].members[1].required", "„wahl“ gibt es hier nicht"),
        ("when: fahrzeuge.size() == 3", "when: beleg.size() == 3", "refusals[0].when", "späteren Seite"),
        ("page: wagen", "page: nirgends", "refusals[0].page", "„nirgends“ gibt es nicht"),
        ("when: wahl == 'a', label: A", "when: size(wahl), label: A", "fee.tiers[0].when", "Ja/Nein"),
        ("required: false", SAID % "laenge", "pages[1].fields[1].required", "„laenge“"),
        ("visible: wahl == 'b'", "visible: r'a' == wahl", "pages[1].visible", "nicht erlaubt"),
        ("visible: wahl == 'b'", "visible: answered.farbe", "pages[1].visible", "„farbe“"),
        ("required: false", SAID % "fahrzeuge.size() > 1", "pages[1].fields[1].required", "späteren Seite"),
    ],
)
def test_an_expression_that_cannot_work_is_refused_with_its_place(old, new, path, sentence):
    assert any(where == path and sentence in text for where, text in refused(changed(old, new)))


def test_values_that_depend_on_each_other_in_a_circle_are_refused_with_the_circle():
    problems = refused(with_computed(("x", "y + 1"), ("y", "z + 1"), ("z", "x + 1")))
    (sentence,) = [text for _, text in problems if text.startswith("Angaben im Kreis")]
    assert {"x", "y", "z"} <= set(sentence.replace(".", "").split())


def test_a_value_that_depends_on_itself_is_refused():
    assert any("Kreis: x → x" in text for _, text in refused(with_computed(("x", "x + 1"))))


def test_a_computed_value_hides_no_look_ahead():
    ahead = with_computed(("n", "1")).replace("value: '1'", "value: 'fahrzeuge.size()'")
    assert any("späteren Seite" in text for _, text in refused(ahead))


def test_computed_values_are_judged_after_what_they_need():
    program = schema.load(with_computed(("x", "y + 1"), ("y", "size(wahl)"))).program
    assert program.order.index("wahl") < program.order.index("y") < program.order.index("x")


def test_a_definition_made_past_the_door_has_no_program():
    definition = schema.FormDefinition.model_validate(schema.read_yaml(SMALL))
    with pytest.raises(RuntimeError, match=r"schema\.load"):
        definition.program  # noqa: B018 - reading it is the point
