"""Foreign files are opened in a process of its own: whatever is in them ends as a note, in time and in memory."""

import io
import struct
import time
import zlib

import pikepdf
import pytest
from PIL import Image

from forms_engine.intake import reading


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 10^10 pixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    made = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + made


def locked() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(target := io.BytesIO(), encryption=pikepdf.Encryption(user="geheim", owner="geheim"))
    return target.getvalue()


@pytest.mark.sample(6)
@pytest.mark.parametrize(
    "data",
    [
        bomb(),
        locked(),
        b"%PDF-1.4\n" + b"1 0 obj<</Kids[1 0 R]>>endobj " * 500,
        b"\xff\xd8\xff\xe0 rubbish",
        b"",
        b"II*\0\xff",
    ],
    ids=["bomb", "locked", "loop", "half a picture", "nothing", "half a TIFF"],
)
def test_rubble_is_a_note(data):
    began = time.monotonic()
    found = reading.look(data)
    assert (found.text, found.codes) == ("", ()) and found.note and time.monotonic() - began < 30


def test_without_the_program_a_picture_says_that_nobody_read_it():
    Image.new("L", (50, 50), 255).save(page := io.BytesIO(), "PNG")
    assert "tesseract fehlt" in reading.look(page.getvalue()).note


def test_a_reader_that_hangs_is_stopped(monkeypatch):
    monkeypatch.setattr(reading, "SECONDS", 1)
    monkeypatch.setattr(reading, "MEMORY", 40_000_000)  # too little to begin
    assert reading.look(b"%PDF-1.4").note == reading.NOTHING


@pytest.mark.parametrize(
    ("head", "kind"), [(b"%PDF-1.7", "application/pdf"), (b"MM\0*", "image/tiff"), (b"GIF89a", None)]
)
def test_the_kind_is_told_by_the_bytes(head, kind):
    assert reading.kind(head) == kind
