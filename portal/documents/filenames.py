"""File names as people gave them, made safe to show, store and offer for download."""

import re
import unicodedata

MAX_LENGTH = 120
# Controls, format characters (bidi overrides, soft hyphens, zero widths), surrogates, private use, line separators.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(name: str) -> str:
    """NFC, last path part, nothing invisible, at most 120 characters with the ending kept; never empty."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    spaced = re.sub(r"[\s<>:\"|?*]+", " ", name)
    visible = "".join(char for char in spaced if unicodedata.category(char) not in _HIDDEN)
    visible = re.sub(r" +", " ", visible).strip(" .")
    if len(visible) > MAX_LENGTH:
        stem, dot, ending = visible.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 10 else ""
        visible = visible[: MAX_LENGTH - len(ending)].rstrip(" .") + ending
    return visible or "Datei"
