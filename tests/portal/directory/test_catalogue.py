"""A wrong seed file is refused with a sentence that names the place."""

import datetime as dt

import pytest

from portal.directory import catalogue

OFFICE = """
offices:
  - slug: stelle
    name: Stelle
    organisation: KVR
    street: Weg 1
    postcode: "80331"
"""


def test_hours_become_rows_in_order():
    parsed = catalogue.parse(OFFICE + "    hours: {tuesday: [14:00-18:00, 08:30-13:00], monday: [07:30-13:00]}")
    assert parsed.offices[0].stretches() == [
        (0, dt.time(7, 30), dt.time(13)),
        (1, dt.time(8, 30), dt.time(13)),
        (1, dt.time(14), dt.time(18)),
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("offices:\n  - [", "Zeile 3: Das ist kein gültiges YAML"),
        ("", "Datei: Schreiben Sie eine Zuordnung."),
        ("amter: []", "amter: Diese Angabe ist unbekannt."),
        ("offices: [{slug: a}]", "offices, 1. Eintrag, name: Ergänzen Sie diese Angabe."),
        (OFFICE.replace('"80331"', "80331"), "postcode: Schreiben Sie einen Text, Ziffern in Anführungszeichen."),
        (OFFICE + "    email: a@b.de", "email: Diese Angabe ist unbekannt."),
        (OFFICE + "    hours: {montag: [08:00-12:00]}", "stelle, hours, montag: Schreiben Sie den Wochentag englisch"),
        (OFFICE + "    hours: {monday: [8-12]}", "Schreiben Sie die Zeit wie 07:30-13:00."),
        (OFFICE + "    hours: {monday: [08:00-25:00]}", "Schreiben Sie die Zeit wie 07:30-13:00."),
        (OFFICE + "    hours: {monday: [12:00-08:00]}", "Die Dienststelle muss öffnen, bevor sie schließt."),
        (OFFICE + "    hours: {monday: [08:00-12:00, 11:00-13:00]}", "monday: Zwei Zeiten überschneiden sich."),
        (OFFICE + OFFICE.removeprefix("\noffices:\n"), "stelle: Dieser Eintrag steht zweimal in der Datei."),
    ],
)
def test_each_mistake_has_its_sentence(text, sentence):
    with pytest.raises(catalogue.CatalogueError) as error:
        catalogue.parse(text)
    assert sentence in str(error.value)


@pytest.mark.parametrize("text", ["- 1", "7", "offices: 1", "offices: [1]", "services: {}", "offices: [[]]", "\0"])
def test_nonsense_is_refused_and_never_crashes(text):
    with pytest.raises(catalogue.CatalogueError):
        catalogue.parse(text)
