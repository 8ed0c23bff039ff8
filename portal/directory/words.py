"""Words as the search sees them: folded, without filler. Pure: stems come from PostgreSQL (search_index, search)."""

import pathlib
import re
import unicodedata

DATA = pathlib.Path(__file__).with_name("data") / "words"
MOST_WORDS, LONGEST = 12, 40  # of a search; what comes after is ignored
_WORD = re.compile(r"[^\W_]+(?:[*:][^\W_]+)*")  # Bürger*innen and Bürger:innen are one word
_LETTERED = re.compile(r"\b([^\W\d_])[-\u2010\u2011]([^\W\d_]{3,})")  # P-Schein
_TO_AE = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_TO_A = str.maketrans({"ß": "ss"})
# Asked and said around the matter itself: folded to ae. Verbs that belong to the matter (anmelden, verlieren) are none.
FILLER = frozenset((DATA / "filler.txt").read_text("utf-8").split())


def fold(text: str) -> tuple[str, str]:
    """Both ways to write without umlauts: ("fuehrerschein", "fuhrerschein"). Lower case, no other accents either."""
    lower = unicodedata.normalize("NFC", text.lower())
    return _plain(lower.translate(_TO_AE)), _plain(lower.translate(_TO_A))


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def of_text(text: str) -> list[str]:
    """The words of a text as they are written, in order. "Bürger*innen" gives "Bürgerinnen".

    "P-Schein" gives PSchein as well: the letter alone would say nothing.
    """
    found = [word.replace("*", "").replace(":", "")[:LONGEST] for word in _WORD.findall(text)]
    return [f"{letter}{word}"[:LONGEST] for letter, word in _LETTERED.findall(text)] + found


def of_search(text: str) -> list[str]:
    """The words that matter in what a person typed, each once, at most MOST_WORDS.

    Only filler ("wo kann ich")? Then all words count, so that no search is without a question.
    """
    every = list(dict.fromkeys(of_text(text[:500])))
    telling = [word for word in every if fold(word)[0] not in FILLER and len(word) > 1]
    return (telling or every)[:MOST_WORDS]


def parts(folded: str) -> list[str]:
    """Beginnings and endings that may be a word of their own inside a compound ("kitaplatz": kita, platz), longest
    first."""
    found = []
    for cut in range(4, len(folded) - 2):
        found.append(folded[:cut])
        if len(folded) - cut >= 5:  # shorter endings are mostly inflections: umzi-ehen
            found.append(folded[cut:])
    return sorted(set(found), key=len, reverse=True)
