"""Files of an import: a schema, and code lists beside it, in one ZIP or given by name. Nothing from the network."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from forms_engine.fim import genericode, reader
from forms_engine.fim.export import Source
from forms_engine.fim.xml import MAX_BYTES, FimError, Problem

MOST_FILES = 200


@dataclass(frozen=True)
class Intake:
    """What was read. `files` are the raw bytes by name, the schema first."""

    source: Source
    files: dict[str, bytes]


def read_files(files: dict[str, bytes]) -> Intake:
    """Exactly one schema, any number of code lists. Raises FimError; each problem names its file."""
    unpacked: dict[str, bytes] = {}
    for name, data in files.items():
        unpacked |= _unzipped(name, data) if data[:4] == b"PK\x03\x04" else {name: data}
    schemas = [name for name, data in unpacked.items() if not genericode.is_code_list(data)]
    if len(schemas) != 1:
        found = ", ".join(schemas) or "keines"
        raise FimError([Problem(0, 0, f"Nennen Sie genau ein Schema. Gefunden: {found}.")])
    problems: list[Problem] = []
    lists = []
    for name, data in unpacked.items():
        if name != schemas[0]:
            try:
                lists.append(genericode.read(data, Path(name).name))
            except FimError as error:
                problems += [Problem(p.line, p.column, f"{name}: {p.sentence}") for p in error.problems]
    if problems:
        raise FimError(problems)
    raw = unpacked[schemas[0]]
    source = Source(reader.read(raw), hashlib.sha256(raw).hexdigest(), genericode.Store(lists))
    return Intake(source, {schemas[0]: raw} | unpacked)


def _unzipped(name: str, data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _entries(name, archive)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
        # RuntimeError: a password; NotImplementedError: a way of packing we do not have.
        raise FimError([Problem(0, 0, f"{name}: Das Archiv ist nicht lesbar.")]) from None


def _entries(name: str, archive: zipfile.ZipFile) -> dict[str, bytes]:
    """The XML files of a ZIP, bounded in number and size as it is read, whatever the archive says of itself."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise FimError([Problem(0, 0, f"{name}: Das Archiv hat mehr als {MOST_FILES} Dateien.")])
    found: dict[str, bytes] = {}
    left = MAX_BYTES
    for entry in (one for one in entries if one.filename.lower().endswith(".xml")):
        with archive.open(entry) as stream:
            found[entry.filename] = stream.read(left + 1)
        left -= len(found[entry.filename])
        if left < 0:
            raise FimError([Problem(0, 0, f"{name}: Das Archiv ist ausgepackt zu groß.")])
    return found


def paths_in(places: Iterable[Path]) -> list[Path]:
    """Files as given; of a folder its XML files."""
    found: list[Path] = []
    for place in places:
        found += sorted(place.glob("*.xml")) if place.is_dir() else [place]
    return found
