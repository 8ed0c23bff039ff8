"""A mailbox on a genuine mail server, over TLS that is really checked."""

import pathlib
import shutil
import tempfile

import pytest

from forms_engine.intake.models import InboundItem
from forms_engine.intake.sources import imap
from portal.documents import store
from tests.forms_engine.intake.conftest import mail
from tests.forms_engine.intake.dovecot import ADDRESS, PASSWORD, USER, Dovecot, free_port, needs_dovecot

pytestmark = [pytest.mark.django_db, pytest.mark.slow, needs_dovecot]


@pytest.fixture(scope="module")
def server():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dovecot", dir="/tmp"))  # socket paths are short
    folder.chmod(0o755)
    started = Dovecot(folder, free_port())
    yield started
    started.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def box(server, settings, monkeypatch):
    """The server, empty, asked by somebody who trusts its authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    settings.INTAKE_IMAP_HOST, settings.INTAKE_IMAP_PORT = ADDRESS, server.port
    settings.INTAKE_IMAP_USER, settings.INTAKE_IMAP_PASSWORD = USER, PASSWORD
    with server.client() as line:
        _kind, folders = line.list()
        for name in [row.decode().rpartition(' "." ')[2] for row in folders]:
            if line.select(name)[1] != [b"0"]:
                line.store("1:*", "+FLAGS", r"(\Deleted)")
                line.expunge()
    return server


def test_a_mailbox_is_taken_over_and_moved(box):
    box.put(mail("eins"), mail("zwei"))
    told = imap.poll()
    assert (told.taken, told.problems, box.found()) == (2, [], [])
    stored = [store.read(item.raw) for item in InboundItem.objects.order_by("pk")]
    assert stored == box.found("Uebernommen") and b"eins" in stored[0]
    assert imap.poll().taken == 0


def test_a_folder_may_have_an_umlaut(box, settings):
    settings.INTAKE_IMAP_DONE = "Übernommen & geprüft"
    box.put(mail("eins"))
    told = imap.poll()
    assert (told.taken, told.problems, box.found()) == (1, [], [])
    assert len(box.found("&ANw-bernommen &- gepr&APw-ft")) == 1


def test_what_was_stored_before_the_death_is_only_moved(box, monkeypatch):
    box.put(mail("eins"))

    def die(*_args):
        raise SystemExit

    with monkeypatch.context() as killed, pytest.raises(SystemExit):
        killed.setattr(imap, "_clear", die)
        imap.poll()
    assert len(box.found()) == 1
    told = imap.poll()
    assert (told.taken, told.known, box.found()) == (0, 1, []) and InboundItem.objects.count() == 1


def test_a_server_that_nobody_vouches_for_gets_no_password(box, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    box.put(mail("eins"))
    told = imap.poll()
    assert "nicht erreichbar" in told.problems[0] and len(box.found()) == 1
    assert not InboundItem.objects.exists()


def test_a_wrong_password_is_a_sentence(box, settings):
    for wrong in ("falsch", "größer"):
        settings.INTAKE_IMAP_PASSWORD = wrong
        assert "Kennwort" in imap.poll().problems[0]


def test_a_folder_that_is_not_there_is_a_sentence(box, settings):
    settings.INTAKE_IMAP_FOLDER = "Eingänge"
    assert "PORTAL_INTAKE_IMAP_FOLDER" in imap.poll().problems[0]
