"""The format on the disk: append only, cut anywhere, moved nowhere."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbox.exchange import records
from mailbox.exchange.records import RECORD, Sealed, Writer, read
from portal.documents.store import FileDamaged

KEY, IDENTITY = bytes(range(32)), bytes(range(16))
blocks = st.lists(st.binary(min_size=1, max_size=300), max_size=8)


@pytest.fixture
def fresh(tmp_path):
    """fresh() is an empty file under another name each time."""
    count = iter(range(10_000))
    return lambda: Sealed(tmp_path / str(next(count)), IDENTITY, KEY, 0, 0)


def write(sealed: Sealed, pieces, opening: int = 1) -> Sealed:
    with Writer(sealed, opening) as writer:
        for piece in pieces:
            writer.append(piece)
        writer.keep()
        return sealed._replace(offset=writer.offset, position=writer.position)


quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(pieces=blocks, data=st.data())
def test_any_stretch_reads_back_as_it_was_written(fresh, pieces, data):
    sealed, plain = write(fresh(), pieces), b"".join(pieces)
    start = data.draw(st.integers(0, len(plain) + 5))
    stop = data.draw(st.none() | st.integers(0, len(plain) + 5))
    assert b"".join(read(sealed, start, stop)) == plain[start:stop]


@quick
@given(first=blocks, lost=st.binary(min_size=1, max_size=900), second=blocks, torn=st.integers(0, 2000))
def test_whatever_a_dead_writer_left_behind_the_next_one_goes_on_from_the_row(fresh, first, lost, second, torn):
    """Killed with a record half on the disk, or whole but not in the row."""
    kept = write(fresh(), first)
    write(kept, [lost], opening=2)
    os.truncate(kept.path, kept.position + min(torn, kept.path.stat().st_size - kept.position))
    assert b"".join(read(kept)) == b"".join(first)
    whole = write(kept, second, opening=3)
    assert b"".join(read(whole)) == b"".join(first + second)
    assert whole.path.stat().st_size == whole.position


@quick
@given(first=blocks.filter(bool), cut=st.integers(1, 10_000))
def test_a_file_that_is_shorter_than_its_row_never_reads_as_whole(fresh, first, cut):
    kept = write(fresh(), first)
    os.truncate(kept.path, max(0, kept.position - cut))
    with pytest.raises(FileDamaged):
        list(read(kept))
    with pytest.raises(FileDamaged):
        Writer(kept, 2)


@quick
@given(first=blocks.filter(bool), where=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_changed_bit_is_noticed(fresh, first, where, bit):
    kept = write(fresh(), first)
    data = bytearray(kept.path.read_bytes())
    data[where % len(data)] ^= 1 << bit
    kept.path.write_bytes(data)
    with pytest.raises(FileDamaged):
        list(read(kept))


def test_records_cannot_change_places(fresh):
    kept = write(fresh(), [b"a" * 100, b"b" * 100])
    data, half = kept.path.read_bytes(), kept.position // 2
    kept.path.write_bytes(data[half:] + data[:half])
    with pytest.raises(FileDamaged):
        list(read(kept))


@pytest.mark.parametrize("change", [{"identity": bytes(16)}, {"key": bytes(32)}])
def test_another_upload_or_key_opens_nothing(fresh, change):
    with pytest.raises(FileDamaged):
        list(read(write(fresh(), [b"abc"])._replace(**change)))


def test_a_length_that_no_writer_wrote_is_damage_and_no_memory(fresh):
    kept = write(fresh(), [b"abc"])
    kept.path.write_bytes(b"\xff\xff\xff\xff" + kept.path.read_bytes()[4:])
    with pytest.raises(FileDamaged):
        list(read(kept))


def test_a_missing_file_is_damage(fresh):
    with pytest.raises(FileDamaged):
        list(read(fresh()._replace(offset=1, position=29)))


def test_no_counter_is_ever_used_twice(fresh):
    """Two writers that began at the same row: one of them died. Under one counter GCM gives both contents away."""
    kept, seen = fresh(), set()
    for opening in (1, 2, 3):
        write(kept, [b"x" * opening] * 3, opening)
        data = kept.path.read_bytes()
        position = 0
        while position < len(data):
            size, counter = records._HEADER.unpack_from(data, position)
            assert counter not in seen
            seen.add(counter)
            position += records._HEADER.size + size
    assert len(seen) == 9


def test_a_range_passes_over_what_lies_before_it(fresh, monkeypatch):
    kept = write(fresh(), [bytes([n]) * 1000 for n in range(50)])
    opened, cipher = [], records.AESGCM(KEY)

    class Counting:
        def decrypt(self, *args):
            opened.append(1)
            return cipher.decrypt(*args)

    monkeypatch.setattr(records, "AESGCM", lambda key: Counting())
    assert b"".join(read(kept, 30_500, 31_500)) == bytes([30]) * 500 + bytes([31]) * 500
    assert len(opened) == 2


def test_a_record_is_small_enough_for_many_at_once():
    assert RECORD <= 1024 * 1024
