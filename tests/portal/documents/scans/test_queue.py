"""A file waits until it has a verdict, whatever becomes of scanner, worker and bell; once is enough."""

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.http import Http404

from portal.audit.models import AuditEntry
from portal.common import clock
from portal.documents import downloads, store
from portal.documents.models import Scan, StoredFile
from portal.documents.scans import queue
from portal.documents.scans.base import Verdict
from portal.documents.scans.signatures import EICAR
from portal.outbox.models import OutboxMessage
from tests.portal.documents.scans.daemon import running

pytestmark = pytest.mark.django_db
CLAMD = "portal.documents.scans.clamd.Clamd"


@pytest.fixture
def waiting():
    return store.put(b"harmlos", media_type="text/plain", foreign=True)


@pytest.fixture
def infected():
    stored = store.put(EICAR, media_type="text/plain", foreign=True)
    assert queue.scan(stored.pk)
    stored.refresh_from_db()
    return stored


def test_nobody_opens_a_file_before_its_verdict(waiting):
    with pytest.raises(Http404):
        downloads.attachment(waiting, "a.txt")
    assert queue.scan(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.scan, waiting.scanned_by) == (Scan.CLEAN, "Demo-Scanner (nur EICAR)")
    assert b"".join(downloads.attachment(waiting, "a.txt").streaming_content) == b"harmlos"


def test_what_we_made_ourselves_is_not_scanned():
    own = store.put(b"x", media_type="text/plain")
    assert own.can_open
    assert queue.scan(own.pk) is False


def test_an_infected_file_is_locked_told_and_recorded(infected):
    assert (infected.scan, infected.scan_note) == (Scan.INFECTED, "Eicar-Test-Signature")
    assert OutboxMessage.objects.get(topic="file.infected").key == str(infected.public_id)
    assert AuditEntry.objects.filter(action="file.infected").count() == 1
    with pytest.raises(Http404):
        downloads.attachment(infected, "a.txt")


@pytest.mark.parametrize("mood", ["garbage", "cut", "half"])
def test_a_scanner_that_talks_nonsense_accepts_nothing(waiting, settings, mood):
    settings.SCANNER = CLAMD
    with running(mood=mood) as (_, settings.CLAMD):
        assert queue.scan(waiting.pk) is False
    waiting.refresh_from_db()
    assert waiting.is_waiting
    assert waiting.scan_due_at > clock.now()


def test_while_the_scanner_is_away_files_wait_and_pass_once_it_is_back(waiting, settings):
    settings.SCANNER, settings.CLAMD = CLAMD, "tcp://127.0.0.1:1"
    for _ in range(3):
        queue.again(StoredFile.objects.all())
        assert queue.scan(waiting.pk) is False
    with running() as (_, settings.CLAMD):
        assert queue.scan(waiting.pk) is False  # not due yet
        with clock.frozen(clock.now() + queue.LONGEST_PAUSE):
            assert queue.sweep_scans() == 1
            assert queue.scan(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.scan == Scan.CLEAN


def test_a_worker_that_was_overtaken_changes_nothing(waiting, monkeypatch):
    def overtaken(self, pieces):
        StoredFile.objects.filter(pk=waiting.pk).update(scan_attempts=99)
        return Verdict("", "spät")

    monkeypatch.setattr("portal.documents.scans.signatures.SignatureScanner.scan", overtaken)
    assert queue.scan(waiting.pk) is False
    waiting.refresh_from_db()
    assert waiting.is_waiting


def test_a_second_bell_during_the_scan_does_nothing(waiting):
    StoredFile.objects.filter(pk=waiting.pk).update(scan_due_at=clock.now() + dt.timedelta(minutes=1))
    assert queue.scan(waiting.pk) is False


def test_a_damaged_file_goes_on_waiting_and_says_why(waiting, own_file_store):
    (own_file_store / waiting.path).write_bytes(b"\1 nonsense")
    assert queue.scan(waiting.pk) is False
    waiting.refresh_from_db()
    assert "verändert" in waiting.scan_note


@pytest.mark.parametrize(
    "change",
    [
        {"scan": "clean"},
        {"scan": "own"},
        {"scan": "waiting", "scan_due_at": None},
        {"scan": "frei"},
        {"scan": "clean", "scan_due_at": None, "scanned_at": clock.now(), "scanned_by": ""},
    ],
)
def test_the_database_refuses_a_verdict_without_proof(waiting, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.filter(pk=waiting.pk).update(**change)


def test_operators_see_what_waits_and_whether_the_scanner_answers(waiting, infected, settings, capsys):
    call_command("files_scan", "--json")
    found = json.loads(capsys.readouterr().out)
    assert [entry["state"] for entry in found["files"]] == ["waiting", "infected"]
    settings.SCANNER, settings.CLAMD = CLAMD, "tcp://127.0.0.1:1"
    with pytest.raises(SystemExit):
        call_command("files_scan")
    assert "1 Dateien warten, 1 sind gesperrt." in capsys.readouterr().out


def test_a_false_alarm_is_released_with_a_reason_that_is_recorded(infected):
    key = str(infected.public_id)
    with pytest.raises(CommandError, match="--why"):
        call_command("files_scan", release=key)
    call_command("files_scan", release=key, why="Hersteller bestätigt Fehlalarm")
    infected.refresh_from_db()
    assert infected.can_open
    assert AuditEntry.objects.filter(action="file.released").count() == 1
    with pytest.raises(CommandError, match="nicht gesperrt"):
        call_command("files_scan", destroy=key)


def test_a_locked_file_is_destroyed_for_good(infected):
    call_command("files_scan", destroy=str(infected.public_id))
    infected.refresh_from_db()
    assert infected.destroyed_at
    with pytest.raises(CommandError, match="gibt es nicht"):
        call_command("files_scan", destroy="00000000-0000-4000-8000-000000000000")
