"""String.Latin 1.1.1 of XÖV: the letters that texts about FIM elements may have (answers have DIN 91379 instead)."""

import re
import unicodedata

# Typographic signs are outside of it; these stand for them.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("„“”‟«»", '"'),
        **dict.fromkeys("‚‘’‛", "'"),
        **dict.fromkeys("–—‒―−‐‑•", "-"),
        "…": "...",
        "≤": "<=",
        "≥": ">=",
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
        "\u00ad": None,
        "\u200b": None,
        "\ufeff": None,
    }
)
_RANGES = (
    "\t\n\r -~¡-¬®-ćĊ-ěĞ-ģĦ-ıĴ-śŞ-ūŮ-žƏƠ-ơƯ-ưƷǍ-ǔǞ-ǟǤ-ǰǴ-ǵ"
    "Ǻ-ǿȘ-țȞ-ȟȪ-ȫȮ-ȳəʒḂ-ḃḊ-ḋḐ-ḑḞ-ḡḤ-ḧḰ-ḱṀ-ṁṄ-ṅṖ-ṗṠ-ṣṪ-ṫẀ-ẅẌ-ẓẞẠ-ầẪ-ẬẮ-ềỄ-ồỖ-ờỤ-ỹ€"
)
_LETTERS = re.compile(rf"(?:[MNmnDdLl]\u0302|J\u030c|[{_RANGES}])")


def latin(text: str) -> tuple[str, str]:
    """The text in these letters, and the characters that had to be left out (each once, "" if none)."""
    plain = unicodedata.normalize("NFC", text.translate(_PLAIN))
    kept = "".join(_LETTERS.findall(plain))
    lost = _LETTERS.sub("", plain)
    return kept, "".join(dict.fromkeys(lost))
