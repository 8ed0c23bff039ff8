"""What a genuine clamd does not take whole it sees in windows, each of them, up to the end; else nobody gets it."""

import datetime as dt
import hashlib
import tracemalloc

import pytest

from mailbox.exchange import actions, scanning
from mailbox.exchange.models import AccessLog, RoomFile, Scan
from mailbox.exchange.vault import path
from portal.common import clock
from tests.portal.documents.scans import clamav
from tests.portal.documents.scans.clamav import FOUND, SIGNATURE

pytestmark = [pytest.mark.django_db, clamav.needs_clamav]
MEBI = 1024 * 1024
WINDOW = 3 * MEBI
STEP = WINDOW - scanning.OVERLAP
CUT = len(SIGNATURE) // 2
NOTICE = "Diese große Datei haben wir in Teilen geprüft."


@pytest.fixture
def daemon(tmp_path, settings):
    """It takes windows and nothing larger, and the exchange asks it."""
    limits = {"StreamMaxLength": "3M", "MaxFileSize": "3M", "MaxScanSize": "12M"}
    with clamav.running(tmp_path, **limits) as running_one:
        settings.SCANNER, settings.CLAMD = clamav.SCANNER, running_one.address
        settings.EXCHANGE_SCAN_WINDOW_BYTES = WINDOW
        yield running_one


def with_signature_at(place: int, size: int) -> bytes:
    return b"x" * place + SIGNATURE + b"x" * (size - place - len(SIGNATURE))


def runs(file: RoomFile) -> int:
    """Runs until nothing is due at once, as the doorbell and the sweep bring them."""
    for count in range(100):
        file.refresh_from_db()
        if file.scan_due_at is None or file.scan_due_at > clock.now():
            return count
        scanning.scan(file.pk)
    raise AssertionError("no end of runs")


def opens(line, file: RoomFile) -> bool:
    return line.client.get(f"/austausch/{line.room}/datei/{file.number}/").status_code == 200


def page(line) -> str:
    return line.client.get(f"/austausch/{line.room}/").content.decode()


def events() -> list[str]:
    return list(AccessLog.objects.values_list("event", flat=True))


def test_a_file_that_is_clean_in_every_window_opens_with_the_notice(daemon, line):
    data = b"x" * (WINDOW + 2 * STEP + 17)
    file = line.upload(data)
    assert runs(file) == 1 + 1 + 4  # taken whole? no; the SHA-256; four windows
    assert (file.scan, file.scan_in_parts, file.scan_offset) == (Scan.CLEAN, True, len(data))
    assert (file.sha256, file.scanned_by[:7]) == (hashlib.sha256(data).hexdigest(), "ClamAV ")
    assert opens(line, file)
    assert NOTICE in page(line)
    assert events() == ["opened", "uploaded", "parts", "downloaded"]


def test_a_file_that_is_taken_whole_opens_without_the_notice(daemon, line):
    file = line.upload(b"x" * WINDOW)
    assert runs(file) == 1
    assert (file.scan, file.scan_in_parts) == (Scan.CLEAN, False)
    assert NOTICE not in page(line)


@pytest.mark.parametrize(
    "place",
    [
        0,
        WINDOW - CUT,  # across the end of the first window: only the second has all of it
        STEP - CUT,  # across the beginning of the second: only the first has all of it
        STEP + WINDOW - CUT,
        3 * WINDOW - len(SIGNATURE),  # the last bytes of the file
    ],
)
def test_a_signature_is_found_wherever_it_lies_also_across_a_border(daemon, line, place):
    file = line.upload(with_signature_at(place, 3 * WINDOW))
    runs(file)
    assert (file.scan, file.scan_note, file.scan_in_parts) == (Scan.INFECTED, FOUND, True)
    assert not opens(line, file)
    assert events()[-1] == "infected"


def test_without_the_overlap_the_border_would_hide_it(daemon, line, monkeypatch):
    monkeypatch.setattr(scanning, "OVERLAP", 0)
    file = line.upload(with_signature_at(WINDOW - CUT, 2 * WINDOW))
    runs(file)
    assert file.scan == Scan.CLEAN


def test_a_window_without_an_answer_is_asked_for_again_and_none_before_it(daemon, line):
    file = line.upload(b"x" * 3 * WINDOW)
    for _ in range(4):
        scanning.scan(file.pk)
    daemon.kill()
    runs(file)
    assert (file.scan, file.scan_offset) == (Scan.WAITING, WINDOW + STEP)
    assert not opens(line, file)
    daemon.start()
    with clock.frozen(clock.now() + scanning.LONGEST_PAUSE):
        assert runs(file) == 2
    assert (file.scan, opens(line, file)) == (Scan.CLEAN, True)


