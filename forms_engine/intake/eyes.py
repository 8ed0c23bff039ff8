"""Runs as a program of its own: reads a PDF or a picture on stdin, prints {"text", "codes", "notes"} as JSON.

Foreign files are opened here and nowhere else, by a process without database, keys and network use, that has little
time and memory (reading.py). It imports nothing of ours and knows no settings.
"""

import contextlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pypdf
import zxingcpp
from PIL import Image, ImageSequence, UnidentifiedImageError

MAX_PAGES, MAX_PICTURES, MAX_TEXT = 20, 40, 100_000
OCR_SECONDS = 10
Image.MAX_IMAGE_PIXELS = 100_000_000


def look(data: bytes) -> dict[str, object]:
    texts: list[str] = []
    codes: list[str] = []
    notes: list[str] = []
    tesseract = shutil.which("tesseract")
    try:
        pictures = _of_pdf(data, texts) if data[:1024].lstrip().startswith(b"%PDF-") else _of_picture(data)
        for number, picture in enumerate(pictures):
            if number == MAX_PICTURES:
                notes.append(f"Nur die ersten {MAX_PICTURES} Bilder wurden gelesen.")
                break
            codes += [found.text for found in zxingcpp.read_barcodes(picture.convert("L")) if found.text]
            if tesseract and not any(text.strip() for text in texts):
                texts.append(_ocr(tesseract, picture))
            elif not tesseract and not any(text.strip() for text in texts):
                notes.append("Ohne Texterkennung: Das Programm tesseract fehlt auf diesem Rechner.")
    except (pypdf.errors.PyPdfError, UnidentifiedImageError, Image.DecompressionBombError, OSError):
        notes.append("Die Datei ist beschädigt oder geschützt und wurde nicht ganz gelesen.")
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, SyntaxError, AssertionError):
        notes.append("Die Datei ist ungewöhnlich aufgebaut und wurde nicht ganz gelesen.")
    return {"text": "\n".join(texts)[:MAX_TEXT], "codes": codes[:50], "notes": list(dict.fromkeys(notes))}


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


def _ocr(program: str, picture: Image.Image) -> str:
    page = io.BytesIO()
    picture.convert("L").save(page, "PNG")
    call = [program, "stdin", "stdout", "-l", "deu"]
    with contextlib.suppress(subprocess.SubprocessError, OSError):
        done = subprocess.run(call, input=page.getvalue(), capture_output=True, timeout=OCR_SECONDS, check=True)  # noqa: S603 - fixed words
        return done.stdout.decode("utf-8", "replace")
    return ""


if __name__ == "__main__":
    json.dump(look(sys.stdin.buffer.read()), sys.stdout)
