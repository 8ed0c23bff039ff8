"""A file in pieces: nothing is lost or doubled however the line behaves, and it is judged like every other file."""

import datetime as dt
import io
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from forms_engine.submissions import actions, arrivals
from forms_engine.submissions.models import Arrival, ArrivalPiece, Draft, Upload
from portal.common import clock
from portal.documents import store, sweeping
from portal.documents.models import StoredFile
from tests.forms_engine.cases import catalogue
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.conftest import client_of

PDF = samples.pdf(note="x" * 3000)
SIZE = len(PDF)


@pytest.fixture
def at_files(walk):
    walk.fill("unterlagen")
    return walk


def announce(walk, *, name="scan.pdf", size=SIZE, field="zulassung", mark="1"):
    address = reverse("submissions:announce", args=[walk.draft.public_id])
    return walk.client.post(address, {"frage": field, "name": name, "groesse": str(size), "abdruck": mark})


def patch(walk, address, start, data):
    return walk.client.patch(
        address, data, content_type="application/partial-upload", headers={"Upload-Offset": str(start)}
    )


def test_a_file_in_three_pieces_becomes_one_upload(at_files):
    begun = announce(at_files)
    assert (begun.status_code, begun["Upload-Offset"], begun["Upload-Length"]) == (201, "0", str(len(PDF)))
    address = begun["Location"]
    assert patch(at_files, address, 0, PDF[:1000])["Upload-Offset"] == "1000"
    assert patch(at_files, address, 1000, PDF[1000:2000]).status_code == 204
    last = patch(at_files, address, 2000, PDF[2000:])
    assert (last.status_code, "scan.pdf" in last.json()["line"]) == (200, True)
    assert store.read(Upload.objects.get().stored) == PDF
    assert not Arrival.objects.exists()
    assert StoredFile.objects.filter(destroyed_at=None).count() == 1


def test_after_a_cut_line_the_same_file_goes_on_where_it_stopped(at_files):
    address = announce(at_files)["Location"]
    patch(at_files, address, 0, PDF[:1500])
    assert at_files.client.head(address)["Upload-Offset"] == "1500"
    again = announce(at_files)
    assert (again["Location"], again.json()["offset"]) == (address, 1500)
    assert announce(at_files, mark="andere Datei")["Location"] != address


@pytest.mark.parametrize("start", [0, 999, 1001, 10**6])
def test_a_piece_for_another_place_changes_nothing_and_hears_the_right_one(at_files, start):
    address = announce(at_files)["Location"]
    patch(at_files, address, 0, PDF[:1000])
    refused = patch(at_files, address, start, b"y" * 10)
    assert (refused.status_code, refused["Upload-Offset"]) == (409, "1000")
    assert ArrivalPiece.objects.count() == 1


@pytest.mark.parametrize("start", ["", "-1", "x", "1" * 13, "٣"])
def test_nonsense_for_a_place_is_refused(at_files, start):
    address = announce(at_files)["Location"]
    answer = at_files.client.patch(
        address, b"x", content_type="a/b", headers={"Upload-Offset": start.encode("utf-8").decode("latin-1")}
    )
    assert answer.status_code == 400


def test_more_than_announced_is_not_taken(at_files):
    address = announce(at_files, size=1000)["Location"]
    answer = patch(at_files, address, 0, PDF)
    assert answer.status_code == 422  # 1000 bytes of a PDF are a broken PDF
    assert not Upload.objects.exists()


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("name", "data", "part"),
    [
        ("geheim.pdf", samples.locked_pdf(), "mit einem Kennwort geschützt"),
        ("bild.png", samples.png(20_000, 20_000), "100 Megapixel"),
        ("a.pdf", b"MZ" + b"x" * 50, "Die Datei ist ein Programm."),
    ],
)
def test_it_is_judged_by_its_bytes_once_it_is_whole_and_nothing_stays(at_files, name, data, part):
    address = announce(at_files, name=name, size=len(data))["Location"]
    sentence = patch(at_files, address, 0, data).json()["error"]
    assert sentence.startswith(f"„{name}“: ")
    assert part in sentence
    assert not Upload.objects.exists()
    assert not StoredFile.objects.filter(destroyed_at=None).exists()


@pytest.mark.parametrize("size", ["", "0", "-5", "10000001", "9" * 20])
def test_sizes_that_cannot_be_are_refused_before_a_byte_is_sent(at_files, size):
    assert announce(at_files, size=size).status_code == 422
    assert not Arrival.objects.exists()


@pytest.mark.parametrize("field", ["", "gibtesnicht", "anliegen", "zulassung-0-x"])
def test_a_forged_question_is_not_there(at_files, field):
    assert announce(at_files, field=field).status_code == 404


