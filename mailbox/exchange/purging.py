"""What has run out goes: rooms with their key and files, uploads nobody went on with, folders a crash left behind."""

import contextlib
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mailbox.exchange import actions, vault
from mailbox.exchange.models import Room, Upload
from portal.common import clock

BATCH = 100


class Purge(NamedTuple):
    """How much went, or would go."""

    rooms: int
    uploads: int
    folders: int


def purge(*, dry_run: bool = False) -> Purge:
    """All that is due now. A second run at the same time does no harm: every step is one conditional update."""
    rooms = Room.objects.filter(ended_at=None, expires_at__lte=clock.now()).order_by("id")
    # A whole upload lives as long as its file.
    late = Upload.objects.filter(ended_at=None, file=None, expires_at__lte=clock.now(), room__ended_at=None)
    folders = list(left_behind())
    if dry_run:
        return Purge(rooms.count(), late.count(), len(folders))
    dropped = sum(actions.drop(upload) for upload in late.select_related("room").order_by("id")[:BATCH])
    ended = sum(actions.end(room) for room in rooms[:BATCH])
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return Purge(ended, dropped, len(folders))


def sweep() -> int:
    return sum(purge())


def left_behind() -> Iterator[Path]:
    """Folders of rooms that have ended: their bytes open no more, but they take space."""
    folders = {}
    for folder in vault.home().iterdir():
        with contextlib.suppress(ValueError):
            folders[uuid.UUID(hex=folder.name)] = folder
    ended = Room.objects.filter(public_id__in=folders, ended_at__isnull=False).values_list("public_id", flat=True)
    return (folders[public_id] for public_id in ended)
