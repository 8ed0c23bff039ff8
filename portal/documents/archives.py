"""Office documents are ZIP archives: what one promises to unpack to, told from its table of contents alone.

Pure, nothing is unpacked. Tables that lie are caught where it counts: entries may not overlap, nor stand outside the
file, and no entry may promise more than deflate can hold (1032:1). APPNOTE 6.3.10; ISO/IEC 29500-2; ODF 1.3 part 2.
"""

import struct
import zipfile
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

MAX_ENTRIES = 5000
MAX_UNPACKED = 300_000_000  # bytes of all entries together
MAX_RATIO = 100  # of all entries together, beyond the first 10 MB
_EOCD = b"PK\x05\x06"
# What an archive is, by an entry that must be there.
KINDS = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ODF = ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet")
BOMB = _lazy("Die Datei wird beim Öffnen riesig. Speichern Sie sie als PDF und wählen Sie diese.")
BROKEN = _lazy("Die Datei ist beschädigt. Speichern Sie sie neu und wählen Sie sie noch einmal.")
MACROS = _lazy("Die Datei enthält Makros. Speichern Sie sie als PDF und wählen Sie diese.")
LOCKED = _lazy("Die Datei ist mit einem Kennwort geschützt. Speichern Sie sie ohne Kennwort.")


def ends_as_archive(stream: BinaryIO) -> bool:
    """Whether an unpacker would take this file for an archive, whatever it begins with."""
    size = stream.seek(0, 2)
    start = max(0, size - 66_000)  # the longest comment and the record before it
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(_EOCD)
    while at >= 0:
        if len(tail) >= at + 22 and struct.unpack("<H", tail[at + 20 : at + 22])[0] == len(tail) - at - 22:
            return True
        at = tail.rfind(_EOCD, 0, at)
    return False


def media_type(stream: BinaryIO) -> str | None:
    """Which office document this archive is; None for any other archive, and for what is none."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return _kind(archive, archive.namelist()[: MAX_ENTRIES + 1])
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError, OSError, RuntimeError):
        return None


def _kind(archive: zipfile.ZipFile, names: list[str]) -> str | None:
    if names[:1] == ["mimetype"]:
        with archive.open("mimetype") as source:
            found = source.read(100).decode("ascii", "replace")
        return found if found in ODF else None
    known = [kind for name, kind in KINDS.items() if name in names]
    return known[0] if known and "[Content_Types].xml" in names else None


def problem(stream: BinaryIO) -> StrOrPromise:
    """The sentence why this archive is not taken; "" if it is fine."""
    size = stream.seek(0, 2)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return BROKEN
    if any(entry.flag_bits & 1 or entry.filename == "EncryptedPackage" for entry in entries):
        return LOCKED
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        return MACROS
    if any(entry.filename.startswith(("Basic/", "Scripts/")) for entry in entries):
        return MACROS
    if any(".." in entry.filename.split("/") or entry.filename.startswith("/") for entry in entries):
        return BROKEN
    return BOMB if _swells(entries, size) else ""


def _swells(entries: list[zipfile.ZipInfo], size: int) -> bool:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > 10_000_000 + MAX_RATIO * size:
        return True
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end or entry.file_size > 1032 * entry.compress_size + 100:
            return True
        end = entry.header_offset + 30 + entry.compress_size
    return end > size
