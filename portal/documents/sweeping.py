"""Clears away what nobody needs: files without a row, rows without an owner. What is referenced cannot be touched.

A file on its way is under the advisory lock of its writer until its row is committed (store.hold), however long that
takes; a row on its way is under the foreign key of whoever points to it. So neither age nor clock decides alone.
"""

import contextlib
import datetime as dt
import math
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, ProtectedError, QuerySet
from django.db.models.fields.reverse_related import ForeignObjectRel

from portal.common import clock
from portal.documents import store
from portal.documents.models import StoredFile

ORPHAN_SECONDS = 3600
UNOWNED_AFTER = dt.timedelta(days=1)
SWEEP_EVERY = 6 * 3600  # seconds between two walks over the whole store
BATCH = 500
_OURS = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{60}|tmp/[0-9a-f]{32}")


def sweep_files() -> int:
    """Clear away, at most every six hours however often it is called. Returns how much went."""
    if not cache.add("documents:swept", "1", SWEEP_EVERY):
        return 0
    return remove_unowned() + remove_orphans()


def orphans() -> Iterator[Path]:
    """Files of ours that no row references and that were written more than an hour ago."""
    newest = clock.now().timestamp() - ORPHAN_SECONDS
    names = (name for name in _names() if _written(name) < newest)
    while batch := list(islice(names, BATCH)):
        wanted = set(StoredFile.objects.filter(path__in=batch).values_list("path", flat=True))
        yield from (store.root() / name for name in batch if name not in wanted)


def remove_orphans() -> int:
    """Delete what orphans() finds. Returns how many files went."""
    return sum(_remove(path) for path in orphans())


def _remove(path: Path) -> bool:
    """Asked again under the lock: whoever wrote this file has committed its row by then, or never will."""
    name = path.relative_to(store.root()).as_posix()
    with transaction.atomic():
        if not store.hold(name, wait=False) or StoredFile.objects.filter(path=name).exists():
            return False
        path.unlink(missing_ok=True)
    return True


def unowned() -> QuerySet[StoredFile]:
    """Files of yesterday or older to which no row of the house points: left by a crash between two transactions."""
    rows = StoredFile.objects.filter(destroyed_at=None, created_at__lt=clock.now() - UNOWNED_AFTER)
    for relation in StoredFile._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and isinstance(relation.related_model, type):
            pointing = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            rows = rows.exclude(Exists(pointing))
    return rows.order_by("id")


def remove_unowned() -> int:
    """Delete these rows and their files; the foreign keys of the database have the last word. Returns how many."""
    return sum(_disown(row) for row in list(unowned()[:BATCH]))


def _disown(row: StoredFile) -> bool:
    path = store.root() / row.path
    with contextlib.suppress(IntegrityError, ProtectedError), transaction.atomic():
        row.delete()
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
        transaction.on_commit(lambda: path.unlink(missing_ok=True), robust=True)
        return True
    return False


def _names() -> Iterator[str]:
    root = store.root()
    for folder, _, files in os.walk(root):
        place = Path(folder).relative_to(root)
        for file in files:
            name = (place / file).as_posix()
            if _OURS.fullmatch(name):
                yield name


def _written(name: str) -> float:
    """When the file was written; never, in effect, if it has just gone."""
    with contextlib.suppress(FileNotFoundError):
        return (store.root() / name).stat().st_mtime
    return math.inf
