"""The sweep never takes what is referenced or about to be, however old it looks."""

import datetime as dt
import os
import threading

import pytest
from django.db import connection, transaction

from portal.common import clock
from portal.documents import store, sweeping
from portal.documents.models import StoredFile


def age(path):
    os.utime(path, (0, 0))


@pytest.mark.django_db(transaction=True)
def test_a_file_whose_row_is_on_its_way_survives_the_sweep(own_file_store):
    found: list[int] = []

    def sweep():
        found.append(sweeping.remove_orphans())
        connection.close()

    with transaction.atomic():
        stored = store.put(b"unterwegs", media_type="text/plain")
        age(own_file_store / stored.path)
        thread = threading.Thread(target=sweep)
        thread.start()
        thread.join()
    assert found == [0]
    assert store.read(stored) == b"unterwegs"


@pytest.mark.django_db(transaction=True)
def test_a_file_whose_row_never_came_goes(own_file_store):
    with pytest.raises(RuntimeError), transaction.atomic():
        stored = store.put(b"verloren", media_type="text/plain")
        raise RuntimeError
    age(own_file_store / stored.path)
    assert sweeping.remove_orphans() == 1
    assert not (own_file_store / stored.path).exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_row_without_an_owner_goes_after_a_day_with_its_file(own_file_store):
    stored = store.put(b"x", media_type="text/plain")
    assert sweeping.remove_unowned() == 0
    with clock.frozen(clock.now() + dt.timedelta(days=2)):
        assert sweeping.remove_unowned() == 1
    assert not StoredFile.objects.exists()
    assert not (own_file_store / stored.path).exists()


@pytest.mark.parametrize("size", [0, 1, store.CHUNK - 1, store.CHUNK, store.CHUNK + 1, 3 * store.CHUNK])
@pytest.mark.django_db
def test_a_stored_file_is_read_anywhere_in_it(size):
    plain = os.urandom(size)
    with store.opened(store.put(plain, media_type="text/plain")) as source:
        assert source.read() == plain
        for place in (0, size // 2, max(0, size - 3), store.CHUNK - 2):
            source.seek(place)
            assert source.read(5) == plain[place : place + 5]
        source.seek(-min(4, size), 2)
        assert source.read() == plain[size - min(4, size) :]


@pytest.mark.django_db
def test_a_changed_piece_does_not_open_in_the_middle_either(own_file_store):
    stored = store.put(b"A" * 3 * store.CHUNK, media_type="text/plain")
    path = own_file_store / stored.path
    raw = bytearray(path.read_bytes())
    raw[-20] ^= 1
    path.write_bytes(raw)
    with store.opened(stored) as source:
        assert source.read(10) == b"A" * 10
        source.seek(2 * store.CHUNK + 5)
        with pytest.raises(store.FileDamaged):
            source.read(1)
