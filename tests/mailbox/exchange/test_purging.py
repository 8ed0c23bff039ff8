"""What has run out goes, and what has not stays."""

import datetime as dt
import os

import pytest
from django.core.management import call_command

from mailbox.exchange import actions, purging, vault
from mailbox.exchange.models import AccessLog, Room, RoomFile, Upload
from portal.common import clock
from tests.mailbox.exchange.tus_client import row

pytestmark = pytest.mark.django_db


def later(**span):
    return clock.frozen(clock.now() + dt.timedelta(**span))


def run(capsys, *arguments) -> str:
    call_command("exchange_purge", *arguments)
    return capsys.readouterr().out


def test_an_expired_room_loses_key_and_files_and_keeps_its_log(line, room, capsys, django_capture_on_commit_callbacks):
    line.clean(b"abc")
    with later(days=8), django_capture_on_commit_callbacks(execute=True):
        assert "Vernichtet: 1 Räume" in run(capsys)
    room.refresh_from_db()
    assert room.wrapped_key is None and not vault.path(room).exists()
    assert AccessLog.objects.filter(room=room, event="expired", actor="system:exchange").count() == 1


def test_a_dry_run_counts_and_touches_nothing(line, room, capsys):
    line.clean(b"abc")
    path = line.begin(5)
    before = list(Room.objects.values()), list(Upload.objects.values()), list(RoomFile.objects.values())
    with later(days=8):
        assert "Fällig: 1 Räume, 1 angefangene Dateien" in run(capsys, "--dry-run")
    assert before == (list(Room.objects.values()), list(Upload.objects.values()), list(RoomFile.objects.values()))
    assert vault.path(room).exists() and row(path).ended_at is None


def test_unfinished_uploads_go_after_a_day_and_whole_files_stay(line, django_capture_on_commit_callbacks):
    file = line.clean(b"abc")
    path = line.begin(5)
    line.patch(path, 0, b"ab")
    with later(days=1, minutes=1), django_capture_on_commit_callbacks(execute=True):
        assert purging.purge() == (0, 1, 0)
        assert purging.purge() == (0, 0, 0)
    assert not vault.path(row(path)).exists()
    file.refresh_from_db()
    assert file.deleted_at is None and vault.path(file.upload).exists()


def test_folders_that_a_crash_left_behind_go(line, room):
    """The key was destroyed, and the process died before it removed the files."""
    line.clean(b"abc")
    actions.end(room)
    vault.path(room).mkdir(exist_ok=True)
    (vault.path(room) / "rest").write_bytes(b"x")
    assert purging.purge() == (0, 0, 1)
    assert not vault.path(room).exists()


def test_what_is_not_ours_is_left_alone(line, room):
    foreign = vault.home() / "lost+found"
    foreign.mkdir()
    line.clean(b"abc")
    assert purging.purge() == (0, 0, 0)
    assert foreign.exists() and os.listdir(vault.path(room))


def test_a_deleted_account_ends_its_rooms(room, alice):
    assert actions.end_all(alice) == 1
    assert actions.end_all(alice) == 0
    room.refresh_from_db()
    assert room.wrapped_key is None
