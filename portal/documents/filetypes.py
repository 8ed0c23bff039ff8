"""What a file really is, told from its own bytes. Names and the browser's Content-Type are never believed.

Pure: a seekable stream in, a value or a German sentence out. Signatures: PDF ISO 32000-2 7.5.2, PNG W3C 5.2,
JPEG ITU-T T.81 B.1.1, HEIF ISO/IEC 23008-12, office documents archives.py.
"""

import re
import struct
from collections.abc import Callable, Iterable
from typing import BinaryIO

import pikepdf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

from portal.documents import archives

MAX_PIXELS = 100_000_000
_HEAD = 4096
_META = 262_144
_REPAIRED = 20_000_000  # bytes of a PDF with a broken table of contents
_PDF_OBJECTS = 200_000  # a 10 MB scan has a few hundred; beyond this a reader would have to work for us

PDF, JPEG, PNG, HEIC = "application/pdf", "image/jpeg", "image/png", "image/heic"
DOCX, XLSX = archives.KINDS.values()
ODT, ODS = archives.ODF
NAMES = {PDF: "PDF", JPEG: "JPG", PNG: "PNG", HEIC: "HEIC", DOCX: "DOCX", XLSX: "XLSX", ODT: "ODT", ODS: "ODS"}
OFFICE = (DOCX, XLSX, ODT, ODS)
_ARCHIVE, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}

_SUSPECT = re.compile(rb"/JS\b|/JavaScript\b|/Launch\b|/EF\b|/EmbeddedFiles?\b")
_SCRIPT = _lazy("Die PDF-Datei enthält Programmcode. Drucken Sie sie neu als PDF und wählen Sie diese.")
_LAUNCH = _lazy("Die PDF-Datei startet andere Programme. Drucken Sie sie neu als PDF und wählen Sie diese.")
_EMBEDDED = _lazy("In der PDF-Datei stecken weitere Dateien. Drucken Sie sie neu als PDF und wählen Sie diese.")
_LOCKED_PDF = _lazy("Die PDF-Datei ist mit einem Kennwort geschützt. Speichern Sie sie ohne Kennwort.")
_BROKEN_PDF = _lazy("Die PDF-Datei ist beschädigt. Speichern Sie sie neu und wählen Sie sie noch einmal.")

# Windows, Linux, macOS (five ways), Java and Android, scripts, shortcuts, installers.
_PROGRAMS = (
    b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe", b"dex\n", b"#!", b"L\x00\x00\x00\x01\x14\x02\x00", b"MSCF", b"!<arch>\n", b"@echo",
)  # fmt: skip


class Refused(Exception):
    """The file cannot be taken. `sentence` is for the page, names no file and says what to do."""

    def __init__(self, sentence: StrOrPromise):
        super().__init__(sentence)
        self.sentence = str(sentence)


def media_type(head: bytes) -> str | None:
    """The type told by the first bytes; None for everything that is not in the table."""
    if head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t \0")[:5] == b"%PDF-":
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return HEIC
    return None


def is_program(head: bytes) -> bool:
    return head.lower().startswith(_PROGRAMS) or head.startswith(_PROGRAMS)


def examine(stream: BinaryIO, allowed: tuple[str, ...]) -> str:
    """The media type of an acceptable file. Raises Refused with the sentence for the first cause found."""
    stream.seek(0)
    head = stream.read(_HEAD)
    kinds = listed([NAMES.get(kind, kind) for kind in allowed])
    if not head:
        raise Refused(_("Die Datei ist leer. Wählen Sie eine Datei mit Inhalt."))
    if is_program(head):
        raise Refused(_("Die Datei ist ein Programm. Wählen Sie eine Datei vom Typ %(kinds)s.") % {"kinds": kinds})
    found = archives.media_type(stream) if head.startswith(_ARCHIVE) else media_type(head)
    if head.startswith(_OLD_OFFICE):  # the envelope of old formats, and of new ones with a password
        raise Refused(_("Die Datei ist geschützt oder veraltet. Speichern Sie sie als PDF ohne Kennwort."))
    if found is None or found not in allowed:
        raise Refused(_("Dieser Dateityp geht hier nicht. Wählen Sie eine Datei vom Typ %(kinds)s.") % {"kinds": kinds})
    if found in OFFICE:
        if sentence := archives.problem(stream):
            raise Refused(sentence)
    else:
        _check_single(stream, head, found)
        (_check_pdf if found == PDF else _check_image)(stream, found)
    stream.seek(0)
    return found


def _check_single(stream: BinaryIO, head: bytes, found: str) -> None:
    """One file that others would take for a second kind of file (a polyglot) passes no scanner unseen."""
    also_pdf = found != PDF and b"%PDF-" in head[:1024]  # where readers look for it (ISO 32000-1 annex H)
    if also_pdf or archives.ends_as_archive(stream):
        raise Refused(_("Die Datei enthält eine zweite, versteckte Datei. Speichern Sie sie neu, etwa als PDF."))


