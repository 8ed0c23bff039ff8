"""A large file for an answer: in pieces like in a form, kept until the answer is sent, the case's from then on."""

import datetime as dt

import pytest
from django.urls import reverse

from forms_engine.cases import flow, uploads
from forms_engine.cases.models import CaseDocument
from forms_engine.submissions import arrivals
from forms_engine.submissions.models import Arrival
from portal.common import clock
from portal.documents import store
from portal.documents.models import StoredFile
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.conftest import client_of

PDF = samples.pdf(note="x" * 3000)


@pytest.fixture
def asked(paid_case, clara):
    flow.request_documents(paid_case, text="Bitte die Rückseite.", by=clara)
    paid_case.refresh_from_db()
    return paid_case


def send(client, case, data=PDF, *, cut=1000):
    """The address of the arrival, after all pieces."""
    posted = {"frage": "unterlagen", "name": "rückseite.pdf", "groesse": str(len(data)), "abdruck": "1"}
    begun = client.post(reverse("cases:announce", args=[case.public_id]), posted)
    for start, end in ((0, cut), (cut, len(data))):
        headers = {"Upload-Offset": str(start)}
        answer = client.patch(begun["Location"], data[start:end], content_type="a/b", headers=headers)
    return begun["Location"], answer


def hand_in(client, case, **posted):
    return client.post(reverse("cases:hand_in", args=[case.public_id]), posted)


@pytest.mark.slow
def test_a_file_in_pieces_becomes_the_cases_when_the_answer_is_sent(asked, alice):
    client = client_of(alice)
    address, answer = send(client, asked)
    key = address.split("/")[-2]
    assert key in answer.json()["line"]
    assert (
        key in client.get(reverse("cases:case", args=[asked.public_id])).content.decode()
    )  # still there after a reload
    assert hand_in(client, asked, angekommen=key).status_code == 302
    document = CaseDocument.objects.get()
    assert store.read(document.stored) == PDF
    with clock.frozen(clock.now() + dt.timedelta(days=3)):
        assert arrivals.sweep_arrivals() == 0
    assert store.read(StoredFile.objects.get(pk=document.stored_id)) == PDF


@pytest.mark.slow
def test_a_bad_file_is_refused_and_nothing_stays(asked, alice):
    _, answer = send(client_of(alice), asked, samples.locked_pdf())
    assert "Kennwort" in answer.json()["error"]
    assert not Arrival.objects.exists()


@pytest.mark.slow
def test_nobody_else_brings_or_takes_files(asked, alice, bob):
    address, _ = send(client_of(alice), asked)
    stranger = client_of(bob)
    assert stranger.delete(address).status_code == 404
    assert stranger.post(reverse("cases:announce", args=[asked.public_id])).status_code == 404


@pytest.mark.slow
def test_a_forged_id_brings_no_file(asked, alice):
    response = hand_in(client_of(alice), asked, angekommen="00000000-0000-4000-8000-000000000000")
    assert response.status_code == 422
    assert not CaseDocument.objects.exists()


def test_while_nothing_is_asked_no_file_may_come(paid_case, alice):
    posted = {"frage": "unterlagen", "name": "a.pdf", "groesse": "10"}
    address = reverse("cases:announce", args=[paid_case.public_id])
    assert client_of(alice).post(address, posted).status_code == 404


@pytest.mark.slow
def test_what_another_window_gave_up_meanwhile_is_not_handed_in(asked, alice):
    send(client_of(alice), asked)
    arrived = arrivals.waiting(uploads.scope(asked, alice))
    arrivals.forget(arrived[0])
    assert uploads.hand_in(asked, arrived, [], text="Hier.", by=alice)
    assert not CaseDocument.objects.exists()