def test_killed_in_the_middle_of_a_window_it_has_not_seen_it(daemon, line, monkeypatch):
    file = line.upload(b"x" * 2 * WINDOW)
    for _ in range(2):
        scanning.scan(file.pk)
    read = scanning._read

    def killing(*where):
        for number, piece in enumerate(read(*where)):
            if number == 1:
                daemon.kill()
            yield piece

    monkeypatch.setattr(scanning, "_read", killing)
    assert not scanning.scan(file.pk)
    file.refresh_from_db()
    assert (file.scan, file.scan_offset, file.scan_due_at > clock.now()) == (Scan.WAITING, 0, True)


def test_a_city_may_keep_such_files_locked(daemon, line, settings):
    settings.EXCHANGE_SCAN_PARTS = False
    file = line.upload(b"x" * 2 * WINDOW)
    assert runs(file) == 1
    assert (file.scan, file.scan_in_parts, opens(line, file)) == (Scan.TOO_LARGE, False, False)


def test_forbidden_meanwhile_it_ends_locked_and_allowed_again_it_begins_anew(daemon, line, settings):
    file = line.upload(with_signature_at(0, 2 * WINDOW))
    for _ in range(2):
        scanning.scan(file.pk)
    settings.EXCHANGE_SCAN_PARTS = False
    runs(file)
    assert (file.scan, file.scan_in_parts, file.scan_offset) == (Scan.TOO_LARGE, False, 0)
    settings.EXCHANGE_SCAN_PARTS = True
    with clock.frozen(clock.now() + scanning.TOO_LARGE_PAUSE):
        assert runs(file) == 2  # whole, and the first window; the SHA-256 is known
    assert file.scan == Scan.INFECTED


def test_windows_larger_than_the_scanner_takes_lead_to_the_lock(daemon, line, settings):
    settings.EXCHANGE_SCAN_WINDOW_BYTES = WINDOW + 1
    file = line.upload(b"x" * 2 * WINDOW)
    runs(file)
    assert (file.scan, file.scan_in_parts) == (Scan.TOO_LARGE, False)
    assert "zu groß für die Virenprüfung" in page(line)


def test_what_the_scanner_took_and_did_not_see_through_is_not_tried_in_windows(tmp_path, line, settings):
    limits = {"StreamMaxLength": "9M", "MaxFileSize": "3M"}  # it takes them, and says by an alert that it saw nothing
    with clamav.running(tmp_path, **limits) as daemon:
        settings.SCANNER, settings.CLAMD = clamav.SCANNER, daemon.address
        settings.EXCHANGE_SCAN_WINDOW_BYTES = WINDOW
        file = line.upload(b"x" * 2 * WINDOW)
        assert runs(file) == 1
    assert (file.scan, file.scan_in_parts) == (Scan.TOO_LARGE, False)


def test_a_file_that_was_locked_before_there_were_windows_opens_at_last(daemon, line):
    file = line.upload(b"x" * 2 * WINDOW)
    RoomFile.objects.update(scan=Scan.TOO_LARGE, scan_due_at=clock.now() + dt.timedelta(hours=5))
    assert (runs(file), opens(line, file)) == (0, False)
    with clock.frozen(clock.now() + scanning.TOO_LARGE_PAUSE):
        runs(file)
    assert (file.scan, opens(line, file)) == (Scan.CLEAN, True)


def test_a_window_that_is_damaged_on_the_disk_is_never_clean(daemon, line):
    file = line.upload(b"x" * 2 * WINDOW)
    for _ in range(3):
        scanning.scan(file.pk)
    stored = path(file.upload)
    data = bytearray(stored.read_bytes())
    data[-5] ^= 1
    stored.write_bytes(data)
    runs(file)
    assert (file.scan, opens(line, file)) == (Scan.WAITING, False)


def test_a_file_deleted_between_two_windows_gets_no_verdict(daemon, line):
    file = line.upload(b"x" * 2 * WINDOW)
    for _ in range(3):
        scanning.scan(file.pk)
    actions.end(line.room)
    assert not scanning.scan(file.pk)
    assert RoomFile.objects.get().scan == Scan.WAITING


def held(file: RoomFile) -> int:
    """Bytes that Python took up at most during all runs of a file, beyond what it held before."""
    tracemalloc.start()
    try:
        runs(file)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_memory_of_a_run_does_not_grow_with_file_or_window(daemon, line):
    files = [line.upload(b"x" * size) for size in (2 * WINDOW, 8 * WINDOW)]
    small, large = [held(file) for file in files]
    assert [file.scan for file in files] == [Scan.CLEAN, Scan.CLEAN]
    assert max(small, large) < 6 * MEBI, (small, large)  # some records of 1 MiB: sealed, open, cut
    assert large < small + MEBI
