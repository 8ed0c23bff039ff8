"""What is put into the store comes back whole or not at all; the disk and the database never show it."""

import io
import os
import stat
import tracemalloc

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal.common import crypto
from portal.documents import store
from portal.documents.models import StoredFile

CANARY = "Frau Grünwald-Öztürk wohnt in der Türkenstraße 7".encode()
BORDERS = sorted({max(0, n * store.CHUNK + d) for n in range(4) for d in (-17, -16, -1, 0, 1, 15, 16)})
database_and_examples = hypothesis_settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
pytestmark = pytest.mark.django_db


def on_disk(root, stored):
    return root / stored.path


@database_and_examples
@given(size=st.sampled_from(BORDERS) | st.integers(0, 3 * store.CHUNK), seed=st.binary(min_size=1, max_size=40))
def test_what_is_put_comes_back_at_every_size(size, seed):
    plain = (seed * (size // len(seed) + 1))[:size]
    stored = store.put(plain, media_type="text/plain")
    assert store.read(stored) == plain
    assert stored.size == size
    assert all(len(piece) <= store.CHUNK for piece in store.chunks(stored))


class Dripping(io.RawIOBase):
    """A stream that gives less than it is asked for, like a socket."""

    def __init__(self, data):
        self.inner = io.BytesIO(data)

    def read(self, size=-1):
        return self.inner.read(min(size, 1000))


def test_a_stream_that_drips_is_stored_whole():
    plain = os.urandom(store.CHUNK * 2)
    assert store.read(store.put(Dripping(plain), media_type="image/png")) == plain


def test_a_stream_is_never_whole_in_memory():
    class Zeros(io.RawIOBase):
        left = 40_000_000

        def read(self, size=-1):
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    tracemalloc.start()
    stored = store.put(Zeros(), media_type="application/octet-stream")
    assert sum(map(len, store.chunks(stored))) == stored.size == 40_000_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


@database_and_examples
@given(data=st.data())
def test_one_changed_byte_anywhere_is_noticed(own_file_store, data):
    stored = store.put(b"A" * (store.CHUNK + 100), media_type="text/plain")
    path = on_disk(own_file_store, stored)
    raw = bytearray(path.read_bytes())
    # version, nonce prefix, first chunk, its tag, second chunk, last tag
    index = data.draw(
        st.sampled_from(
            [0, 1, 7, 8, store.CHUNK + 7, store.CHUNK + 8, store.CHUNK + 23, store.CHUNK + 24, len(raw) - 1]
        )
        | st.integers(0, len(raw) - 1)
    )
    raw[index] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    with pytest.raises(store.FileDamaged):
        store.read(stored)


@pytest.mark.parametrize("keep", [0, 1, 8, 20, 8 + store.CHUNK, 8 + store.CHUNK + 16, -1])
def test_a_shortened_file_is_noticed(own_file_store, keep):
    stored = store.put(b"B" * (2 * store.CHUNK), media_type="text/plain")
    path = on_disk(own_file_store, stored)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(store.FileDamaged, match=r"Format|verändert, gekürzt"):  # not only by the hash at the end
        store.read(stored)


def test_a_lengthened_file_is_noticed(own_file_store):
    stored = store.put(b"B" * 10, media_type="text/plain")
    with open(on_disk(own_file_store, stored), "ab") as file:
        file.write(b"x")
    with pytest.raises(store.FileDamaged):
        store.read(stored)


def test_chunks_in_another_order_are_noticed(own_file_store):
    stored = store.put(b"C" * (3 * store.CHUNK), media_type="text/plain")
    path, step = on_disk(own_file_store, stored), store.CHUNK + 16
    raw = path.read_bytes()
    path.write_bytes(raw[:8] + raw[8 + step : 8 + 2 * step] + raw[8 : 8 + step] + raw[8 + 2 * step :])
    with pytest.raises(store.FileDamaged):
        store.read(stored)


def test_two_swapped_files_are_noticed(own_file_store):
    one, other = (store.put(text, media_type="text/plain") for text in (b"one", b"two"))
    a, b = on_disk(own_file_store, one), on_disk(own_file_store, other)
    raw_a, raw_b = a.read_bytes(), b.read_bytes()
    a.write_bytes(raw_b)
    b.write_bytes(raw_a)
    for stored in (one, other):
        with pytest.raises(store.FileDamaged):
            store.read(stored)


def test_a_row_that_borrows_path_and_key_of_another_does_not_open_its_file():
    one, other = (store.put(text, media_type="text/plain") for text in (b"one", b"two"))
    other.path, other.wrapped_key, other.sha256 = one.path, one.wrapped_key, one.sha256
    with pytest.raises(store.FileDamaged):
        store.read(other)


def test_a_missing_file_is_told_apart_from_a_crash(own_file_store):
    stored = store.put(b"x", media_type="text/plain")
    on_disk(own_file_store, stored).unlink()
    assert store.problem(stored) == "Die Datei fehlt."


def test_neither_the_disk_nor_a_dump_of_the_row_shows_the_content(own_file_store):
    store.put(CANARY * 3000, media_type="text/plain")
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(t)::text, t::text from documents_storedfile t")
        dump = "".join(cursor.fetchone()).encode()
    assert CANARY not in dump
    assert CANARY.hex().encode() not in dump
    files = [path for path in own_file_store.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert CANARY[:12] not in files[0].read_bytes()


def test_the_same_content_twice_gives_two_files_with_two_keys():
    one, other = (store.put(CANARY, media_type="text/plain") for _ in range(2))
    assert one.sha256 == other.sha256
    assert one.path != other.path
    assert bytes(one.wrapped_key) != bytes(other.wrapped_key)


def test_only_the_owner_may_read_the_file(own_file_store):
    stored = store.put(b"x", media_type="text/plain")
    assert stat.S_IMODE(on_disk(own_file_store, stored).stat().st_mode) == 0o600
    assert stat.S_IMODE(on_disk(own_file_store, stored).parent.stat().st_mode) == 0o700


def test_a_stream_that_breaks_leaves_neither_row_nor_file(own_file_store):
    class Breaks(io.RawIOBase):
        def read(self, size=-1):
            raise OSError("cable pulled")

    with pytest.raises(OSError, match="cable"):
        store.put(Breaks(), media_type="text/plain")
    assert not StoredFile.objects.exists()
    assert [path for path in own_file_store.rglob("*") if path.is_file()] == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_destroying_takes_key_hash_and_file(own_file_store):
    stored = store.put(CANARY, media_type="text/plain")
    path = on_disk(own_file_store, stored)
    assert store.destroy(stored) is True
    assert not path.exists()
    row = StoredFile.objects.get(pk=stored.pk)
    assert (row.wrapped_key, row.sha256, row.path) == (None, "", "")
    with pytest.raises(crypto.KeyDestroyed):
        store.read(row)
    assert store.destroy(row) is False


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_disposal_that_rolls_back_loses_nothing():
    stored = store.put(CANARY, media_type="text/plain")
    with pytest.raises(RuntimeError), transaction.atomic():
        store.destroy(StoredFile.objects.get(pk=stored.pk))
        raise RuntimeError
    assert store.read(StoredFile.objects.get(pk=stored.pk)) == CANARY


@pytest.mark.parametrize(
    "change",
    [
        {"wrapped_key": None},
        {"path": ""},
        {"path": "../../etc/passwd"},
        {"sha256": "zz"},
        {"size": -1},
        {"sha256": ""},
    ],
)
def test_the_database_refuses_half_a_file(change):
    stored = store.put(b"x", media_type="text/plain")
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.filter(pk=stored.pk).update(**change)


def test_the_database_refuses_two_rows_for_one_path():
    one, other = (store.put(b"x", media_type="text/plain") for _ in range(2))
    with pytest.raises(DatabaseError), transaction.atomic():
        StoredFile.objects.filter(pk=other.pk).update(path=one.path)
