"""Answers with files: judged by their bytes, scanned before anybody opens them, never half taken."""

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mailbox.models import Direction, Message
from portal.documents.models import Scan, StoredFile
from portal.documents.scans import queue as scans
from tests.forms_engine.submissions import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(client, alice, letter):
    """Posts the form of the letter's page as Alice: text, files by name, and more fields."""
    client.force_login(alice)

    def send(body="Hier sind die Unterlagen.", **files):
        given = [SimpleUploadedFile(name, data) for name, data in files.pop("files", {"a.pdf": samples.pdf()}).items()]
        return client.post(
            reverse("mailbox:reply", args=[letter.public_id]), {"body": body, "dateien": given} | files, follow=True
        )

    return send


def sent():
    return Message.objects.filter(direction=Direction.CITIZEN)


def text(response):
    return html.unescape(response.content.decode())


def test_a_reply_takes_files_and_says_that_they_are_being_checked(answer, client):
    page = answer(files={"Ausweis Ä.pdf": samples.pdf(), "foto.png": samples.png()})
    assert "Ausweis Ä.pdf" in text(page)
    assert text(page).count("wird noch geprüft") == 2
    first = sent().get().attachments.first()
    assert (first.stored.scan, first.stored.media_type) == (Scan.WAITING, "application/pdf")
    assert client.get(reverse("mailbox:attachment", args=[sent().get().public_id, 1])).status_code == 404


def test_once_it_is_clean_its_owner_opens_it(answer, client, bob):
    answer()
    address = reverse("mailbox:attachment", args=[sent().get().public_id, 1])
    scans.scan(sent().get().attachments.get().stored_id)
    assert b"".join(client.get(address).streaming_content) == samples.pdf()
    client.force_login(bob)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"a.exe": b"MZ" + b"x" * 100}, "„a.exe“: Die Datei ist ein Programm."),
        ({"leer.pdf": b" "}, "„leer.pdf“: Dieser Dateityp geht hier nicht."),
        ({"kaputt.pdf": b"%PDF-1.7 hallo"}, "„kaputt.pdf“: Die PDF-Datei ist beschädigt."),
        ({"gut.png": samples.png(), "<b>bös\r\nX-Kopf: 1\u202efdp.exe": b"#!/bin/sh"}, "Die Datei ist ein Programm."),
        ({f"{n}.png": samples.png() for n in range(6)}, "Wählen Sie höchstens 5 Dateien auf einmal aus."),
    ],
)
def test_a_refused_file_is_named_the_text_stays_and_nothing_is_kept(answer, files, sentence):
    page = answer("Mein langer Text", files=files)
    assert page.status_code == 422
    assert sentence in text(page)
    assert "Mein langer Text" in text(page)
    assert "<b>" not in page.content.decode().split("</h1>")[1]
    assert not sent().exists()
    assert not StoredFile.objects.exists()


def test_a_giant_file_is_dropped_on_the_wire_and_named(answer, settings):
    settings.UPLOAD_MAX_BYTES = 100_000
    page = answer("Mein Text", files={"riesig.pdf": samples.pdf() + b"x" * 200_000})
    assert "„riesig.pdf“: Die Datei muss kleiner als 100" in text(page)
    assert "Mein Text" in text(page)
    assert not sent().exists()


def test_a_second_click_sends_once_and_leaves_no_file_behind(answer):
    once = "8a1f4a8e-90a7-4c39-8c3b-5b1b6b0f5f10"
    for _ in range(2):
        answer(once=once)
    assert sent().count() == 1
    assert StoredFile.objects.filter(destroyed_at=None).count() == 1


def test_the_same_words_with_another_file_are_another_reply(answer):
    once = "8a1f4a8e-90a7-4c39-8c3b-5b1b6b0f5f10"
    answer(once=once)
    answer(once=once, files={"b.png": samples.png()})
    assert sent().count() == 2


def test_where_no_reply_is_allowed_the_files_are_forgotten(client, alice, post):
    client.force_login(alice)
    closed = post(reply_allowed=False)
    upload = SimpleUploadedFile("a.pdf", samples.pdf())
    client.post(reverse("mailbox:reply", args=[closed.public_id]), {"body": "x", "dateien": upload})
    assert not sent().exists()
    assert not StoredFile.objects.filter(destroyed_at=None).exists()
