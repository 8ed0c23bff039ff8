import datetime as dt

import pytest
from hypothesis import given, settings

from forms_engine.definitions import present
from forms_engine.definitions.evaluate import evaluate
from portal.common import formats
from tests.forms_engine.definitions import strategies
from tests.forms_engine.definitions.test_build import kinds
from tests.forms_engine.definitions.test_permit import PERMIT

TODAY = dt.date(2026, 11, 22)
ANSWERS = {
    "anliegen": "altstadt",
    "stellplatz": False,
    "vorname": "Anna",
    "geburtsdatum": "1985-03-03",
    "fahrzeuge": [
        {"kennzeichen": "M-AB 1", "halterschaft": "eigen", "laenge_cm": 430, "antrieb": True},
        {"kennzeichen": "M-AB 2", "halterschaft": "ueberlassen", "laenge_cm": 1230},
    ],
    "zulassung": ["u1", "u2"],
    "erklaerung_wahrheit": True,
}


def sections(answers=None, **kwargs):
    return present.rows(PERMIT, evaluate(PERMIT, answers or ANSWERS, today=TODAY), **kwargs)


def value(field: str, **kwargs) -> str:
    return next(row.value_text for section in sections(**kwargs) for row in section.rows if row.field == field)


def test_sections_stand_in_the_order_of_the_pages_with_each_car_by_itself():
    titles = [section.title for section in sections()]
    assert titles[:4] == ["Anliegen", "Privater Stellplatz", "Person", "Meldeadresse"]
    assert titles[4:7] == ["Fahrzeug 1", "Fahrzeug 2", "Härtefall"]
    second = next(section for section in sections() if section.title == "Fahrzeug 2")
    assert (second.page_key, second.group, second.number) == ("fahrzeuge", "fahrzeuge", 2)
    assert second.rows[0].field == "fahrzeuge-1-kennzeichen"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("anliegen", "Ausweis für die Altstadt"),
        ("stellplatz", "Nein"),
        ("geburtsdatum", "3. März 1985"),
        ("fahrzeuge-0-halterschaft", "Es ist auf mich zugelassen"),
        ("fahrzeuge-0-laenge_cm", "430 cm"),
        ("fahrzeuge-0-antrieb", "Ja"),
        ("fahrzeuge-1-antrieb", "Keine Angabe"),
        ("email", "Keine Angabe"),
        ("erklaerung_wahrheit", "Meine Angaben sind richtig und vollständig. Änderungen teile ich sofort mit."),
    ],
)
def test_answers_read_as_people_say_them(field, text):
    assert value(field) == text


def test_uploads_are_called_by_their_names():
    names = {"u1": "schein.pdf", "u2": "schein (2).pdf"}
    assert value("zulassung") == "u1\nu2"
    assert value("zulassung", upload_names=lambda field, ids: [names[i] for i in ids]) == "schein.pdf\nschein (2).pdf"


def test_hidden_questions_do_not_appear():
    fields = {row.field for section in sections() for row in section.rows}
    assert "lizenzgebiet" not in fields and "ausweisnummer" not in fields and "fahrzeuge" not in fields


def test_what_is_unanswered_is_marked_for_programs_too():
    rows = {row.field: row for section in sections() for row in section.rows}
    assert rows["vorname"].answered and not rows["nachname"].answered


@pytest.mark.parametrize(
    ("kind", "stored", "text"),
    [
        ("type: decimal, unit: kg", "1234.50", "1234,50 kg"),
        ("type: money", 123450, "1.234,50\xa0€"),
        ("type: time", "08:30", "08:30 Uhr"),
        ("type: multi_choice, choices: [{value: x, label: Ix}, {value: y, label: Yps}]", ["x", "y"], "Ix\nYps"),
        ("type: textarea", "a\n\nb", "a\n\nb"),
        ("type: integer", 12345, "12.345"),
    ],
)
def test_every_kind_has_words(kind, stored, text):
    item = kinds(kind).field("notiz")
    assert present.text_of(item, stored) == text


def test_numbers_and_days_are_german():
    assert formats.in_words(dt.date(2026, 3, 3), "day") == "3. März 2026"
    assert [formats.number(n) for n in (0, 1234, 12345, -1234567, "1234.50", "-0.5")] == [
        *("0", "1234", "12.345", "-1.234.567"),
        *("1234,50", "-0,5"),
    ]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(strategies.answers(PERMIT))
def test_any_answers_can_be_shown(answers):
    for section in sections(answers):
        assert section.rows and all(row.label and row.value_text for row in section.rows)
