"""Nobody gets a byte that no scanner has found clean."""

import datetime as dt
import hashlib

import pytest
from django.db import IntegrityError, transaction

from mailbox.exchange import actions, scanning
from mailbox.exchange.models import AccessLog, RoomFile, Scan
from mailbox.exchange.vault import path
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.documents.scans.base import TooLarge, Unavailable, Verdict
from portal.documents.scans.signatures import EICAR

pytestmark = pytest.mark.django_db
HERE = "tests.mailbox.exchange.test_scanning"


class Away:
    def scan(self, pieces):
        raise Unavailable("Der Virenscanner ist nicht erreichbar.")


class Small:
    def scan(self, pieces):
        raise TooLarge("Die Datei ist größer, als der Virenscanner annimmt.")


class Alerts:
    """clamd with AlertExceedsMax: it looked at the beginning only."""

    def scan(self, pieces):
        return Verdict("Heuristics.Limits.Exceeded.MaxFileSize", "ClamAV")


class Lazy:
    """Says clean without having read to the end."""

    def scan(self, pieces):
        next(pieces)
        return Verdict("", "Faul")


def downloads(line, file) -> int:
    return line.client.get(f"/austausch/{line.room}/datei/{file.number}/").status_code


def later(**span):
    return clock.frozen(clock.now() + dt.timedelta(**span))


def test_a_clean_file_opens_and_has_its_checksum(line):
    file = line.upload(b"Grundriss")
    assert downloads(line, file) == 404
    assert scanning.scan(file.pk)
    assert downloads(line, file) == 200
    file.refresh_from_db()
    assert file.sha256 == hashlib.sha256(b"Grundriss").hexdigest()


def test_a_virus_stays_locked_for_everybody_and_is_told(line):
    file = line.upload(b"x" * 1_100_000 + EICAR + b"x" * 300_000)
    assert scanning.scan(file.pk)
    file.refresh_from_db()
    assert (file.scan, file.scan_note) == (Scan.INFECTED, "Eicar-Test-Signature")
    assert downloads(line, file) == 404
    assert line.client.get(f"/austausch/{line.room}/alles/").status_code == 404
    assert AccessLog.objects.filter(event="infected", file=file.number).exists()
    assert AuditEntry.objects.filter(action="exchange.infected").exists()


def test_a_scanner_that_is_away_leaves_the_file_waiting(line, settings):
    file = line.upload(b"abc")
    settings.SCANNER = f"{HERE}.Away"
    assert not scanning.scan(file.pk)
    file.refresh_from_db()
    assert (file.scan, file.scan_due_at > clock.now()) == (Scan.WAITING, True)
    assert downloads(line, file) == 404


@pytest.mark.sample(2)
@pytest.mark.parametrize("scanner", ["Small", "Alerts"])
def test_what_the_scanner_finds_too_large_stays_locked_with_the_reason(line, settings, scanner):
    file = line.upload(b"abc")
    settings.SCANNER = f"{HERE}.{scanner}"
    scanning.scan(file.pk)
    file.refresh_from_db()
    assert (file.scan, downloads(line, file)) == (Scan.TOO_LARGE, 404)
    assert "zu groß für die Virenprüfung" in line.client.get(f"/austausch/{line.room}/").content.decode()


def test_a_raised_limit_opens_it_at_last_and_the_log_says_each_once(line, settings):
    file = line.upload(b"abc")
    scanner, settings.SCANNER = settings.SCANNER, f"{HERE}.Small"
    for hours in (0, 7, 14):
        with later(hours=hours):
            scanning.scan(file.pk)
    settings.SCANNER = scanner
    with later(hours=21):
        assert scanning.scan(file.pk)
    assert list(AccessLog.objects.values_list("event", flat=True)) == ["opened", "uploaded", "toolarge", "clean"]


def test_a_scanner_that_stopped_reading_still_leads_to_the_checksum_of_all(line, settings):
    settings.SCANNER = f"{HERE}.Lazy"
    data = b"x" * 2_600_000
    assert line.clean(data).sha256 == hashlib.sha256(data).hexdigest()


def test_a_damaged_file_is_never_clean(line):
    file = line.upload(b"x" * 600_000)
    stored = path(file.upload)
    data = bytearray(stored.read_bytes())
    data[-5] ^= 1
    stored.write_bytes(data)
    assert not scanning.scan(file.pk)
    file.refresh_from_db()
    assert file.scan == Scan.WAITING


def test_two_workers_scan_once(line):
    file = line.upload(b"abc")
    RoomFile.objects.update(scan_due_at=clock.now() + scanning.LEASE)
    assert not scanning.scan(file.pk)


def test_a_file_deleted_meanwhile_gets_no_verdict(line, monkeypatch):
    file = line.upload(b"abc")
    judged = scanning._judged

    def slowly(*what):
        actions.end(line.room)
        return judged(*what)

    monkeypatch.setattr(scanning, "_judged", slowly)
    assert not scanning.scan(file.pk)
    assert RoomFile.objects.get().scan == Scan.WAITING


@pytest.mark.parametrize(
    "change",
    [
        {"scan_offset": 1},
        {"scan_in_parts": True, "scan_offset": -1},
        {"scan_in_parts": True, "scan_offset": 4},
        {"scan_in_parts": True, "scan_offset": 2, "scan": "clean"},
    ],
)
def test_the_database_refuses_windows_without_an_end(line, change):
    file = line.upload(b"abc")
    if change.get("scan"):
        now = clock.now()
        change |= {"scan_due_at": None, "scanned_at": now, "scanned_by": "ClamAV", "sha256": "0" * 64}
    with pytest.raises(IntegrityError, match="to_its_end"), transaction.atomic():
        RoomFile.objects.filter(pk=file.pk).update(**change)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/", "Diese große Datei haben wir in Teilen geprüft."),
        ("/en/", "We could not look into packed content as a whole."),
        ("/leicht/", "Gepackte Inhalte konnten wir nicht ganz prüfen."),
    ],
)
def test_the_page_says_when_a_file_was_checked_in_parts(line, address, sentence):
    file, page = line.clean(b"abc"), f"{address}austausch/{line.room}/"
    assert sentence not in line.client.get(page).content.decode()
    RoomFile.objects.filter(pk=file.pk).update(scan_in_parts=True, scan_offset=file.size)
    assert sentence in line.client.get(page).content.decode()


def test_the_sweep_rings_for_what_is_due_and_nothing_else(line, settings):
    first, second = line.upload(b"abc"), line.upload(b"def")
    scanning.scan(first.pk)
    assert scanning.sweep_scans() == 1
    actions.delete_file(second, _owner(line))
    assert scanning.sweep_scans() == 0


def _owner(line):
    from mailbox.exchange.access import Visitor

    return Visitor(line.room)
