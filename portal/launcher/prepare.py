"""Bring a fresh or old database to the present: tables, static files, the demo city. Each step may run again."""

import hashlib
import pathlib

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from portal.launcher import seed


def prepare() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    collect_static()
    seed.seed()


def collect_static() -> None:
    """collectstatic with hashed and compressed files, skipped while the sources are the same."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            source = pathlib.Path(storage.path(path)).stat()
            digest.update(f"{path} {source.st_size} {source.st_mtime_ns}\n".encode())
    stamp = settings.STATIC_ROOT / ".stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest.hexdigest():
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(digest.hexdigest(), encoding="utf-8")
