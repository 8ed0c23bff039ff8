"""Runs as a program of its own: reads a PDF or a picture on stdin, prints {"text", "codes", "notes"} as JSON.

Foreign files are opened here and nowhere else, by a process without database, keys and network use, that has little
time and memory (reading.py). It imports nothing of ours and knows no settings.
"""

import io
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pypdf
import zxingcpp
from PIL import Image, ImageSequence, UnidentifiedImageError

MAX_PAGES, MAX_PICTURES, MAX_TEXT = 20, 40, 100_000
OCR_SECONDS = 15  # of the 25 that reading.py gives
Image.MAX_IMAGE_PIXELS = 100_000_000


def look(data: bytes) -> dict[str, object]:
    texts: list[str] = []
    codes: list[str] = []
    notes: list[str] = []
    try:
        # The codes of all pages first: a letter files itself by them, and recognising text may use up the time.
        for picture in _pictures(data, texts, notes):
            codes += [found.text for found in zxingcpp.read_barcodes(picture.convert("L")) if found.text]
        if not any(text.strip() for text in texts):
            texts += _recognised(data, notes)
    except (pypdf.errors.PyPdfError, UnidentifiedImageError, Image.DecompressionBombError, OSError):
        notes.append("Die Datei ist beschädigt oder geschützt und wurde nicht ganz gelesen.")
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, SyntaxError, AssertionError):
        notes.append("Die Datei ist ungewöhnlich aufgebaut und wurde nicht ganz gelesen.")
    return {"text": "\n".join(texts)[:MAX_TEXT], "codes": codes[:50], "notes": list(dict.fromkeys(notes))}


def _pictures(data: bytes, texts: list[str], notes: list[str]) -> Iterator[Image.Image]:
    """What is drawn on the pages, and as `texts` what is written on them."""
    pictures = _of_pdf(data, texts) if data[:1024].lstrip().startswith(b"%PDF-") else _of_picture(data)
    for number, picture in enumerate(pictures):
        if number == MAX_PICTURES:
            notes.append(f"Nur die ersten {MAX_PICTURES} Bilder wurden gelesen.")
            return
        yield picture


def _recognised(data: bytes, notes: list[str]) -> Iterator[str]:
    """The text of each picture, as far as the time goes."""
    tesseract, until = shutil.which("tesseract"), time.monotonic() + OCR_SECONDS
    for number, picture in enumerate(_pictures(data, [], []), start=1):
        if tesseract is None:
            notes.append("Ohne Texterkennung: Das Programm tesseract fehlt auf diesem Rechner.")
            return
        text = _ocr(tesseract, picture, until - time.monotonic())
        if text is None:
            reached = f"kam nur bis Seite {number - 1}" if number > 1 else "ist nicht fertig geworden"
            notes.append(f"Die Texterkennung {reached}.")
            return
        yield text


def _of_pdf(data: bytes, texts: list[str]) -> Iterator[Image.Image]:
    reader = pypdf.PdfReader(io.BytesIO(data))
    texts.extend(page.extract_text()[:MAX_TEXT] for page in list(reader.pages)[:MAX_PAGES])
    for page in list(reader.pages)[:MAX_PAGES]:
        for image in page.images:
            if isinstance(image.image, Image.Image):
                yield image.image


def _of_picture(data: bytes) -> Iterator[Image.Image]:
    with Image.open(io.BytesIO(data)) as picture:
        for number, frame in enumerate(ImageSequence.Iterator(picture)):
            if number == MAX_PAGES:
                return
            yield frame.copy()


def _ocr(program: str, picture: Image.Image, seconds: float) -> str | None:
    """None: not done in that time. A picture that cannot be read, such as a line of two pixels, has no text."""
    page = io.BytesIO()
    picture.convert("L").save(page, "PNG")
    call = [program, "stdin", "stdout", "-l", "deu"]
    try:
        done = subprocess.run(call, input=page.getvalue(), capture_output=True, timeout=max(seconds, 0), check=True)  # noqa: S603 - fixed words
    except subprocess.TimeoutExpired:
        return None
    except (subprocess.SubprocessError, OSError):
        return ""
    return done.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    json.dump(look(sys.stdin.buffer.read()), sys.stdout)
