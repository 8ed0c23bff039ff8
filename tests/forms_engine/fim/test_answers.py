import datetime as dt
import hashlib
import json
import uuid
from decimal import Decimal

import pytest

from forms_engine.definitions import schema as language
from forms_engine.fim.answers import Attachment, Envelope, answer_data, answers_schema, canonical, payment, record
from tests.fimfiles import METADATA, metadata_needed
from tests.forms_engine.fim.samples import made

jsonschema = pytest.importorskip("jsonschema")
DAY = dt.date(2026, 11, 22)
FORM = language.load(made().source)
ANSWERS = {
    "familienname": "Ömer",
    "sind_sie_in_diesem_jahr_zugezogen": False,
    "wo_haben_sie_vorher_gewohnt": "verborgen",
    "hund": [{"rufname": "Bello", "farbe": "01"}],
}
BOX = uuid.UUID("0b1f7a0e-4d0f-4f0e-9a53-0d8f1f2f6c01")


def made_record(**envelope):
    files = [Attachment(BOX, "Antrag.pdf", "application/pdf", b"%PDF", "form")]
    return record(FORM, ANSWERS, files, Envelope("urn:x", "M-1", DAY, **envelope), version=2)


def test_only_what_was_asked_leaves_the_house_by_name_and_by_path():
    data = json.loads(made_record().data)
    assert "wo_haben_sie_vorher_gewohnt" not in data["answers"] and "verborgen" not in made_record().data.decode()
    assert data["fim"]["G99000000001/F60000000227"] == "Ömer"
    assert data["fim"]["G99000000002"] == [{"G99000000002/F99000000004": "Bello", "G99000000002/F99000000005": "01"}]
    assert data["schema"] == "S99000000001V1.0.0"


def test_sums_are_those_of_the_bytes_that_are_sent():
    found = made_record()
    content = found.metadata["contentStructure"]
    assert content["data"]["hash"]["content"] == hashlib.sha512(found.data).hexdigest()
    assert content["attachments"][0]["hash"]["content"] == hashlib.sha512(b"%PDF").hexdigest()


def test_a_refusal_of_the_digital_decision_is_said():
    assert made_record(consent=False).metadata["additionalReferenceInfo"]["zustimmungZumDigitalenBescheid"] is False
    assert "zustimmungZumDigitalenBescheid" not in made_record().metadata["additionalReferenceInfo"]


def test_two_files_with_one_id_are_refused():
    files = [Attachment(BOX, name, "application/pdf", b"x") for name in ("a", "b")]
    with pytest.raises(ValueError, match="eigene Kennung"):
        record(FORM, ANSWERS, files, Envelope("urn:x", "M-1", DAY), version=1)


@pytest.mark.parametrize("cents", [1, 29, 1999, 3000, 10**9 + 1])
def test_amounts_stay_exact(cents):
    paid = payment(cents, reference="1", transaction="t-1", method="OTHER")
    written = json.loads(canonical(paid), parse_float=Decimal)
    assert written["grossAmount"] == Decimal(cents) / 100


@metadata_needed
@pytest.mark.parametrize("envelope", [{}, {"mailbox": BOX}, {"email": "a@b.de"}, {"mailbox": BOX, "email": "a@b.de"}])
def test_the_metadata_are_valid_by_the_public_schema(envelope):
    paid = payment(1999, reference="471", transaction="t-1", method="CREDITCARD")
    author = {"name": "Portal", "product": {"name": "Portal", "version": "1", "manufacturer": "Stadt"}}
    found = made_record(payment=paid, author=author, consent=True, **envelope)
    written = json.loads(canonical(found.metadata), parse_float=Decimal)
    published = json.loads(METADATA.read_text(encoding="utf-8"), parse_float=Decimal)
    jsonschema.Draft202012Validator(published).validate(written)
    assert len(written.get("replyChannel", {"": 1})) == 1


def test_answers_fit_the_schema_that_goes_with_them():
    published = answers_schema(FORM, 2)
    jsonschema.Draft202012Validator.check_schema(published)
    validator = jsonschema.Draft202012Validator(published)
    validator.validate(answer_data(FORM, ANSWERS, version=2, today=DAY))
    assert not validator.is_valid({"form": "hund-anmelden", "version": 2, "answers": {"fremd": 1}})
