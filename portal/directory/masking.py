"""What may be kept of a search: the matter, not the person. Pure; when in doubt, it is left out."""

import re

from portal.directory import richtext

LONGEST = 80
GAP = "…"
_MAIL = re.compile(r"\S+@\S*")
_WEB = re.compile(r"\b(?:https?://|www\.)\S+", re.I)
# A street goes with its number: both together lead to a door.
_STREET = re.compile(
    r"\b[\w.-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|ufer|damm)\s*\d+\s?[a-z]?\b", re.I
)
_NUMBER = re.compile(r"\S*\d\S*")
# "ich heiße Erika Mustermann", "Herr Dr. Huber", "mein Name ist Ali Can": what follows are names, up to three.
_INTRODUCED = re.compile(
    r"\b((?:ich\s+)?(?:heiße|heisse)|(?:mein|der|unser)\s+name(?:\s+ist)?|name:?|ich\s+bin(?:\s+(?:der|die))?|"
    r"herrn?|frau|familie|fam\.|hr\.|fr\.)"
    r"((?:\s+(?:dr\.|prof\.|von|van|zu|de|[a-zäöü]{0,4}\.)*\s*[A-ZÄÖÜŁŞÇÉ][\w’'-]+){1,3})",
    re.I,
)
_FIRST_NAMES = frozenset(
    """
    ahmet aleksandra alexander alexandra ali alice alina amelie ana anastasia andrea andreas angela angelika anita anja
    anke anna anne annette anton antonia ayse ayşe barbara ben benjamin bernd bernhard bettina bianca birgit brigitte
    carina carla carmen carolin caroline charlotte christa christian christiane christina christine christoph clara
    claudia cornelia daniel daniela david denise dennis diana dieter dirk dominik doris edith elena elias elif elisabeth
    elke ella emilia emma emre erich erika ernst erwin eva fabian fatma felix finn florian frank franz franziska
    friedrich fritz gabi gabriele georg gerd gerda gerhard gertrud gisela giulia günter günther hanna hannah hannelore
    hans hasan harald hassan heike heinrich heinz helga helmut herbert hermann hildegard holger horst hüseyin ida
    ines inga inge ingeborg ingrid irene iris isabel isabella ivan jakob jan jana jasmin jens jessica joachim johanna
    johannes jonas josef jörg julia julian juliane jürgen kai karin karl karl-heinz karla katharina kathrin katja katrin
    kerstin kevin klara klaus konstantin kristina kurt lara laura lea lena leo leon leonie lina linda lisa louis luca
    lukas luis luisa lukas manfred manuel manuela marc marcel marco maria marianne marie marina mario marion mark markus
    marlene marta martha martin martina mathilda matthias max maximilian mehmet melanie melina mia michael michaela
    michelle miriam mohamed mohammad mohammed monika moritz mustafa nadine natalia natalie nele nicole niklas nils nina
    noah nora norbert olaf olga oliver olivia oskar otto pascal patricia patrick paul paula petra peter philipp philip
    pia rainer ralf ramona rebecca regina reinhard renate rita robert robin roland rolf rosa rosemarie rudolf ruth sabine
    sabrina samuel sandra sara sarah sascha sebastian silke silvia simon simone sofia sofie sonja sophia sophie stefan
    stefanie steffen stephan stephanie susanne svenja sven sylvia tamara tanja theo theresa thomas thorsten tim timo
    tobias tom torsten udo ulrich ulrike ursula ute uwe valentina vanessa vera verena victoria viktoria vincent
    vladimir walter waltraud werner wilhelm wolfgang yannick yasemin yusuf yvonne zeynep
    """.split()
)


def mask(text: str) -> str:
    """At most LONGEST signs without mail and web addresses, numbers, streets with numbers, and names that can be told.

    Returns "" when nothing is left.
    """
    text = richtext.line(text)[:500]
    for pattern in (_MAIL, _WEB, _STREET, _NUMBER):
        text = pattern.sub(GAP, text)
    text = _INTRODUCED.sub(lambda found: f"{found[1]} {GAP}", text)
    text = _without_first_names(text)
    text = re.sub(rf"{GAP}(?:\W*{GAP})+", GAP, text)
    text = richtext.line(text)[:LONGEST].strip()
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
