"""The scanner's port against a genuine clamd, which has its own opinion of the protocol and of limits."""

import itertools
import re

import pytest

from portal.common import clock
from portal.documents import store, tasks
from portal.documents.models import Scan
from portal.documents.scans import queue
from portal.documents.scans.base import TooLarge, Unavailable
from portal.documents.scans.clamd import CHUNK, Clamd
from tests.mailbox.exchange.server import free_port
from tests.portal.documents.scans.clamav import FOUND, SCANNER, SIGNATURE, needs_clamav, running

pytestmark = needs_clamav
MEBI = 1024 * 1024


@pytest.fixture
def daemon(tmp_path, settings):
    """It takes 1 MiB at most, and the product asks it."""
    with running(tmp_path, StreamMaxLength="1M", MaxFileSize="1M") as running_one:
        settings.SCANNER, settings.CLAMD = SCANNER, running_one.address
        yield running_one


@pytest.fixture
def stored(db):
    """stored(data) is a file of somebody outside."""
    return lambda data: store.put(data, media_type="text/plain", foreign=True)


def after_a_pause():
    return clock.frozen(clock.now() + queue.LONGEST_PAUSE)


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        ([], ""),
        ([b"harmlos"], ""),
        ([b"x" * MEBI], ""),  # as much as it takes, to the byte
        ([SIGNATURE], FOUND),
        ([b"x" * (CHUNK - 7) + SIGNATURE[:20], SIGNATURE[20:] + b"x" * CHUNK], FOUND),
        ([b"x" * (MEBI - len(SIGNATURE)), SIGNATURE], FOUND),
    ],
)
def test_it_tells_the_signature_from_everything_else(daemon, pieces, found):
    verdict = Clamd().scan(iter(pieces))
    assert (verdict.found, verdict.by.startswith("ClamAV ")) == (found, True)


@pytest.mark.parametrize("pieces", [[b"x" * MEBI, b"y"], [b"x" * CHUNK] * 200, [SIGNATURE, b"x" * 9 * MEBI]])
def test_one_byte_more_than_it_takes_is_no_verdict(daemon, pieces):
    with pytest.raises(TooLarge):
        Clamd().scan(iter(pieces))


def test_over_tcp_too(tmp_path):
    port = free_port()
    with running(tmp_path, TCPSocket=str(port), TCPAddr="127.0.0.1"):
        assert Clamd(f"tcp://127.0.0.1:{port}").scan(iter([SIGNATURE])).found == FOUND


@pytest.mark.parametrize("sent", [1, 12, 16])
def test_killed_in_the_middle_of_a_stream_it_gave_no_verdict(daemon, sent):
    def pieces():
        yield from [b"x" * CHUNK] * sent
        daemon.kill()
        yield from [b"x" * CHUNK] * (16 - sent)

    with pytest.raises(Unavailable) as raised:
        Clamd().scan(pieces())
    assert not isinstance(raised.value, TooLarge)


def test_what_it_did_not_see_waits_and_the_sweep_passes_it_once_it_is_back(daemon, stored, monkeypatch):
    clean, bad = stored(b"harmlos" * 50_000), stored(b"x" * 300_000 + SIGNATURE)
    daemon.kill()
    assert [queue.scan(file.pk) for file in (clean, bad)] == [False, False]
    for file in (clean, bad):
        file.refresh_from_db()
        assert (file.scan, file.can_open) == (Scan.WAITING, False)
    daemon.start()
    monkeypatch.setattr(queue.relay, "ring", lambda name, *args: name == "documents.scan" and tasks.scan(*args))
    with after_a_pause():
        assert queue.sweep_scans() == 2
    for file in (clean, bad):
        file.refresh_from_db()
    assert (clean.scan, clean.can_open) == (Scan.CLEAN, True)
    assert (bad.scan, bad.scan_note, bad.can_open) == (Scan.INFECTED, FOUND, False)


def test_a_file_it_finds_too_large_never_becomes_clean(daemon, stored):
    file = stored(b"x" * (MEBI + 1))
    for _ in range(3):
        queue.again(type(file).objects.all())
        assert queue.scan(file.pk) is False
    file.refresh_from_db()
    assert (file.scan, file.can_open) == (Scan.WAITING, False)
    assert "größer" in file.scan_note


def test_the_limits_we_ship_let_a_whole_window_of_the_exchange_pass(tmp_path, settings):
    lines = (settings.BASE_DIR / "docker" / "clamd.conf").read_text(encoding="utf-8").splitlines()
    shipped = dict(line.split() for line in lines if re.match("StreamMaxLength|Max|Alert", line))
    assert shipped["AlertExceedsMax"] == "yes"
    whole, rest = divmod(settings.EXCHANGE_SCAN_WINDOW_BYTES - len(SIGNATURE), MEBI)
    with running(tmp_path, **shipped) as daemon:
        pieces = itertools.chain([b"\0" * MEBI] * whole, [b"\0" * rest, SIGNATURE])
        assert Clamd(daemon.address).scan(pieces).found == FOUND


@pytest.mark.parametrize(("alert", "found"), [("yes", "Heuristics.Limits.Exceeded.MaxFileSize"), ("no", "")])
def test_why_docker_clamd_conf_says_alert_exceeds_max(tmp_path, alert, found):
    """Between MaxFileSize and StreamMaxLength it looks at nothing, and by default calls that clean."""
    with running(tmp_path, StreamMaxLength="2M", MaxFileSize="1M", AlertExceedsMax=alert) as daemon:
        assert Clamd(daemon.address).scan(iter([SIGNATURE, b"x" * MEBI])).found == found
