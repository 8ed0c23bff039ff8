"""Foreign files are opened in a process of its own: whatever is in them ends as a note, in time and in memory."""

import io
import pathlib
import shutil
import struct
import time
import zlib

import pikepdf
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from forms_engine.intake import reading

FONT = pathlib.Path("portal/documents/typefaces/FiraSans-Regular.ttf")
needs_tesseract = pytest.mark.skipif(not shutil.which("tesseract"), reason="Es fehlt: apt-get install tesseract-ocr")


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


def test_without_the_program_a_picture_says_that_nobody_read_it(monkeypatch):
    monkeypatch.setattr(reading, "PROGRAMS", "/nonexistent")
    Image.new("L", (50, 50), 255).save(page := io.BytesIO(), "PNG")
    assert "tesseract fehlt" in reading.look(page.getvalue()).note


def scanned(*pages: str, code: str = "", kind: str = "TIFF") -> bytes:
    """Pages as a scanner sends them: 150 dots per inch, no text but its picture; the code on the last one."""
    font = ImageFont.truetype(str(FONT), 34)
    drawn = []
    for text in pages:
        drawn.append(Image.new("L", (1240, 1754), 255))
        ImageDraw.Draw(drawn[-1]).multiline_text((120, 200), text, fill=0, font=font, spacing=20)
    if code:
        square = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode).to_image(scale=6)
        drawn[-1].paste(Image.fromarray(square), (800, 1300))
    drawn[0].save(made := io.BytesIO(), kind, save_all=True, append_images=drawn[1:], resolution=150)
    return made.getvalue()


@needs_tesseract
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["TIFF", "PDF"])
def test_every_page_of_a_scan_becomes_text(kind):
    found = reading.look(
        scanned(
            "Sehr geehrte Damen und Herren,\nich lege Widerspruch ein gegen den Bescheid.",
            "Die Gebühr für den Müllbehälter\nist zu hoch.\nMit freundlichen Grüßen",
            code="EINGANG-1",
            kind=kind,
        )
    )
    words = " ".join(found.text.split())
    assert "ich lege Widerspruch ein gegen den Bescheid" in words
    assert "Die Gebühr für den Müllbehälter ist zu hoch" in words and "Grüßen" in words
    assert (found.codes, found.note) == (("EINGANG-1",), "")


@pytest.mark.slow
def test_a_picture_that_cannot_be_recognised_does_not_end_the_reading(monkeypatch, tmp_path):
    broken = tmp_path / "tesseract"
    broken.write_text(f"#!/bin/sh\n[ -e {tmp_path}/called ] && echo Seite && exit\ntouch {tmp_path}/called\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(reading, "PROGRAMS", f"{tmp_path}:/usr/bin:/bin")
    found = reading.look(scanned("eins", "zwei"))
    assert (found.text.split(), found.note) == (["Seite"], "")


@pytest.mark.slow
def test_a_scan_that_takes_too_long_keeps_its_code_and_says_how_far_it_came(monkeypatch, tmp_path):
    slow = tmp_path / "tesseract"
    slow.write_text("#!/bin/sh\nsleep 9\necho Seite\n")
    slow.chmod(0o755)
    monkeypatch.setattr(reading, "PROGRAMS", f"{tmp_path}:/usr/bin:/bin")
    found = reading.look(scanned("eins", "zwei", "drei", code="EINGANG-1"))
    assert found.codes == ("EINGANG-1",) and found.text.split() == ["Seite"]
    assert found.note == "Die Texterkennung kam nur bis Seite 1."


def test_a_reader_that_hangs_is_stopped(monkeypatch):
    monkeypatch.setattr(reading, "SECONDS", 1)
    monkeypatch.setattr(reading, "MEMORY", 40_000_000)  # too little to begin
    assert reading.look(b"%PDF-1.4").note == reading.NOTHING


@pytest.mark.parametrize(
    ("head", "kind"), [(b"%PDF-1.7", "application/pdf"), (b"MM\0*", "image/tiff"), (b"GIF89a", None)]
)
def test_the_kind_is_told_by_the_bytes(head, kind):
    assert reading.kind(head) == kind
