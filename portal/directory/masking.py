"""What may be kept of a search: the matter, not the person. Pure; when in doubt, it is left out."""

import re

from portal.directory import richtext
from portal.directory.words import DATA

LONGEST = 80
GAP = "…"
_MAIL = re.compile(r"\S*@\S*")
_WEB = re.compile(r"\b(?:https?://|www\.)\S+", re.I)
# A street goes with its number: both together lead to a door.
_STREET = re.compile(r"\b[\w.-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|ufer|damm)\s*\d+\s?[a-z]?\b", re.I)
# "ich heiße Erika Mustermann", "Herr Dr. Huber", "mein Name ist Ali Can": what follows are names, up to three.
_INTRODUCED = re.compile(
    r"\b((?:ich\s+)?(?:heiße|heisse)|(?:mein|der|unser)\s+name(?:\s+ist)?|name:?|ich\s+bin(?:\s+(?:der|die))?|"
    r"herrn?|frau|familie|fam\.|hr\.|fr\.)"
    r"((?:\s+(?:dr\.|prof\.|von|van|zu|de|[a-zäöü]{0,4}\.)*\s*[A-ZÄÖÜŁŞÇÉ][\w’'-]+){1,3})",
    re.I,
)
_FIRST_NAMES = frozenset((DATA / "first_names.txt").read_text("utf-8").split())


def mask(text: str, longest: int = LONGEST) -> str:
    """At most `longest` signs without mail and web addresses, numbers, streets with numbers, and names that can be
    told.

    Returns "" when nothing is left.
    """
    text = richtext.line(text)[:500]
    for pattern in (_MAIL, _WEB, _STREET):
        text = pattern.sub(GAP, text)
    text = " ".join(GAP if any(map(str.isdigit, word)) else word for word in text.split(" "))
    text = _INTRODUCED.sub(lambda found: f"{found[1]} {GAP}", text)
    text = _without_first_names(text)
    text = re.sub(rf"{GAP}(?:\W*{GAP})+", GAP, text)
    text = richtext.line(text)[:longest].strip()
    return text if re.search(r"[^\W\d_]{2}", text.replace(GAP, "")) else ""


def _without_first_names(text: str) -> str:
    """A known first name goes, and with it the word after it if that begins with a capital: the family name."""
    kept: list[str] = []
    after_name = False
    for word in text.split(" "):
        bare = word.strip(".,;:!?()„“\"'").removesuffix("s")
        is_name = {word.strip(".,;:!?()„“\"'").lower(), bare.lower()} & _FIRST_NAMES
        follows = after_name and (word[:1].isupper() or word.lower() in ("von", "van", "zu", "de"))
        kept.append(GAP if is_name or follows else word)
        after_name = bool(is_name or follows)
    return " ".join(kept)
