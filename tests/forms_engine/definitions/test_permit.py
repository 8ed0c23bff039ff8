"""The resident parking permit, against what the service record says: pages, fee, documents, validity, refusals."""

import datetime as dt
import itertools

import pytest

from forms_engine.definitions import actions, schema
from forms_engine.definitions.build import page_form
from forms_engine.definitions.evaluate import evaluate
from forms_engine.definitions.language import fields as f

TODAY = dt.date(2026, 11, 22)
PERMIT = schema.load((actions.CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8"))
CONCERNS = ("neu", "verlust", "umschreibung", "altstadt", "hauptbahnhof")
TERM = ("neu", "altstadt", "hauptbahnhof")
WITH_CARS = ("neu", "umschreibung", "altstadt", "hauptbahnhof")
FEES = {  # concern, months -> euros, as in the record; electric: one own or lent car, battery only
    ("neu", "12"): 30,
    ("neu", "24"): 60,
    ("hauptbahnhof", "12"): 30,
    ("hauptbahnhof", "24"): 60,
    ("altstadt", "6"): 56,
    ("altstadt", "12"): 102,
    ("altstadt", "24"): 204,
    ("altstadt", "12", "electric"): 30,
    ("verlust", None): 10,
    ("umschreibung", None): 10,
}


def car(number: int = 1, owner: str = "eigen", length: int = 430, electric: bool = False) -> dict:
    return {"kennzeichen": f"M-AB {number}", "halterschaft": owner, "laenge_cm": length, "antrieb": electric}


def judge(concern: str, **answers):
    cars = answers.pop("cars", [car()])
    return evaluate(PERMIT, {"anliegen": concern, "stellplatz": False, "fahrzeuge": cars, **answers}, today=TODAY)


ROWS = list(itertools.product(CONCERNS, ("6", "12", "24", None), (1, 2, 3), (False, True), ("eigen", "carsharing")))


@pytest.mark.parametrize("concern", CONCERNS)
def test_the_fee_is_the_one_of_the_record(concern):
    for _, months, count, electric, owner in (row for row in ROWS if row[0] == concern):
        cars = [car(n, owner, electric=electric) for n in range(count)]
        asked = months if concern in TERM and (months != "6" or concern == "altstadt") else None
        special = electric and count == 1 and owner == "eigen"
        euros = FEES.get((concern, asked, "electric")) if special else None
        euros = euros or FEES.get((concern, asked))
        state = judge(concern, laufzeit=months, cars=cars)
        assert state.fee_cents == (euros * 100 if euros else None), (concern, months, count, electric, owner)


def test_there_are_exactly_seven_tiers():
    amounts = sorted(tier.cents for tier in PERMIT.fee.tiers)
    assert amounts == [1000, 3000, 3000, 5600, 6000, 10200, 20400]


def test_one_car_without_a_battery_among_others_is_not_the_electric_tier():
    assert judge("altstadt", laufzeit="12", cars=[car(1, electric=True), car(2)]).fee_cents == 10200
    assert judge("altstadt", laufzeit="12", cars=[car(1, "ueberlassen", electric=True)]).fee_cents == 3000


COMMON = ["person", "adresse"]
END = ["kontakt", "erklaerung"]
PAGES = {
    "neu": ["anliegen", "gebiet", "stellplatz", *COMMON, "fahrzeuge", "laufzeit", "unterlagen", *END],
    "verlust": ["anliegen", "gebiet", *COMMON, "ausweis", "verlust", *END],
    "umschreibung": ["anliegen", "gebiet", *COMMON, "ausweis", "fahrzeuge", "umschreibung", "unterlagen", *END],
    "altstadt": ["anliegen", "stellplatz", *COMMON, "fahrzeuge", "laufzeit", "unterlagen", *END],
    "hauptbahnhof": ["anliegen", "stellplatz", *COMMON, "fahrzeuge", "laufzeit", "unterlagen", *END],
}


@pytest.mark.parametrize("concern", CONCERNS)
def test_each_concern_has_its_pages(concern):
    assert list(judge(concern).pages) == PAGES[concern]


@pytest.mark.parametrize("concern", CONCERNS)
@pytest.mark.parametrize(("length", "asked"), [(600, False), (601, True), (1200, True)])
def test_a_car_above_six_metres_needs_a_hardship_reason(concern, length, asked):
    state = judge(concern, cars=[car(1), car(2, length=length)])
    assert ("haertefall" in state.pages) == (asked and concern in WITH_CARS)
    assert state.four_eyes == (asked and concern in WITH_CARS)


def documents(concern, **answers) -> dict[str, int]:
    return {document.field: document.needed for document in judge(concern, **answers).documents}


@pytest.mark.parametrize("concern", WITH_CARS)
@pytest.mark.parametrize(
    ("owners", "needed"),
    [
        (["eigen"], {"zulassung": 1}),
        (["eigen", "eigen", "eigen"], {"zulassung": 3}),
        (["ueberlassen"], {"zulassung": 1, "haltererklaerung": 1}),
        (["ueberlassen", "eigen", "ueberlassen"], {"zulassung": 3, "haltererklaerung": 2}),
        (["carsharing"], {"carsharing_nachweis": 1}),
        (["eigen", "ueberlassen", "carsharing"], {"zulassung": 2, "haltererklaerung": 1, "carsharing_nachweis": 1}),
    ],
)
def test_documents_follow_who_owns_the_cars(concern, owners, needed):
    assert documents(concern, cars=[car(n, owner) for n, owner in enumerate(owners)]) == needed


@pytest.mark.parametrize(
    ("concern", "answers", "field"),
    [
        ("verlust", {"verlustart": "gestohlen"}, "diebstahlanzeige"),
        ("umschreibung", {"ersatzfahrzeug": True}, "werkstattbestaetigung"),
        ("neu", {"stellplatz": True, "stellplatz_umbau": True}, "umbau_nachweis"),
    ],
)
def test_special_cases_need_their_own_document(concern, answers, field):
    assert documents(concern, **answers)[field] == 1
    assert field not in documents(concern)


def test_a_lost_permit_needs_no_document():
    assert documents("verlust", verlustart="verloren") == {}
    assert "unterlagen" not in judge("verlust", verlustart="verloren").pages


@pytest.mark.parametrize("concern", CONCERNS)
def test_a_parking_space_of_ones_own_is_not_eligible(concern):
    state = judge(concern, stellplatz=True, stellplatz_umbau=False)
    if concern not in TERM:
        assert state.refusal is None and "stellplatz" not in state.visible
        return
    assert state.refusal == "eigener-stellplatz" and state.pages[-1] == "umbau" and state.fee_cents is None
    refusal = PERMIT.refusal(state.refusal)
    assert refusal.text and refusal.next_steps and "StVO" in refusal.legal_basis


def test_an_unusable_garage_gives_a_permit_until_the_works_end():
    answers = {"stellplatz": True, "stellplatz_umbau": True, "umbau_bis": "2027-03-31", "beginn": "2026-12-01"}
    state = judge("neu", laufzeit="12", **answers)
    assert state.refusal is None and state.four_eyes
    assert (state.valid_from, state.valid_until) == (dt.date(2026, 12, 1), dt.date(2027, 3, 31))
    assert judge("neu", laufzeit="12", **{**answers, "umbau_bis": "2029-01-01"}).valid_until == dt.date(2027, 11, 30)


def test_a_second_home_does_not_count_beside_a_main_home_in_the_city():
    assert judge("neu", wohnsitzart="neben", hauptwohnsitz_muenchen=True).refusal == "hauptwohnsitz-zaehlt"
    assert judge("neu", wohnsitzart="neben", hauptwohnsitz_muenchen=False).refusal is None
    assert judge("neu", wohnsitzart="haupt", hauptwohnsitz_muenchen=True).refusal is None


@pytest.mark.parametrize(("months", "until"), [("6", "2027-05-31"), ("12", "2027-11-30"), ("24", "2028-11-30")])
def test_the_permit_holds_for_its_term(months, until):
    state = judge("altstadt", laufzeit=months, beginn="2026-12-01")
    assert (state.valid_from.isoformat(), state.valid_until.isoformat()) == ("2026-12-01", until)


@pytest.mark.parametrize("concern", ["verlust", "umschreibung"])
def test_a_replacement_holds_for_the_rest_of_the_term(concern):
    state = judge(concern, ausweis_gueltig_bis="2027-06-30")
    assert (state.valid_from, state.valid_until) == (TODAY, dt.date(2027, 6, 30))
    assert judge(concern).valid_until is None


def test_six_months_are_on_offer_for_the_old_town_only():
    assert judge("altstadt").choices["laufzeit"] == ("6", "12", "24")
    assert judge("neu").choices["laufzeit"] == ("12", "24")
    assert "laufzeit" not in judge("neu", laufzeit="6").values


@pytest.mark.parametrize(
    ("concern", "key"),
    [("verlust", "99108001036001"), ("hauptbahnhof", "99108010000000"), ("neu", "99108001000000")],
)
def test_each_concern_has_its_key_in_the_catalogue_of_services(concern, key):
    assert judge(concern).leika == key


def test_the_drive_is_asked_for_the_old_town_only():
    assert "antrieb" in judge("altstadt").new_row["fahrzeuge"].required
    assert "antrieb" not in judge("neu").new_row["fahrzeuge"].visible
    assert all("antrieb" not in row for row in judge("neu").values["fahrzeuge"])


def test_who_lost_the_permit_need_not_know_its_number():
    assert "ausweisnummer" in judge("umschreibung").required
    assert "ausweisnummer" in judge("verlust").visible - judge("verlust").required


def test_the_old_plate_may_not_be_among_the_new_ones():
    state = judge("umschreibung")
    form = page_form(PERMIT, "umschreibung", state)({"kennzeichen_alt": "m ab 1", "ersatzfahrzeug": "nein"})
    assert form.errors["kennzeichen_alt"] == [
        "Geben Sie das alte Kennzeichen ein. Dieses steht noch bei den neuen Fahrzeugen."
    ]
    assert page_form(PERMIT, "umschreibung", state)({"kennzeichen_alt": "M-X 9", "ersatzfahrzeug": "nein"}).is_valid()


def test_the_clerk_finds_checklist_and_reasons_with_their_law():
    decision = PERMIT.decision
    assert len(decision.checklist) == 6 and "Verwaltungsgericht" in str(decision.remedy)
    keys = [reason.key for reason in decision.refusal_reasons]
    assert keys == [
        *("nicht-gemeldet", "eigener-stellplatz", "zweiter-ausweis"),
        *("fahrzeug-gewerblich", "kennzeichen-ausland", "laenge"),
    ]
    assert all("§ 45 Absatz 1b Satz 1 Nummer 2a StVO" in reason.legal_basis for reason in decision.refusal_reasons)


def test_every_question_about_the_person_helps_the_browser_to_fill_it():
    tokens = {item.name: item.autocomplete for page in PERMIT.pages for item in page.questions if item.autocomplete}
    assert tokens == {
        "vorname": "given-name",
        "nachname": "family-name",
        "strasse": "street-address",
        "plz": "postal-code",
        "email": "email",
    }


def test_uploads_say_types_and_size():
    for item in PERMIT.file_fields:
        assert "PDF, JPG oder PNG, höchstens 10 MB" in str(item.hint)
        assert item.max_bytes == 10_000_000 and isinstance(item, f.FileField)


def test_sentences_are_short():
    longest = max((sentence for sentence in _sentences()), key=lambda sentence: len(sentence.split()))
    assert len(longest.split()) <= 20, longest


def _sentences():
    def texts(node):
        if isinstance(node, dict):
            if "de" in node:
                yield node["de"]
            else:
                for value in node.values():
                    yield from texts(value)
        elif isinstance(node, list):
            for value in node:
                yield from texts(value)

    for text in texts(PERMIT.model_dump(mode="json")):
        yield from text.replace("? ", ". ").replace(": ", ". ").split(". ")
