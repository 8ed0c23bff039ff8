"""The typefaces of our PDFs and what they can print, so that no machine's own fonts ever decide how a letter looks."""

import functools
import re
import unicodedata
from pathlib import Path

from fontTools.ttLib import TTFont

FOLDER = Path(__file__).with_name("typefaces")
_FILES = ("FiraSans-Regular.ttf", "NotoSansLatin-Regular.ttf")  # the bold faces cover the same characters
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@functools.cache
def _outside() -> re.Pattern[str]:
    """Matches one character that no face of ours has."""
    covered = sorted({9, 10, 13}.union(*(TTFont(FOLDER / name, lazy=True).getBestCmap() for name in _FILES)))
    return re.compile("[^" + "".join(re.escape(chr(point)) for point in covered) + "]")


def unprintable(text: str) -> list[str]:
    """The characters of a text that our letters cannot show, each once: all of DIN 91379 can be shown, emoji cannot."""
    return sorted(set(_outside().findall(unicodedata.normalize("NFC", text))))


def printable(text: str) -> str:
    """The text in composed form; what has no glyph becomes U+FFFD, invisible control characters vanish.

    Without this a missing glyph would be drawn in whatever font a machine has, or break PDF/A.
    """
    return _outside().sub(_stand_in, unicodedata.normalize("NFC", text))


def _stand_in(match: re.Match[str]) -> str:
    if match[0].isspace():
        return " "
    return "" if unicodedata.category(match[0]) in ("Cc", "Cf", "Mn", "Me") else REPLACEMENT
