"""Operators can prove the store whole and clear away what a crash left."""

import json
import os
import time

import pytest
from django.core.cache import cache
from django.core.management import call_command

from portal.documents import store, sweeping
from portal.documents.models import StoredFile

pytestmark = pytest.mark.django_db


def make_old(path, seconds=7200):
    os.utime(path, (time.time() - seconds,) * 2)


def orphan(root, *, old=True):
    """What a crash between the file and its row leaves."""
    stored = store.put(b"lost", media_type="text/plain")
    path = root / stored.path
    StoredFile.objects.filter(pk=stored.pk).delete()
    if old:
        make_old(path)
    return path


def test_a_whole_store_verifies(capsys):
    store.put(b"x", media_type="text/plain")
    call_command("files_verify", "--json")
    assert json.loads(capsys.readouterr().out) == {"checked": 1, "problems": []}


def test_a_damaged_and_a_missing_file_are_named_and_the_exit_is_1(own_file_store, capsys):
    good, bad, gone = (store.put(b"x", media_type="text/plain") for _ in range(3))
    (own_file_store / bad.path).write_bytes(b"\x01 nonsense")
    (own_file_store / gone.path).unlink()
    with pytest.raises(SystemExit) as exit_:
        call_command("files_verify", "--json")
    assert exit_.value.code == 1
    named = {row["file"] for row in json.loads(capsys.readouterr().out)["problems"]}
    assert named == {str(bad.public_id), str(gone.public_id)}
    assert str(good.public_id) not in named


def test_a_destroyed_file_is_no_problem(django_capture_on_commit_callbacks, capsys):
    with django_capture_on_commit_callbacks(execute=True):
        store.destroy(store.put(b"x", media_type="text/plain"))
    call_command("files_verify")
    assert "0 mit Fehlern" in capsys.readouterr().out


def test_an_orphan_goes_after_an_hour_and_a_referenced_file_never(own_file_store):
    kept = store.put(b"kept", media_type="text/plain")
    make_old(own_file_store / kept.path, 10**8)
    lost, young = orphan(own_file_store), orphan(own_file_store, old=False)
    call_command("files_sweep")
    assert not lost.exists()
    assert young.exists()
    assert store.read(kept) == b"kept"


def test_a_dry_run_names_orphans_and_deletes_nothing(own_file_store, capsys):
    lost = orphan(own_file_store)
    call_command("files_sweep", "--dry-run")
    assert lost.name in capsys.readouterr().out
    assert lost.exists()


def test_the_rest_of_a_killed_write_goes_too(own_file_store):
    part = own_file_store / "tmp" / ("a" * 32)
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    make_old(part)
    assert sweeping.remove_orphans() == 1


def test_files_that_are_not_ours_stay(own_file_store):
    own_file_store.mkdir()
    foreign = own_file_store / "LIESMICH.txt"
    foreign.write_text("Sicherung läuft nachts")
    make_old(foreign)
    assert sweeping.remove_orphans() == 0
    assert foreign.exists()


def test_the_sweep_walks_the_store_only_now_and_then(own_file_store):
    cache.delete("documents:swept")
    orphan(own_file_store)
    assert sweeping.sweep_files() == 1
    lost = orphan(own_file_store)
    assert sweeping.sweep_files() == 0
    assert lost.exists()
