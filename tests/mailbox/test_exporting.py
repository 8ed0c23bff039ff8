"""Archives: whole, provable by checksums, without what was never opened, gone after a day."""

import datetime as dt
import email
import hashlib
import io
import json
import zipfile
from email.policy import default

import pytest
from django.urls import reverse

from mailbox import actions, exporting, keeping, leaving
from mailbox.models import Export, ExportState, Folder, Message
from portal.accounts.levels import TrustLevel
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.documents import render
from portal.documents.models import StoredFile
from portal.documents.render import check_pdf

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def read(post, alice):
    def made(**change):
        message = post(**change)
        actions.mark_read(message, by=alice)
        return message

    return made


def order(at, *rows):
    at.post(reverse("mailbox:exports"), {"nachricht": [str(row.public_id) for row in rows]})
    export = Export.objects.latest("id")
    assert exporting.pack(export.pk)
    return export


def archive(at, export):
    response = at.get(reverse("mailbox:export", args=[export.public_id]))
    assert response["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


@pytest.mark.slow
def test_an_archive_holds_mails_with_files_a_print_and_checksums(at, read, pdf, alice):
    letter = read(subject="Ihr Bescheid Ä", body="Guten Tag", attachments=[(pdf, "Bescheid Ä.pdf")])
    actions.reply(letter, body="Danke", by=alice)
    packed = archive(at, order(at))
    listed = json.loads(packed.read("manifest.json"))["dateien"]
    assert {row["datei"] for row in listed} == set(packed.namelist()) - {"manifest.json"}
    assert all(hashlib.sha256(packed.read(row["datei"])).hexdigest() == row["sha256"] for row in listed)
    mail = email.message_from_bytes(packed.read(listed[0]["datei"]), policy=default)
    assert mail["Subject"] == "Ihr Bescheid Ä"
    assert mail.get_body().get_content().strip() == "Guten Tag"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["Bescheid Ä.pdf"]
    assert check_pdf(packed.read("druck/001.pdf")) == []
    assert AuditEntry.objects.filter(action="mailbox.exported").count() == 1


@pytest.mark.slow
def test_unread_and_withdrawn_ones_stay_out(at, read, post):
    read(subject="Offen")
    unread = post(subject="Ungelesen", thread="case:1")
    packed = archive(at, order(at))
    assert [name for name in packed.namelist() if name.endswith(".eml")] == [
        f"nachrichten/00001-{clock.today():%Y-%m-%d}-offen.eml"
    ]
    unread.refresh_from_db()
    assert unread.first_read_at is None


@pytest.mark.slow
def test_a_selection_takes_the_whole_thread_and_no_other(at, read):
    first = read(subject="Eins")
    read(subject="Zwei")
    read(subject="Drei", thread="case:2")
    assert len([n for n in archive(at, order(at, first)).namelist() if n.endswith(".eml")]) == 2


def test_a_stronger_sign_in_is_asked_for_what_needs_it(at, read):
    read(level=TrustLevel.HIGH)
    response = at.post(reverse("mailbox:exports"))
    assert response.status_code in (302, 403)
    assert "/identitaet/" in response.headers.get("Location", "/identitaet/")
    assert not Export.objects.exists()


@pytest.mark.slow
def test_archives_of_others_do_not_exist_and_a_waiting_one_has_no_file(at, read, client, bob):
    read()
    at.post(reverse("mailbox:exports"))
    export = Export.objects.get()
    assert at.get(reverse("mailbox:export", args=[export.public_id])).status_code == 404
    exporting.pack(export.pk)
    client.force_login(bob)
    assert client.get(reverse("mailbox:export", args=[export.public_id])).status_code == 404


@pytest.mark.slow
def test_packing_twice_makes_one_archive(at, read):
    read()
    export = order(at)
    assert not exporting.pack(export.pk)
    assert StoredFile.objects.filter(media_type="application/zip", destroyed_at=None).count() == 1


def test_a_worker_that_was_overtaken_leaves_nothing(at, read, alice):
    read()
    at.post(reverse("mailbox:exports"))
    export = Export.objects.get()
    Export.objects.update(attempts=5)
    export.attempts = 4
    assert not exporting._finish(export, ExportState.READY, StoredFile(pk=1))
    assert Export.objects.get().state == ExportState.WAITING


@pytest.mark.slow
def test_after_three_lost_workers_it_is_given_up_and_said(at, read):
    read()
    at.post(reverse("mailbox:exports"))
    Export.objects.update(attempts=exporting.MAX_ATTEMPTS)
    exporting.pack(Export.objects.get().pk)
    assert "Bestellen Sie es noch einmal." in at.get(reverse("mailbox:exports")).content.decode()


def test_a_worker_that_draws_something_else_lets_it_wait(at, read):
    read()
    at.post(reverse("mailbox:exports"))
    export = Export.objects.get()
    with render._one_at_a_time:
        assert not exporting.pack(export.pk)
    assert Export.objects.get().state == ExportState.WAITING
    with clock.frozen(clock.now() + exporting.LEASE):
        assert exporting.pack(export.pk)


@pytest.mark.slow
def test_after_a_day_the_archive_is_gone_for_good(at, read):
    read()
    export = order(at)
    with clock.frozen(clock.now() + exporting.KEPT + dt.timedelta(minutes=1)):
        assert exporting.sweep_exports() == 1
    assert not Export.objects.exists()
    assert StoredFile.objects.get(pk=export.stored_id or StoredFile.objects.latest("id").pk).destroyed_at
    assert Message.objects.exists()


@pytest.mark.slow
def test_hostile_subjects_break_neither_headers_nor_names(at, read):
    read(subject="../../etc/passwd\r\nBcc: alle@stadt.invalid", sender="KVR\r\nX-Boese: 1")
    packed = archive(at, order(at))
    name = next(name for name in packed.namelist() if name.endswith(".eml"))
    assert ".." not in name and "/" not in name.removeprefix("nachrichten/")
    mail = email.message_from_bytes(packed.read(name), policy=default)
    assert mail["Bcc"] is None and mail["X-Boese"] is None


@pytest.mark.slow
def test_there_is_an_end_to_orders(at, read):
    read()
    for _ in range(exporting.MOST_WAITING + 2):
        at.post(reverse("mailbox:exports"))
    assert Export.objects.count() == exporting.MOST_WAITING


@pytest.mark.slow
def test_a_deleted_account_leaves_neither_folder_nor_archive(at, read, alice):
    keeping.move(Message.objects.filter(pk=read().pk), keeping.add_folder(alice, "Wohnung"))
    order(at)
    leaving.forget(alice, keep_messages=True)
    assert not Folder.objects.exists() and not Export.objects.exists()
    assert not StoredFile.objects.filter(media_type="application/zip", destroyed_at=None).exists()
    assert Message.objects.exists()
