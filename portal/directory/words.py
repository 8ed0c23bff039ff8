"""Words as the search sees them: folded, without filler. Pure: stems come from PostgreSQL (search_index, search)."""

import re
import unicodedata

MOST_WORDS, LONGEST = 12, 40  # of a search; what comes after is ignored
_WORD = re.compile(r"[^\W_]+(?:[*:][^\W_]+)*")  # Bürger*innen and Bürger:innen are one word
_TO_AE = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_TO_A = str.maketrans({"ß": "ss"})
# Asked and said around the matter itself: folded to ae. Verbs that belong to the matter (anmelden, verlieren) are none.
FILLER = frozenset(
    """
    ab aber alle allem allen aller als also am an auch auf aus bei beim bekomme bekommen benoetige benoetigen bin bis
    bitte brauch brauche brauchen da dafuer damit danke darf das dass dein deine dem den denn der des die dies diese
    diesen dieser dir doch duerfen dort du durch eigentlich ein eine einem einen einer eines er es etwas euch falls
    fuer fuers gehen geht gern gerne gibt gleich haben habe hallo hat hier hin hole holen ich ihm ihn ihr ihre ihrem
    ihren im in ins irgendwo ist ja jemand jetzt kann kein keine keinen koennen koennte kriege kriegen lasse lassen
    machen mache man mein meine meinem meinen meiner mich mir mit moechte moechten muenchen muss muessen nach nicht
    noch nun nur ob oder ohne schon sein seine sich sie sind so soll sollen soll sonst stadt tun ueber um und uns
    unser unsere unter viel viele vom von vor war waere warum was weg wegen weil welche welchem welchen welcher
    welches wem wen wenn wer werde werden wie wieviel will wir wird wo woher wohin wollen worden wurde zu zum zur
    beantrage beantragen beantragt bestelle bestellen
    kostet kosten lange dauert gebuehr gebuehren unterlagen dokumente mitbringen wann geoeffnet oeffnungszeiten online
    """.split()
)


def fold(text: str) -> tuple[str, str]:
    """Both ways to write without umlauts: ("fuehrerschein", "fuhrerschein"). Lower case, no other accents either."""
    lower = unicodedata.normalize("NFC", text.lower())
    return _plain(lower.translate(_TO_AE)), _plain(lower.translate(_TO_A))


def _plain(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def of_text(text: str) -> list[str]:
    """The words of a text as they are written, in order. "Bürger*innen" gives "Bürgerinnen"."""
    return [re.sub(r"[*:]", "", word)[:LONGEST] for word in _WORD.findall(text)]


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
