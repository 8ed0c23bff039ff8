"""Files on the page: each cause its own sentence, good ones kept whatever else is wrong, nobody else's to see."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from forms_engine.submissions import actions, queries
from forms_engine.submissions.models import Upload
from portal.common.crypto import KeyDestroyed
from portal.documents import store
from portal.documents.scans import queue as scans
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.conftest import client_of
from tests.forms_engine.submissions.walk import CHANGE, Walk, errors, file


@pytest.fixture
def at_files(walk):
    walk.fill("unterlagen")
    return walk


def present(walk: Walk) -> list[str]:
    return [upload.name for upload in walk.draft.uploads.present()]


def says(response) -> str:
    assert response.status_code == 200
    found = [unescape(text) for text in errors(response)]
    assert len(found) == 1, found
    return found[0]


def test_none_chosen(at_files):
    assert (
        says(at_files.post("unterlagen", {})) == "Laden Sie für jedes Fahrzeug die Zulassungsbescheinigung Teil I hoch."
    )


@pytest.mark.sample(9)
@pytest.mark.parametrize(
    ("name", "data", "part"),
    [
        ("brief.docx", b"PK\x03\x04irgendwas", "Wählen Sie eine Datei vom Typ PDF, JPG oder PNG."),
        ("schein.pdf", b"MZ\x90\0" + b"x" * 100, "Die Datei ist ein Programm."),
        ("leer.pdf", b"", "Die Datei ist leer."),
        ("gross.pdf", b"x" * 10_000_001, "Die Datei muss kleiner als 10\u00a0MB sein."),
        ("riesig.pdf", b"x" * 50_000_000, "Die Datei muss kleiner als 10\u00a0MB sein."),
        ("geheim.pdf", samples.locked_pdf(), "mit einem Kennwort geschützt"),
        ("kaputt.pdf", samples.pdf()[:-40], "beschädigt"),
        ("bild.png", samples.png(20_000, 20_000), "100 Megapixel"),
        ("foto.heic", samples.heic(), "Dieser Dateityp geht hier nicht."),
    ],
)
def test_each_cause_has_its_own_sentence_and_stores_nothing(at_files, name, data, part):
    sentence = says(at_files.post("unterlagen", {"zulassung": [file(name, data)]}))
    assert sentence.startswith(f"„{name}“: ")
    assert part in sentence
    assert Upload.objects.count() == 0


def test_the_form_may_take_less_than_the_house(at_files, settings):
    settings.UPLOAD_MAX_BYTES = 20_000_000
    sentence = says(at_files.post("unterlagen", {"zulassung": [file("a.pdf", b"%PDF-" + b"x" * 10_000_000)]}))
    assert "kleiner als 10\u00a0MB" in sentence
    assert Upload.objects.count() == 0


def test_several_bad_files_are_all_named_and_the_good_one_stays(at_files):
    files = [file("a.exe", b"MZ"), file("gut.pdf"), file("b.pdf", b"")]
    sentence = says(at_files.post("unterlagen", {"zulassung": files}))
    assert "„a.exe“" in sentence
    assert "„b.pdf“" in sentence
    assert present(at_files) == ["gut.pdf"]


def test_files_survive_errors_of_other_questions(walk):
    walk.fill("unterlagen", CHANGE)
    response = walk.post("unterlagen", {"zulassung": [file()]})
    assert len(errors(response)) == 2  # the two other papers
    assert present(walk) == ["schein.pdf"]
    html = walk.get("unterlagen").content.decode()
    assert "schein.pdf" in html
    assert "Entfernen" in html


def test_a_good_file_is_told_by_its_bytes_not_by_its_name(at_files):
    assert at_files.post("unterlagen", {"zulassung": [file("scan.pdf", samples.jpeg())]}).status_code == 302
    assert Upload.objects.get().media_type == "image/jpeg"


def test_a_paper_for_each_car_is_asked_for(walk):
    two = {
        **{f"fahrzeuge-1-{k.rsplit('-')[-1]}": v for k, v in CHANGE["fahrzeuge"].items() if "-0-" in k},
        **CHANGE["fahrzeuge"],
        "fahrzeuge-rows": "2",
        "fahrzeuge-1-kennzeichen": "M-EF 9",
    }
    walk.fill("unterlagen", {**CHANGE, "fahrzeuge": two})
    response = walk.post("unterlagen", {**CHANGE["unterlagen"]})
    assert {unescape(text) for text in errors(response)} == {"Hier fehlt noch eine Datei. Wählen Sie sie aus."}


@pytest.mark.slow
def test_too_many_files_are_refused_one_by_one(at_files):
    files = [file(f"{n}.pdf", samples.pdf(note=str(n))) for n in range(8)]
    sentence = says(at_files.post("unterlagen", {"zulassung": files}))
    assert sentence.count("höchstens 6 Dateien") == 2
    assert len(present(at_files)) == 6
    assert 'type="file"' not in at_files.get("unterlagen").content.decode()


def test_the_same_file_twice_is_one_file(at_files):
    for _ in range(2):
        at_files.post("unterlagen", {"zulassung": [file(), file("nochmal.pdf")]})
    assert present(at_files) == ["schein.pdf"]


def test_a_file_is_removed_for_good_and_a_second_click_does_no_harm(at_files):
    at_files.post("unterlagen", {"zulassung": [file()]})
    upload = Upload.objects.get()
    for _ in range(2):
        response = at_files.post("unterlagen", {}, entfernen=str(upload.public_id))
        assert response["Location"] == at_files.url("unterlagen")
    upload.refresh_from_db()
    assert (present(at_files), upload.sha256, bytes(upload.sealed_name)) == ([], "", b"")
    with pytest.raises(KeyDestroyed):
        store.read(upload.stored)
    assert queries.incomplete_page(at_files.fresh()) == "unterlagen"


@pytest.mark.sample(3)
@pytest.mark.parametrize("value", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_removing_what_is_not_there_changes_nothing(at_files, value):
    at_files.post("unterlagen", {"zulassung": [file()]})
    assert at_files.post("unterlagen", {}, entfernen=value).status_code == 302
    assert present(at_files) == ["schein.pdf"]


def test_nobody_removes_files_of_another_draft(at_files, bob, permit):
    at_files.post("unterlagen", {"zulassung": [file()]})
    foreign = Upload.objects.get()
    bobs = Walk(client_of(bob), actions.start_draft(bob, permit))
    bobs.fill("unterlagen")
    bobs.post("unterlagen", {}, entfernen=str(foreign.public_id))
    assert present(at_files) == ["schein.pdf"]


def test_upload_only_stays_on_the_page_and_removing_keeps_what_was_typed(at_files):
    response = at_files.post("unterlagen", {"zulassung": [file()]}, aktion="hochladen")
    assert response["Location"] == at_files.url("unterlagen")
    assert present(at_files) == ["schein.pdf"]
    refused = at_files.post("unterlagen", {"zulassung": [file("a.pdf", b"")]}, aktion="hochladen")
    assert "leer" in says(refused)


def test_a_refused_file_is_told_even_when_saving_for_later(at_files):
    assert "leer" in says(at_files.post("unterlagen", {"zulassung": [file("a.pdf", b"")]}, aktion="spaeter"))


def test_the_own_file_is_downloaded_as_it_was_and_cannot_act(at_files):
    at_files.post("unterlagen", {"zulassung": [file("Schein für Müller.pdf")]})
    assert scans.scan(Upload.objects.get().stored_id)
    response = at_files.client.get(url_of(Upload.objects.get()))
    assert b"".join(response.streaming_content) == samples.pdf() or response["Content-Length"] == str(
        len(samples.pdf())
    )
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Schein%20f")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response["Cache-Control"]


def test_nobody_else_downloads_it(at_files, bob):
    at_files.post("unterlagen", {"zulassung": [file()]})
    upload = Upload.objects.get()
    assert client_of(bob).get(url_of(upload)).status_code == 404
    assert Client().get(url_of(upload)).status_code == 302
    other = reverse("submissions:download", args=["00000000-0000-4000-8000-000000000000", upload.public_id])
    assert at_files.client.get(other).status_code == 404
    actions.remove_upload(upload)
    assert at_files.client.get(url_of(upload)).status_code == 404


def url_of(upload: Upload) -> str:
    return reverse("submissions:download", args=[upload.draft.public_id, upload.public_id])
