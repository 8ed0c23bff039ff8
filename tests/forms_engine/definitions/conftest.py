import pytest

from forms_engine.definitions import schema

SMALL = """
language: 1
form: klein
title: Kleines Formular
service: klein
department: Amt für Kleines
legal_basis: [KleinG § 1]
start:
  intro: [Das ist ein kleines Formular.]
  minutes: 3
  processing_time: Sofort
  trust_reason: Ein Konto genügt.
privacy:
  purpose: Wir prüfen Ihren Antrag.
  legal_basis: Art. 4 BayDSG
  retention: Ein Jahr.
pages:
  - key: anfang
    title: Anfang
    fields:
      - {name: wahl, type: choice, label: Wahl, messages: {empty: Wählen Sie etwas aus.},
         choices: [{value: a, label: A}, {value: b, label: B}]}
  - key: mehr
    title: Mehr
    visible: wahl == 'b'
    fields:
      - {name: tag, type: date, label: Tag, subject: Der Tag, messages: {empty: Geben Sie den Tag ein.}}
      - {name: notiz, type: text, label: Notiz, required: false}
  - key: wagen
    title: Wagen
    fields:
      - name: fahrzeuge
        type: repeating
        label: Fahrzeuge
        row_title: Fahrzeug
        add_label: Weiteres Fahrzeug hinzufügen
        maximum: 3
        unique_by: kennzeichen
        duplicate_message: Dieses Kennzeichen steht schon in der Liste.
        members:
          - {name: kennzeichen, type: plate, label: Kennzeichen, messages: {empty: Geben Sie ein Kennzeichen ein.}}
          - {name: laenge, type: integer, label: Länge, unit: cm, minimum: 100, maximum: 2000,
             required: "row.kennzeichen.startsWith('M')", messages: {empty: Geben Sie die Länge ein.}}
  - key: belege
    title: Belege
    visible: fahrzeuge.exists(f, f.laenge > 600)
    fields:
      - {name: beleg, type: file, label: Beleg, media_types: [application/pdf], max_bytes: 10000000, max_files: 3,
         files: "fahrzeuge.filter(f, f.laenge > 600).size()", messages: {empty: Laden Sie den Beleg hoch.}}
refusals:
  - {key: zu-viele, page: wagen, when: fahrzeuge.size() == 3 && wahl == 'a', title: Zu viele,
     text: [Zu viele Wagen.], next_steps: [Weniger fahren.]}
fee:
  legal_basis: KleinG § 2
  tiers:
    - {key: tarif-a, when: wahl == 'a', label: A, cents: 100}
    - {key: tarif-b, when: wahl == 'b', label: B, cents: 200}
submission:
  button: Antrag absenden
  button_with_fee: Kostenpflichtig absenden
  next_steps: [Wir prüfen.]
"""


@pytest.fixture(scope="session")
def small():
    return schema.load(SMALL)
