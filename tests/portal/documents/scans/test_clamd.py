"""ClamAV is believed only when it says, after the whole stream, that the stream is clean."""

import pytest

from portal.documents.scans import clamd
from portal.documents.scans.base import TooLarge, Unavailable
from portal.documents.scans.clamd import CHUNK, Clamd, parse_address
from portal.documents.scans.signatures import EICAR, SignatureScanner
from tests.portal.documents.scans.daemon import running


@pytest.mark.parametrize("unix", [True, False])
def test_a_clean_and_an_infected_file_over_both_kinds_of_socket(unix, tmp_path):
    with running(tmp_path if unix else None) as (daemon, address):
        clean = Clamd(address).scan(iter([b"a" * 100, b"b" * 3 * CHUNK]))
        assert (clean.found, clean.by) == ("", "ClamAV 1.4.3/27700/Sun Nov 22 2026")
        assert daemon.received == b"a" * 100 + b"b" * 3 * CHUNK
        assert daemon.largest == CHUNK
        assert Clamd(address).scan(iter([b"x", EICAR])).found == "Win.Test.EICAR_HDB-1"


def test_an_empty_file_has_a_verdict_too():
    with running() as (_, address):
        assert Clamd(address).scan(iter([])).found == ""


@pytest.mark.parametrize("mood", ["garbage", "cut", "half", "mute"])
def test_whatever_is_no_answer_is_no_verdict(mood):
    with running(mood=mood) as (_, address), pytest.raises(Unavailable):
        Clamd(address, longest=0.5).scan(iter([b"harmless"]))


def test_it_may_think_for_longer_than_it_may_stand_still_while_we_send():
    with running(mood="slow") as (_, address):
        assert Clamd(address, seconds=0.2).scan(iter([b"x", EICAR])).found


def test_more_than_clamd_ever_looks_at_is_not_sent(monkeypatch):
    monkeypatch.setattr(clamd, "LARGEST", 1000)
    with running() as (_, address):
        assert Clamd(address).scan(iter([b"x" * 400, b"x" * 600])).found == ""
        with pytest.raises(TooLarge):
            Clamd(address).scan(iter([b"x" * 400, b"x" * 600, b"x"]))


def test_too_large_a_file_is_told_apart_also_when_the_line_is_cut_in_between():
    with running(limit=200_000) as (_, address), pytest.raises(TooLarge):
        Clamd(address).scan(iter([b"x" * CHUNK] * 200))


@pytest.mark.parametrize("address", ["unix:/gibt/es/nicht", "tcp://127.0.0.1:1"])
def test_nobody_there_is_no_verdict(address):
    with pytest.raises(Unavailable):
        Clamd(address).version()


@pytest.mark.parametrize("text", ["", "clamav", "tcp://", "tcp://host", "http://host:3310", "unix:relativ"])
def test_an_address_of_another_kind_is_refused(text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        parse_address(text)


@pytest.mark.parametrize("cut", range(0, len(EICAR) + 1, 7))
def test_the_demo_scanner_finds_its_signature_across_pieces(cut):
    pieces = [b"z" * 50 + EICAR[:cut], EICAR[cut:] + b"z"]
    assert SignatureScanner().scan(iter(pieces)).found
    assert not SignatureScanner().scan(iter([EICAR[:-1]])).found
