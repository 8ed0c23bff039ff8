"""Drop folders: mails as .eml from a mail server, scans from a scanner.

A file is stored and committed first and then renamed into "done" beside it. Killed in between, it is found again under
the same name with the same bytes and makes no second row. Files that are still being written are left alone.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from forms_engine.intake.models import Source
from forms_engine.intake.receiving import KeyReused, TooLarge, limit, receive
from forms_engine.intake.sources.base import Polled
from portal.common import clock, os_errors

DONE, REFUSED = "done", "zu-gross"
SETTLED = 2.0  # seconds without a change
KEPT = dt.timedelta(days=7)  # what is stored here may be looked up in "done" for so long
PASSING = (".part", ".tmp", ".filepart", ".crdownload")
BATCH = 500


def by_content(path: Path, data: bytes) -> str:
    """The source's name for a file that anybody may have named."""
    return f"folder:{path.name}:{hashlib.sha256(data).hexdigest()}"


def poll(source: Source, folder: Path, label: str, *, named: Callable[[Path, bytes], str] = by_content) -> Polled:
    """Take everything that lies there. What goes wrong with one file is told and does not stop the others.

    `named`: what the source calls a file; the same name with other bytes is told and stays.
    """
    told = Polled(label)
    try:
        for name in (DONE, REFUSED):
            (folder / name).mkdir(exist_ok=True)
        for path in _ready(folder):
            _take(source, path, told, named)
        _clear(folder / DONE)
    except OSError as error:
        told.problems.append(
            f"Der Ordner {folder} lässt sich nicht lesen ({os_errors.why(error)}). Prüfen Sie die Rechte."
        )
    return told


def _ready(folder: Path) -> Iterator[Path]:
    newest = clock.now().timestamp() - SETTLED
    for path in sorted(folder.iterdir())[:BATCH]:
        hidden = path.name.startswith(".") or path.name.lower().endswith(PASSING)
        if not hidden and path.is_file() and not path.is_symlink() and path.stat().st_mtime <= newest:
            yield path


def _take(source: Source, path: Path, told: Polled, named: Callable[[Path, bytes], str]) -> None:
    try:
        if path.stat().st_size > limit(source):
            raise TooLarge
        data = path.read_bytes()
        if not data:
            return told.problems.append(f"{path.name} ist leer und bleibt liegen.")
        told.count(receive(source, data, name=named(path, data), facts={"name": path.name}).fresh)
    except TooLarge:
        told.problems.append(f"{path.name} ist zu groß und liegt jetzt im Ordner {REFUSED}.")
        return _move(path, REFUSED)
    except KeyReused:
        if named is by_content:  # another worker is at the very same file
            return None
        return told.problems.append(f"{path.name} kam schon mit anderem Inhalt und bleibt liegen.")
    except OSError as error:
        return told.problems.append(
            f"{path.name} lässt sich nicht übernehmen ({os_errors.why(error)}) und bleibt liegen."
        )
    return _move(path, DONE)


def _move(path: Path, to: str) -> None:
    """In one step, never over another file of the same name."""
    target = path.parent / to / path.name
    if target.exists():
        target = target.with_name(f"{clock.uuid().hex[:8]}-{path.name}")
    try:
        path.rename(target)
    except FileNotFoundError:  # another worker has moved it
        return


def _clear(done: Path) -> None:
    oldest = (clock.now() - KEPT).timestamp()
    for path in done.iterdir():
        if path.is_file() and path.stat().st_ctime < oldest:
            path.unlink(missing_ok=True)
