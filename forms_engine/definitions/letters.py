"""Which characters answers may have, after DIN SPEC 91379: names of persons data type A, free text data type C.

Both have the normative Latin letters with their combining marks; they differ in the signs.
"""

import re

# Normative Latin letters, as ranges of code points.
_LETTERS = (
    "A-Za-zÀ-ÖØ-öø-\u017e\u0187-\u0188\u018f\u0197\u01a0-\u01a1\u01af-\u01b0\u01b7\u01cd-\u01dc\u01de-\u01df\u01e2-\u01f0"
    "\u01f4-\u01f5\u01f8-\u01ff\u0212-\u0213\u0218-\u021b\u021e-\u021f\u0227-\u0233\u0259\u0268\u0292\u1e02-\u1e03"
    "\u1e06-\u1e07\u1e0a-\u1e11\u1e1c-\u1e2b\u1e2f-\u1e37\u1e3a-\u1e3b\u1e40-\u1e49\u1e52-\u1e5b\u1e5e-\u1e63"
    "\u1e6a-\u1e6f\u1e80-\u1e87\u1e8c-\u1e97\u1e9e\u1ea0-\u1ef9"
)
# Marks that follow a letter where Unicode has no single character for both, e.g. "M̂".
_MARKS = "\u0300-\u0302\u0304\u0306-\u0308\u030b-\u030c\u0310\u0315\u031b\u0323\u0325-\u0328\u0331\u035f"
# Normative signs that are no letters: blank ' , - . ` ~ and modifiers, typographic apostrophe, double dagger.
_SIGNS = " ',\\-.`~\u00a8\u00b4\u00b7\u02b9-\u02ba\u02be-\u02bf\u02c8\u02cc\u2019\u2021"

# Normative for places, streets and companies, then for free text; line breaks with the latter.
_MORE_SIGNS = (
    '0-9!"#$%&()*+/:;<=>?@\\[\\\\\\]\\^_{|}\u00a1-\u00a3\u00a5\u00a7\u00a9-\u00ac\u00ae-\u00b3\u00b5-\u00b6\u00b9-\u00bb\u00bf'
    "\u00d7\u00f7\u20ac"
    "\u00a4\u00a6\u00b8\u00bc-\u00be"
    "\t\n\r\u00a0"
)


def _strange(signs: str) -> re.Pattern[str]:
    return re.compile(f"(?<![{_LETTERS}{_MARKS}])[{_MARKS}]|[^{_LETTERS}{_MARKS}{signs}]")


_STRANGE, _STRANGE_IN_TEXT = _strange(_SIGNS), _strange(_SIGNS + _MORE_SIGNS)
_LETTER = re.compile(f"[{_LETTERS}]")


def strange_in_name(text: str) -> str | None:
    """The first character a name may not have, None if all are fine. `text` is in NFC."""
    found = _STRANGE.search(text)
    return found[0] if found else None


def strange_in_text(text: str) -> str | None:
    """The same for free text."""
    found = _STRANGE_IN_TEXT.search(text)
    return found[0] if found else None


def has_letter(text: str) -> bool:
    return bool(_LETTER.search(text))