def test_nobody_else_speaks_to_it(at_files, bob):
    address = announce(at_files)["Location"]
    stranger = client_of(bob)
    for call in (stranger.head, stranger.delete, stranger.patch):
        assert call(address).status_code == 404
    own = reverse(
        "submissions:arrival",
        args=[actions.start_draft(bob, at_files.draft.form_version).public_id, address.split("/")[-2]],
    )
    assert stranger.patch(own, b"x", content_type="a/b", headers={"Upload-Offset": "0"}).status_code == 404
    assert Arrival.objects.get().received == 0


def test_giving_up_forgets_every_piece(at_files):
    address = announce(at_files)["Location"]
    patch(at_files, address, 0, PDF[:100])
    assert at_files.client.delete(address).status_code == 204
    assert not StoredFile.objects.filter(destroyed_at=None).exists()
    assert at_files.client.head(address).status_code == 404


def test_what_nobody_goes_on_with_is_forgotten_after_a_day_and_not_before(at_files):
    patch(at_files, announce(at_files)["Location"], 0, PDF[:100])
    assert arrivals.sweep_arrivals() == 0
    assert sweeping.remove_unowned() == 0
    with clock.frozen(clock.now() + dt.timedelta(days=1, minutes=1)):
        assert arrivals.sweep_arrivals() == 1
    assert not StoredFile.objects.filter(destroyed_at=None).exists()


def test_deleting_the_draft_forgets_what_is_on_its_way(at_files):
    patch(at_files, announce(at_files)["Location"], 0, PDF[:100])
    actions.discard(at_files.draft, by="system:tests")
    assert not Arrival.objects.exists()


def test_too_many_at_once_are_refused(at_files):
    for number in range(arrivals.MAX_OPEN):
        assert announce(at_files, mark=str(number)).status_code == 201
    assert announce(at_files, mark="zu viel").status_code == 422


@pytest.mark.slow
@hypothesis_settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.integers(0, 300_000), max_size=6), seed=st.binary(min_size=1, max_size=20))
def test_pieces_of_any_length_read_as_the_file_they_were(db, cuts, seed):
    plain = (seed * (300_000 // len(seed) + 1))[:300_000]
    arrival = arrivals.begin("draft:x", "f", "n", length=len(plain), fingerprint=clock.token())
    for end in sorted({*cuts, len(plain)} - {0}):
        arrivals.append(arrival, arrival.received, io.BytesIO(plain[arrival.received : end]))
    with arrivals.opened(arrival) as source:
        assert source.read() == plain
        for place in cuts:
            source.seek(place)
            assert source.read(10) == plain[place : place + 10]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_equal_pieces_at_the_same_moment_one_is_taken(settings, tmp_path):
    arrival = arrivals.begin("draft:x", "f", "n", length=2000, fingerprint="1")
    gate, answers = threading.Barrier(2), []

    def send():
        own = Arrival.objects.get(pk=arrival.pk)
        gate.wait()
        try:
            answers.append(arrivals.append(own, 0, io.BytesIO(b"a" * 1000)).received)
        except arrivals.WrongPlace as wrong:
            answers.append(-wrong.received)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [-1000, 1000]
    assert StoredFile.objects.filter(destroyed_at=None).count() == 1


@pytest.mark.parametrize("change", [{"received": -1}, {"received": len(PDF) + 1}, {"length": 0}])
def test_the_database_refuses_impossible_counts(at_files, change):
    announce(at_files)
    with pytest.raises(IntegrityError), transaction.atomic():
        Arrival.objects.update(**change)


def test_a_closed_draft_takes_no_more(at_files):
    address = announce(at_files)["Location"]
    actions.discard(Draft.objects.get(pk=at_files.draft.pk), by="system:tests")
    assert patch(at_files, address, 0, PDF).status_code == 404


def test_without_an_account_pieces_arrive_for_the_session_of_the_draft_only(db):
    version = catalogue.publish("maengelmeldung")
    client, stranger = Client(), Client()
    client.post(reverse("submissions:start", args=["maengelmeldung"]))
    draft = Draft.objects.get(form_version=version)
    address = reverse("submissions:announce", args=[draft.public_id])
    field, photo = version.definition.file_fields[0].name, samples.png(40, 40)
    asked = {"frage": field, "name": "f.png", "groesse": str(len(photo)), "abdruck": "1"}
    assert stranger.post(address, asked).status_code == 404
    begun = client.post(address, asked)
    pieces = {"content_type": "application/partial-upload", "headers": {"Upload-Offset": "0"}}
    assert stranger.patch(begun["Location"], photo, **pieces).status_code == 404
    assert client.patch(begun["Location"], photo, **pieces).status_code == 200
    assert store.read(Upload.objects.get(draft=draft).stored) == photo
