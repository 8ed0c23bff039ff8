"""What a drawn glyph says when it is copied or read aloud (ToUnicode, ISO 32000-1, 9.10.3).

Newer Pango draws a letter that a face lacks from its parts: Ẇ as W and a dot. WeasyPrint then writes nothing for the
first part and the whole letter for the second, which breaks PDF/A (ISO 19005-3, 6.2.11.7.2), and each later W reads
like the first use of its glyph. Here every part says what it is; both together are the letter in decomposed form.
"""

import functools
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import weasyprint.pdf
from fontTools.ttLib import TTFont

NOTHING = "\N{ZERO WIDTH SPACE}"  # for a part that stands for no character; empty values are forbidden
_NAME = re.compile(r"uni([0-9A-F]{4})")  # Adobe Glyph List for New Fonts


class Font(Protocol):
    file_content: bytes
    to_unicode: dict[int, str]


def mend(mapping: Mapping[int, str], own: Mapping[int, str]) -> dict[int, str]:
    """The mapping with each part of a letter as the character it is; `own` holds what glyphs mean in their face."""
    return {glyph: _meaning(text, own.get(glyph)) for glyph, text in mapping.items()}


def _meaning(text: str, own: str | None) -> str:
    if own is None:
        return text or NOTHING
    parts = unicodedata.normalize("NFD", text)
    is_part = own in parts and unicodedata.normalize("NFD", own) != parts and len(text) == 1
    return own if is_part or not text else text


@functools.lru_cache(maxsize=8)  # a handful of faces
def own_characters(face: bytes) -> dict[int, str]:
    """Glyph number -> the character it was drawn for, by the face's own table and the names of its variants."""
    font = TTFont(io.BytesIO(face), lazy=True)
    plain = {name: chr(point) for point, name in sorted(font.getBestCmap().items(), reverse=True)}
    found = {}
    for name, number in font.getReverseGlyphMap().items():
        stem = name.partition(".")[0]  # acutecomb.case is a variant of acutecomb, uni0307.case of U+0307
        if character := plain.get(name) or plain.get(stem) or _by_number(stem):
            found[number] = character
    return found


def _by_number(name: str) -> str | None:
    match = _NAME.fullmatch(name)
    return chr(int(match[1], 16)) if match else None


def _mended(fonts: Iterable[Font]) -> None:
    for font in fonts:
        if any(not text or not unicodedata.is_normalized("NFD", text) for text in font.to_unicode.values()):
            font.to_unicode = mend(font.to_unicode, own_characters(bytes(font.file_content)))


def install() -> None:
    """Mend the fonts of every document before WeasyPrint writes them. Twice is once."""
    written = weasyprint.pdf.build_fonts_dictionary
    if getattr(written, "mends", False):
        return

    @functools.wraps(written)
    def build(pdf: Any, fonts: dict[Any, Font], *args: Any) -> Any:
        _mended(fonts.values())
        return written(pdf, fonts, *args)

    build.mends = True  # type: ignore[attr-defined]  # a mark for the line above
    weasyprint.pdf.build_fonts_dictionary = build
