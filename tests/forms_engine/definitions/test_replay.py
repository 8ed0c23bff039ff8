"""Stored test data: what replay() says when something no longer follows."""

import pytest

from forms_engine.definitions import replay, schema
from tests.forms_engine.definitions.conftest import SMALL

GOOD = """
form: klein
cases:
  - name: Ein kurzer Wagen
    today: 2026-11-22
    answers: {wahl: b, tag: 2026-03-03, fahrzeuge: [{kennzeichen: M-AB 1, laenge: 500}]}
    expect: {pages: [anfang, mehr, wagen], fee_cents: 200}
"""


def problems(text: str) -> list[str]:
    return replay.replay(schema.load(SMALL), replay.load(text).cases)


def test_nothing_is_said_where_everything_follows():
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("fee_cents: 200", "fee_cents: 300", "Die Gebühr in Cent ist 200, erwartet ist 300."),
        (
            "[anfang, mehr, wagen]",
            "[anfang, wagen]",
            "Die Seiten sind anfang, mehr, wagen, erwartet ist anfang, wagen.",
        ),
        ("laenge: 500", "laenge: 700", "Die Unterlagen sind beleg (1), erwartet ist keine."),
        ("wahl: b, tag", "wahl: b, tga: x, tag", "Nicht gezählt sind tga, erwartet ist keine."),
        ("fee_cents: 200", "fee_cents: 200, values: {wahl: a}", "„wahl“ ist „b“, erwartet ist „a“."),
        (
            "fee_cents: 200",
            "fee_cents: 200, refusal: zu-viele",
            "Die Absage ist keine Angabe, erwartet ist „zu-viele“.",
        ),
    ],
)
def test_what_does_not_follow_is_named(old, new, sentence):
    assert f"„Ein kurzer Wagen“: {sentence}" in problems(GOOD.replace(old, new))


def test_answers_a_page_would_not_accept_are_named():
    (missing,) = problems(GOOD.replace(", tag: 2026-03-03", ""))
    assert missing == "„Ein kurzer Wagen“: Seite „mehr“, Frage „tag“: Geben Sie den Tag ein."
    (wrong,) = problems(GOOD.replace("M-AB 1,", "AB,"))
    assert "Fahrzeug 1, Frage „kennzeichen“: Geben Sie" in wrong


def test_a_file_that_is_wrong_is_refused_with_place_and_sentence():
    with pytest.raises(schema.DefinitionError, match=r"cases\[0\]\.expect\.pages: Die Angabe fehlt\."):
        replay.load(GOOD.replace("pages: [anfang, mehr, wagen], ", ""))
