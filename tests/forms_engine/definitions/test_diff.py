import pytest

from forms_engine.definitions import schema
from forms_engine.definitions.diff import changes
from tests.forms_engine.definitions.conftest import SMALL
from tests.forms_engine.definitions.test_permit import PERMIT
from tests.forms_engine.definitions.test_schema import changed

NOTE = "- {name: notiz, type: text, label: Notiz, required: false}"

REQUIRED = NOTE.replace("false", "true, messages: {empty: Geben Sie etwas ein.}")
ADDED = "- {name: neu, type: text, label: Neu, required: false}"


def said(old: str, new: str) -> list[tuple[str, str, bool]]:
    found = changes(schema.load(SMALL), schema.load(changed(old, new)))
    return [(change.place, change.sentence, change.weight) for change in found]


@pytest.mark.parametrize(
    ("old", "new", "place", "sentence", "weight"),
    [
        ("label: Wahl,", "label: Ihre Wahl,", "Seite „Anfang“, „Ihre Wahl“", "die Beschriftung: „Ihre Wahl“", False),
        (NOTE, REQUIRED, "„Notiz“", "„ja“ statt „nein“", True),
        (NOTE, f"{NOTE}\n      {ADDED}", "„Neu“", "Die Frage ist neu.", True),
        ("\n      " + NOTE, "", "Seite „Mehr“, „Notiz“", "Entfällt.", True),
        (NOTE, NOTE.replace("type: text", "type: textarea"), "„Notiz“", "„textarea“ statt „text“", True),
        ("visible: wahl == 'b'", "visible: wahl == 'a'", "Seite „Mehr“", "Bedingung", True),
        ("{value: b, label: B}", "{value: b, label: B}, {value: c, label: C}", "„Wahl“", "Neu: „C“.", False),
        ("maximum: 2000,", "maximum: 1000,", "„Fahrzeuge“, „Länge“", "„1000“ statt „2000“", True),
        ("label: B, cents: 200", "label: B, cents: 300", "Gebühr, „B“", "der Betrag: „300“ statt „200“", False),
        ("title: Zu viele,", "title: Viel zu viele,", "Nicht möglich, „Viel zu viele“", "die Überschrift", False),
        ("title: Kleines Formular", "title: Kleines", "Titel", "„Kleines“ statt „Kleines Formular“", False),
        ("retention: Ein Jahr.", "retention: Zwei Jahre.", "Datenschutz", "Der Inhalt ist geändert.", False),
    ],
)  # fmt: skip
def test_each_change_is_said_in_a_sentence(old, new, place, sentence, weight):
    found = said(old, new)
    assert any(where.endswith(place) and sentence in what and weighs == weight for where, what, weighs in found)


def test_equal_forms_have_no_changes():
    assert changes(PERMIT, PERMIT) == []


def test_a_question_that_moved_says_from_where():
    moved = SMALL.replace("\n      " + NOTE, "").replace("  - key: mehr", f"      {NOTE}\n  - key: mehr")
    found = changes(schema.load(SMALL), schema.load(moved))
    assert [change.sentence for change in found] == ["Steht jetzt hier statt auf „Mehr“."]


def test_pages_that_come_and_go_are_named():
    renamed = SMALL.replace("key: belege", "key: nachweise")
    sentences = [change.sentence for change in changes(schema.load(SMALL), schema.load(renamed))]
    assert "Die Seite ist neu." in sentences and "Die Seite entfällt." in sentences
