"""Small files of every kind, made here so that no foreign file lies in the repository."""

import io
import struct
import zipfile
import zlib

import pikepdf

from portal.documents import archives


def pdf(pages: int = 1, note: str = "", **root: object) -> bytes:
    """A PDF with blank pages; `root` entries go into the catalogue."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    for name, value in root.items():
        document.Root["/" + name] = value
    if note:
        document.Root["/Note"] = pikepdf.String(note)
    return saved(document, deterministic_id=True)


def saved(document: pikepdf.Pdf, **options: object) -> bytes:
    target = io.BytesIO()
    document.save(target, **options)
    return target.getvalue()


def locked_pdf(user: str = "geheim") -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    return saved(document, encryption=pikepdf.Encryption(owner="o", user=user))


def png(width: int = 2, height: int = 2) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\0\0" * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def jpeg(width: int = 2, height: int = 2) -> bytes:
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\0"
    return b"\xff\xd8" + app0 + b"\xff\xff" + frame[1:] + b"\xff\xd9"


def heic(width: int = 2, height: int = 2) -> bytes:
    ispe = struct.pack(">I4sIII", 20, b"ispe", 0, width, height)
    return struct.pack(">I4s4sI", 16, b"ftyp", b"heic", 0) + struct.pack(">I4s", 8 + len(ispe), b"meta") + ispe


def office(kind: str, entries: dict[str, bytes] | None = None) -> bytes:
    """The smallest document of an office suite, with further entries."""
    main = next((name for name, known in archives.KINDS.items() if known == kind), None)
    parts = {"[Content_Types].xml": b"<Types/>", main: b"<document/>"} if main else {"content.xml": b"<office/>"}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        if not main:
            archive.writestr("mimetype", kind, zipfile.ZIP_STORED)
        for name, data in {**parts, **(entries or {})}.items():
            archive.writestr(name, data)
    return target.getvalue()
