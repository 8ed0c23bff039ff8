import pytest

from tests.forms_engine.definitions.conftest import SMALL
from tests.forms_engine.definitions.test_schema import changed, refused


@pytest.mark.parametrize(
    ("old", "new", "path", "sentence"),
    [
        ("messages: {empty: Wählen Sie etwas aus.},", "", "pages[0].fields[0].messages.empty", "F33"),
        ("Wählen Sie etwas aus.", "Bitte wählen.", "pages[0].fields[0].messages.empty", "ohne „Bitte“"),
        ("Wählen Sie etwas aus.", "Wählen Sie etwas aus", "pages[0].fields[0].messages.empty", "Punkt"),
        ("label: Wahl,", f"label: Wahl, hint: {'x' * 121},", "pages[0].fields[0].hint", "120 Zeichen"),
        ("label: Wahl,", "label: Wahl, hint: Siehe www.stadt.invalid,", "pages[0].fields[0].hint", "Link"),
        ("label: Wahl,", "label: Wahl, autocomplete: vorname,", "pages[0].fields[0].autocomplete", "F22"),
        ("name: notiz", "name: tag", "pages[1].fields[1].name", "schon vergeben (pages[1].fields[0])"),
        ("name: notiz", "name: laenge", "pages[2].fields[0].members[1].name", "schon vergeben"),
        ("key: mehr", "key: anfang", "pages", "„anfang“ steht mehrmals da"),
        ("key: zu-viele", "key: wagen", "pages", "„wagen“ steht mehrmals da"),
        ("key: mehr", "key: loeschen", "pages", "für das Portal vergeben"),
        ("title: Mehr", "title: Wagen", "pages", "Überschrift „Wagen“"),
        ("key: tarif-b", "key: tarif-a", "fee.tiers", "„tarif-a“ steht mehrmals da"),
        ("label: Notiz,", "label: Notiz, check: iban2,", "pages[1].fields[1].check", "gibt es nicht. Möglich:"),
        (
            "label: Tag,",
            "label: Tag, checks: [{check: morgen}],",
            "pages[1].fields[0].checks[0].check",
            "gibt es nicht",
        ),
        ("row_title:", "required: false\n        row_title:", "pages[2].fields[0]", "weder required noch visible"),
        ("submission:", "meaning: {name: [vorname]}\nsubmission:", "meaning.name", "„vorname“ gibt es nicht"),
        ("submission:", "meaning: {address: [[plz]]}\nsubmission:", "meaning.address[0]", "„plz“ gibt es nicht"),
        (
            "submission:",
            "meaning: {marks: {group: fahrzeuge, member: farbe}}\nsubmission:",
            "meaning.marks.member",
            "„farbe“",
        ),
    ],
)
def test_a_rule_that_a_machine_can_check_is_checked(old, new, path, sentence):
    assert any(where == path and sentence in text for where, text in refused(changed(old, new)))


def test_a_check_must_stand_at_a_question_of_its_page():
    checks = "    checks: [{holds: wahl == 'a', field: tag, message: Geben Sie a ein.}]\n  - key: mehr"
    problems = refused(SMALL.replace("  - key: mehr", checks, 1))
    assert problems == [("pages[0].checks[0].field", "Die Frage „tag“ steht nicht auf dieser Seite.")]
