"""Anyone can find out whether a paper or a file is from the city and still counts, and learns nothing else."""

import datetime as dt
import hashlib

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.common import clock
from portal.documents import actions, forms, limits, seal
from portal.documents.models import StoredFile
from tests.portal.documents import samples
from tests.portal.documents.test_actions import FACTS

pytestmark = pytest.mark.django_db
CODE = "K7QF-2MXH-94TB"


@pytest.fixture(autouse=True)
def fresh_counter():
    cache.clear()


@pytest.fixture
def document():
    return actions.register_document(**FACTS, code=CODE)


@pytest.fixture(scope="module")
def sealed():
    return seal.get_sealer().seal(samples.small(), reason="x", at=samples.CREATED)


def verdict(client, day, code=CODE):
    with clock.frozen(dt.datetime.combine(day, dt.time(12), dt.UTC)):
        return client.get(f"/pruefen/{code}/").content.decode()


def upload(client, data, name="brief.pdf"):
    return client.post("/pruefen/", {"file": SimpleUploadedFile(name, data, "application/pdf")})


def test_the_page_asks_for_a_code_and_for_a_file(client):
    page = client.get("/pruefen/").content.decode()
    assert "Prüfcode" in page
    assert 'enctype="multipart/form-data"' in page


@pytest.mark.parametrize("typed", [CODE, "k7qf2mxh94tb", " K7QF 2MXH–94TB ", "K7QF.2MXH.94TB"])
def test_a_code_is_understood_however_it_is_typed(client, document, typed):
    response = client.get("/pruefen/", {"code": typed})
    assert response.headers["Location"] == f"/pruefen/{CODE}/"


@pytest.mark.parametrize(
    ("typed", "sentence"), [("", "Geben Sie den Prüfcode ein"), ("K7QF", "wie er auf dem Dokument")]
)
def test_a_code_that_cannot_be_one_is_asked_for_again(client, typed, sentence):
    response = client.get("/pruefen/", {"code": typed})
    assert response.status_code == 200
    assert sentence in response.content.decode()


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (dt.date(2026, 3, 8), "gilt aber noch nicht"),
        (dt.date(2026, 3, 9), "ist echt und gültig"),
        (dt.date(2027, 3, 8), "ist echt und gültig"),
        (dt.date(2027, 3, 9), "ist abgelaufen"),
    ],
)
def test_it_says_whether_the_document_counts_today(client, document, day, sentence):
    page = verdict(client, day)
    assert sentence in page
    assert "Bewohnerparkausweis" in page
    assert "KVR-2026-000042-7" in page


def test_midnight_is_that_of_munich(client, document):
    with clock.frozen(dt.datetime(2027, 3, 8, 23, 30, tzinfo=dt.UTC)):
        assert "abgelaufen" in client.get(f"/pruefen/{CODE}/").content.decode()


def test_a_withdrawn_document_counts_no_more_whatever_its_dates(client, document):
    actions.withdraw_document(CODE)
    page = verdict(client, dt.date(2026, 4, 1))
    assert "gilt nicht mehr" in page
    assert "zurückgenommen" in page
    assert "gültig</h" not in page


@pytest.mark.parametrize("code", ["BBBB-CCCC-DDDD", "x", "<script>", "%00"])
def test_an_unknown_code_leads_to_a_sentence_what_to_do(client, document, code):
    response = client.get(f"/pruefen/{code}/")
    assert response.status_code == 404
    assert "Diesen Prüfcode kennen wir nicht" in response.content.decode()
    assert "115" in response.content.decode()


def test_small_letters_in_the_address_lead_to_the_document(client, document):
    assert client.get(f"/pruefen/{CODE.lower()}/").headers["Location"] == f"/pruefen/{CODE}/"


def test_the_answer_is_neither_kept_nor_indexed(client, document):
    response = client.get(f"/pruefen/{CODE}/")
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_an_issued_file_is_recognised_and_nothing_of_it_is_kept(client, sealed, own_file_store):
    actions.register_document(**{**FACTS, "sha256": hashlib.sha256(sealed).hexdigest()}, code=CODE)
    page = upload(client, sealed).content.decode()
    assert "KVR-2026-000042-7" in page
    assert "Kein Zeichen wurde verändert" in page
    assert not StoredFile.objects.exists()
    assert not own_file_store.exists()


def test_a_changed_file_is_told_apart(client, sealed):
    actions.register_document(**{**FACTS, "sha256": hashlib.sha256(sealed).hexdigest()}, code=CODE)
    page = upload(client, sealed[:500] + b"X" + sealed[501:]).content.decode()
    assert "kein gültiges Siegel" in page
    assert "KVR-2026-000042-7" not in page


def test_a_sealed_file_without_an_entry_gets_a_warning(client, sealed):
    assert "wir kennen das Dokument nicht" in upload(client, sealed).content.decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Die Datei ist leer"),
        (b"PK\x03\x04", "muss ein PDF sein"),
        (b"%PDF-" + bytes(forms.MAX_BYTES), "kleiner als 10 MB"),
    ],
)
def test_a_file_that_cannot_be_checked_says_why(client, data, sentence):
    response = upload(client, data)
    assert response.status_code == 200
    assert sentence in response.content.decode()


def test_no_file_at_all_is_asked_for(client):
    assert "Wählen Sie die PDF-Datei aus" in client.post("/pruefen/", {}).content.decode()


def test_a_big_upload_is_never_written_to_disk(client, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "does-not-exist"
    assert upload(client, b"%PDF-" + bytes(5_000_000)).status_code == 200


def test_the_limit_holds_exactly(client):
    assert "kleiner als" not in upload(client, b"%PDF-".ljust(forms.MAX_BYTES)).content.decode()
    assert "kleiner als" in upload(client, b"%PDF-".ljust(forms.MAX_BYTES + 1)).content.decode()


def test_the_upload_needs_the_token_of_our_page(sealed):
    assert upload(Client(enforce_csrf_checks=True), sealed).status_code == 403


def test_guessing_codes_is_braked_for_one_address_only(client, document):
    for _ in range(limits.PER_MINUTE):
        assert client.get(f"/pruefen/{CODE}/").status_code == 200
    braked = client.get(f"/pruefen/{CODE}/")
    assert (braked.status_code, braked.headers["Retry-After"]) == (429, "60")
    assert "KVR" not in braked.content.decode()
    assert upload(client, b"%PDF-").status_code == 429
    assert client.get(f"/pruefen/{CODE}/", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_without_the_cache_the_page_stays_open(client, document, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert client.get(f"/pruefen/{CODE}/").status_code == 200


def test_operators_see_what_is_there_and_can_change_nothing(admin_client, document):
    assert CODE in admin_client.get("/verwaltung/documents/issueddocument/").content.decode()
    page = admin_client.get(f"/verwaltung/documents/issueddocument/{document.pk}/change/").content.decode()
    assert 'name="_save"' not in page
    assert admin_client.get("/verwaltung/documents/storedfile/add/").status_code == 403
