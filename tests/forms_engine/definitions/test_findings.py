"""What the linter says: one sample that breaks each rule, and a catalogue that breaks none."""

import pytest

from forms_engine.definitions import actions, findings, schema
from tests.forms_engine.definitions.conftest import SMALL


def found(source: str) -> dict[str, findings.Finding]:
    """The first of each place."""
    return {finding.path: finding for finding in reversed(findings.of(schema.load(source)))}


def changed(old: str, new: str) -> dict[str, findings.Finding]:
    assert old in SMALL
    return found(SMALL.replace(old, new, 1))


NOTE = "label: Notiz, required: false"
SAMPLES = [  # what is written, what instead, where it is found, by which rule
    ("title: Mehr", f"title: {'Sehr lange Überschrift ' * 5}", "pages[1].title", "F04"),
    ("button: Antrag absenden", "button: Weiter", "submission.button", "F05"),
    (
        "button_with_fee: Kostenpflichtig absenden",
        "button_with_fee: Antrag stellen",
        "submission.button_with_fee",
        "F05",
    ),
    ("label: Notiz,", "label: 'Notiz (optional)',", "pages[1].fields[1].label", "F11"),
    ("label: Notiz,", "label: 'Notiz *',", "pages[1].fields[1].label", "F11"),
    ("label: Notiz,", "label: 'Notiz:',", "pages[1].fields[1].label", "F12"),
    (NOTE, f"{NOTE}, hint: Eins. Zwei. Drei.", "pages[1].fields[1].hint", "F12"),
    ("label: Notiz,", "label: Notiz wiederholen,", "pages[1].fields[1]", "F13"),
    ("{value: b, label: B}", "{value: b, label: A}", "pages[0].fields[0].choices", "F14"),
    ("label: Wahl,", "label: Wahl, widget: select,", "pages[0].fields[0].widget", "F14"),
    ("label: Tag,", "label: Tag, hint: Zum Beispiel 3 4 2026,", "pages[1].fields[0].hint", "F16"),
    (
        "label: Notiz, required: false",
        "label: Anrede, messages: {empty: Geben Sie sie ein.}",
        "pages[1].fields[1]",
        "F17",
    ),
    ("label: Notiz,", "label: E-Mail-Adresse,", "pages[1].fields[1].type", "F19"),
    (NOTE, f"{NOTE}, max_length: 5", "pages[1].fields[1].width", "F21"),
    ("type: file, label: Beleg", "type: file, label: Beleg", "pages[3].fields[0].hint", "F23"),
    ("empty: Geben Sie den Tag ein.", "empty: Der Tag fehlt.", "pages[1].fields[0].messages.empty", "F33"),
    ("intro: [", "intro: [", "start.who", "F40"),
    ("purpose: Wir prüfen Ihren Antrag.", "purpose: Antrag", "privacy.purpose", ""),
    ("legal_basis: Art. 4 BayDSG", "legal_basis: Einwilligung", "privacy.legal_basis", ""),
    ("legal_basis: [KleinG § 1]", "legal_basis: [Gewohnheit]", "legal_basis[0]", ""),
    ("language: 1", "language: 1\nlanguages: [de, en]", "title", "F54"),
]


@pytest.mark.parametrize(("old", "new", "path", "rule"), SAMPLES)
def test_each_rule_is_found_where_it_is_broken(old, new, path, rule):
    finding = changed(old, new)[path]
    assert finding.rule == rule and finding.sentence.endswith((".", ".“"))
    assert (f"(Regel {rule})" in finding.text) == bool(rule)


def test_many_questions_on_one_page_are_told_once():
    many = "\n".join(f"      - {{name: q{n}, type: text, label: Q{n}, required: false}}" for n in range(10))
    finding = changed("      - {name: notiz", f"{many}\n      - {{name: notiz")["pages[1]"]
    assert (finding.rule, finding.blocks) == ("F01", False)


def test_a_page_of_one_choice_carries_the_question():
    assert found(SMALL)["pages[0].title"].rule == "F03"
    assert "pages[0].title" not in changed("label: Wahl,", "label: Anfang,")


def test_a_sentence_of_more_than_twenty_words_is_a_warning():
    long = " ".join(["Wort"] * 21)
    finding = changed("Das ist ein kleines Formular.", f"{long}.")["start.intro[0]"]
    assert "21 Wörter" in finding.sentence and not finding.blocks
    assert "start.intro[0]" not in changed("Das ist ein kleines Formular.", "Das gilt z. B. für Nr. 3 hier. " * 6)


@pytest.mark.parametrize("text", ["[Zweck der Verarbeitung]", "TODO", "…"])
def test_a_placeholder_blocks_publishing(text):
    assert changed("purpose: Wir prüfen Ihren Antrag.", f"purpose: '{text}'")["privacy.purpose"].blocks


def test_a_computed_value_that_nobody_sees_or_needs_is_named():
    line = "      - {name: summe, type: computed, result: integer, value: '1 + 1'}\n      - {name: notiz"
    assert "summe" in changed("      - {name: notiz", line)["pages[1].fields[1]"].sentence
    used = SMALL.replace("      - {name: notiz", line).replace("when: wahl == 'a', label", "when: summe == 2, label")
    assert not [f for f in found(used).values() if "summe" in f.sentence]


def test_a_missing_translation_can_be_drafted_but_not_published():
    source = SMALL.replace("language: 1", "language: 1\nlanguages: [de, en]")
    assert schema.load(source).languages == ("de", "en")
    with pytest.raises(schema.DefinitionError, match=r"Die Übersetzung \(en\) fehlt"):
        schema.publishable(source)


def test_pages_come_in_their_order_and_errors_before_warnings():
    source = SMALL.replace("label: Notiz,", "label: 'Notiz * und noch etwas:',")
    said = findings.of(schema.load(source))
    pages = [f.path for f in said if f.path.startswith("pages")]
    assert pages == sorted(pages, key=lambda path: path[:8])
    assert [f.blocks for f in said if f.path == "pages[1].fields[1].label"] == [True, False]


@pytest.mark.parametrize("path", sorted(actions.CATALOGUE.glob("*.yaml")), ids=lambda path: path.stem)
def test_no_form_of_the_catalogue_has_an_error(path):
    assert [f for f in findings.of(schema.load(path.read_text(encoding="utf-8"))) if f.blocks] == []
