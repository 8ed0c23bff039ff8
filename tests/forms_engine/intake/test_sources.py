"""A source is emptied only of what is stored here; whatever dies in between makes neither a loss nor a double."""

import json

import pytest
from django.core.management import call_command

from forms_engine.intake.models import InboundItem
from forms_engine.intake.sources import folders, imap
from portal.documents import store
from tests.forms_engine.intake.conftest import drop, mail
from tests.forms_engine.intake.imap_server import Mailbox, Server

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[True, False], ids=["move", "copy"])
def box(request, settings):
    server = Server(Mailbox(move=request.param))
    settings.INTAKE_IMAP_HOST, settings.INTAKE_IMAP_PORT = server.server_address
    settings.INTAKE_IMAP_USER, settings.INTAKE_IMAP_PASSWORD = "eingang@stadt.invalid", "geheim"
    yield server.box
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(settings, tmp_path):
    settings.INTAKE_SCAN_FOLDER = tmp_path / "scans"
    settings.INTAKE_SCAN_FOLDER.mkdir()
    return settings.INTAKE_SCAN_FOLDER


@pytest.mark.sample(2)
def test_a_mailbox_is_taken_over_and_emptied(box):
    box.messages = {3: mail("eins"), 5: mail("zwei")}
    told = imap.poll()
    assert (told.taken, told.problems, box.messages, len(box.done)) == (2, [], {}, 2)
    assert b"eins" in store.read(InboundItem.objects.order_by("pk")[0].raw)


@pytest.mark.slow
def test_a_message_that_could_not_be_moved_makes_no_second_item(box):
    box.messages, box.fail_move = {3: mail("eins")}, True
    imap.poll()
    box.fail_move = False
    told = imap.poll()
    assert (told.taken, told.known, box.messages) == (0, 1, {}) and InboundItem.objects.count() == 1


@pytest.mark.sample(2)
def test_what_could_not_be_stored_stays_in_the_mailbox(box, monkeypatch):
    box.messages = {3: mail("eins")}
    monkeypatch.setattr(store, "put", lambda *a, **k: (_ for _ in ()).throw(OSError(28, "voll")))
    told = imap.poll()
    assert told.problems and list(box.messages) == [3] and not InboundItem.objects.exists()


@pytest.mark.sample(2)
def test_a_message_that_is_too_large_stays_and_is_told(box, settings):
    settings.INTAKE_MAX_BYTES = 10
    box.messages = {3: mail("eins")}
    assert "zu groß" in imap.poll().problems[0] and 3 in box.messages


@pytest.mark.sample(2)
def test_a_wrong_password_is_a_sentence(box, settings, capsys):
    settings.INTAKE_IMAP_PASSWORD = "falsch"
    with pytest.raises(SystemExit) as ended:
        call_command("intake_poll", "--source", "mail", "--once", "--json")
    (told,) = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1 and "Kennwort" in told["problems"][0]


def test_a_server_that_is_away_is_a_sentence(settings):
    settings.INTAKE_IMAP_HOST, settings.INTAKE_IMAP_PORT = "127.0.0.1", 9
    assert "nicht erreichbar" in imap.poll().problems[0]


def test_a_crash_between_storing_and_renaming_makes_no_second_item(folder, monkeypatch):
    path = drop(folder, "a.pdf", b"%PDF-1.4 a")
    monkeypatch.setattr(folders, "_move", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        call_command("intake_poll", "--once")
    monkeypatch.undo()
    assert path.exists() and InboundItem.objects.count() == 1
    call_command("intake_poll", "--once")
    assert not path.exists() and InboundItem.objects.count() == 1


def test_the_same_scan_under_another_name_is_linked_as_a_copy(folder):
    drop(folder, "a.pdf", b"%PDF-1.4 a")
    drop(folder, "b.pdf", b"%PDF-1.4 a")
    call_command("intake_poll", "--once")
    first, second = InboundItem.objects.order_by("pk")
    assert second.duplicate_of == first and second.raw is None


def test_files_on_their_way_links_and_empty_ones_are_left_alone(folder, tmp_path):
    (folder / "noch.pdf").write_bytes(b"%PDF")  # a moment ago
    drop(folder, "x.part", b"%PDF")
    drop(folder, ".versteckt", b"%PDF")
    drop(folder, "leer.pdf", b"")
    (folder / "link.pdf").symlink_to(tmp_path / "store")
    with pytest.raises(SystemExit) as ended:
        call_command("intake_poll", "--once")
    assert ended.value.code == 1 and not InboundItem.objects.exists()


def test_a_file_that_is_too_large_is_moved_aside_and_told(folder, settings, capsys):
    settings.INTAKE_MAX_BYTES = 3
    drop(folder, "a.pdf", b"%PDF-1.4 a")
    with pytest.raises(SystemExit):
        call_command("intake_poll", "--once")
    assert (folder / "zu-gross" / "a.pdf").exists() and "zu groß" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_a_sentence(folder, settings, capsys):
    settings.INTAKE_SCAN_FOLDER = folder / "gibt" / "es-nicht"
    with pytest.raises(SystemExit):
        call_command("intake_poll", "--once")
    assert "lässt sich nicht lesen" in capsys.readouterr().err


def test_without_any_source_the_command_says_so(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("intake_poll", "--once")
    assert ended.value.code == 3 and "nicht eingerichtet" in capsys.readouterr().err


def test_what_lies_in_done_goes_after_a_week(folder, monkeypatch):
    drop(folder, "a.pdf", b"%PDF-1.4 a")
    call_command("intake_poll", "--once")
    monkeypatch.setattr(folders, "KEPT", folders.KEPT * -1)
    folders._clear(folder / "done")
    assert list((folder / "done").iterdir()) == []