def listed(names: list[str]) -> str:
    return " oder ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _check_pdf(stream: BinaryIO, _found: str) -> None:
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 2 * _HEAD))
    if b"%%EOF" not in stream.read():  # cut off on the way; a small slip elsewhere is repaired by every reader
        raise Refused(_BROKEN_PDF)
    stream.seek(0)
    try:
        # Repairing reads every byte as a token: no worker is kept for minutes by a large heap of rubble.
        with pikepdf.open(stream, suppress_warnings=True, attempt_recovery=size <= _REPAIRED) as pdf:
            if pdf.is_encrypted:
                raise Refused(_LOCKED_PDF)
            if not len(pdf.pages):
                raise Refused(_("Die PDF-Datei hat keine Seiten. Wählen Sie eine andere Datei."))
            if sentence := _danger(pdf):
                raise Refused(sentence)
    except pikepdf.PasswordError:
        raise Refused(_LOCKED_PDF) from None
    except pikepdf.PikepdfError:
        raise Refused(_BROKEN_PDF) from None


def _danger(pdf: pikepdf.Pdf) -> StrOrPromise:
    """What any object does or hides, wherever it stands (ISO 32000-2 12.6.4, 7.11.4); "" for none."""
    for count, item in enumerate(pdf.objects):
        if count > _PDF_OBJECTS:
            return _SCRIPT
        held = item.stream_dict if isinstance(item, pikepdf.Stream) else item
        # The text form is quick and has escaped names spelled out; only a hit is worth the walk.
        if _SUSPECT.search(held.unparse(resolved=True)) and (sentence := _in_object(held)):
            return sentence
    return ""


def _in_object(held: object, depth: int = 0) -> StrOrPromise:
    """Walks what lies directly in one object: indirect ones have their own turn."""
    if depth > 20:
        return _SCRIPT
    if isinstance(held, pikepdf.Dictionary):
        kind = held.get("/S")
        if "/JS" in held or "/JavaScript" in held or kind == pikepdf.Name.JavaScript:
            return _SCRIPT
        if kind == pikepdf.Name.Launch:
            return _LAUNCH
        if "/EF" in held or "/EmbeddedFiles" in held or held.get("/Type") == pikepdf.Name.EmbeddedFile:
            return _EMBEDDED
        inner: Iterable[object] = held.values()
    elif isinstance(held, pikepdf.Array):
        inner = iter(held)
    else:
        return ""
    direct = (part for part in inner if isinstance(part, pikepdf.Object) and not part.is_indirect)
    return next((sentence for part in direct if (sentence := _in_object(part, depth + 1))), "")


def _check_image(stream: BinaryIO, found: str) -> None:
    size = _SIZES[found](stream)
    if size is None or not all(size):
        raise Refused(_("Die Bilddatei ist beschädigt. Speichern Sie sie neu und wählen Sie sie noch einmal."))
    if size[0] * size[1] > MAX_PIXELS:
        raise Refused(_("Das Bild hat mehr als 100 Megapixel. Verkleinern Sie es und wählen Sie es noch einmal."))


def _png_size(stream: BinaryIO) -> tuple[int, int] | None:
    stream.seek(0)
    head = stream.read(24)
    if len(head) < 24 or head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _jpeg_size(stream: BinaryIO) -> tuple[int, int] | None:
    """Jumps from marker to marker up to the frame header SOF0 to SOF15 (T.81 B.2.2)."""
    stream.seek(2)
    while (byte := stream.read(1)) == b"\xff":
        while byte == b"\xff":  # fill bytes
            byte = stream.read(1)
        length = stream.read(2)
        if len(length) < 2 or int.from_bytes(length) < 2:
            return None
        if 0xC0 <= byte[0] <= 0xCF and byte[0] not in (0xC4, 0xC8, 0xCC):
            frame = stream.read(5)
            return (int.from_bytes(frame[3:5]), int.from_bytes(frame[1:3])) if len(frame) == 5 else None
        stream.seek(int.from_bytes(length) - 2, 1)
    return None


def _heic_size(stream: BinaryIO) -> tuple[int, int] | None:
    """The largest picture named by an ispe box; the boxes stand before the picture data."""
    stream.seek(0)
    head = stream.read(_META)
    sizes = [
        struct.unpack(">II", head[at + 8 : at + 16])
        for at in (match.start() for match in re.finditer(b"ispe", head))
        if len(head) >= at + 16
    ]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


_SIZES: dict[str, Callable[[BinaryIO], tuple[int, int] | None]] = {
    PNG: _png_size,
    JPEG: _jpeg_size,
    HEIC: _heic_size,
}
