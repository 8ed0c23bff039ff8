"""Numbers with a check digit, and web addresses. Each cause of refusal has its own sentence (rules F20, F33, F34).

Every check takes a typed text, returns its standard form or raises Wrong; checking what it returned gives it again.
"""

import re
from collections import Counter
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from forms_engine.definitions.validators import Wrong, clean

_LETTERS_AS_NUMBERS = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
_CAR_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _bare(text: str) -> str:
    """Without blanks and the signs people put between groups of characters, in capitals."""
    return re.sub(r"[\s./\-\u2010-\u2015]", "", clean(text)).upper()


def _mod_11_10(digits: str) -> int:
    """The check digit of ISO 7064 MOD 11,10."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return (11 - product) % 10


def steuer_id(text: str) -> str:
    """Tax identification number (§ 139b AO): 11 digits (ISO 7064 MOD 11,10), one of ten twice or thrice."""
    bare = _bare(text)
    if not re.fullmatch(r"[0-9]{11}", bare):
        raise Wrong(_("Geben Sie die Steuer-Identifikationsnummer mit 11 Ziffern ein. Sie steht im Steuerbescheid."))
    often = sorted(count for count in Counter(bare[:10]).values() if count > 1)
    if bare[0] == "0" or often not in ([2], [3]) or _mod_11_10(bare[:10]) != int(bare[10]):
        raise Wrong(_("Prüfen Sie die Steuer-Identifikationsnummer. Mindestens eine Ziffer stimmt nicht."))
    return bare


def ust_id(text: str) -> str:
    """VAT number (§ 27a UStG): DE and 9 digits, ISO 7064 MOD 11,10."""
    bare = _bare(text)
    if not re.fullmatch(r"DE[0-9]{9}", bare):
        raise Wrong(_("Geben Sie die Umsatzsteuer-ID mit DE und neun Ziffern ein, zum Beispiel DE 136 695 976."))
    if _mod_11_10(bare[2:10]) != int(bare[10]):
        raise Wrong(_("Prüfen Sie die Umsatzsteuer-ID. Mindestens eine Ziffer stimmt nicht."))
    return bare


def hundechip(text: str) -> str:
    """Number of an animal's transponder (ISO 11784): 15 digits, first a country (276) or a maker (900 to 998).

    The standard has no check digit, so only length and the first three digits can be judged.
    """
    bare = _bare(text)
    if not re.fullmatch(r"[0-9]{15}", bare):
        raise Wrong(_("Geben Sie die Chipnummer mit 15 Ziffern ein. Sie steht im Heimtierausweis."))
    if not 4 <= int(bare[:3]) <= 998:
        raise Wrong(_("Prüfen Sie den Anfang der Chipnummer. In Deutschland beginnt sie meist mit 276."))
    return bare


def fin(text: str) -> str:
    """Vehicle identification number (ISO 3779): 17 characters without I, O and Q.

    Its ninth character is a check digit only for vehicles made for North America or China (49 CFR 565.15, GB 16735).
    """
    bare = _bare(text)
    if strange := re.search(r"[IOQ]", bare):
        raise Wrong(
            _("Geben Sie die Fahrzeugnummer ohne %(letter)s ein. Es ist wohl eine Eins oder eine Null.")
            % {"letter": strange[0]}
        )
    if not re.fullmatch(r"[A-Z0-9]{17}", bare):
        raise Wrong(_("Geben Sie die Fahrzeugnummer mit 17 Zeichen ein. Sie steht im Fahrzeugschein in Feld E."))
    if bare[0] in "12345L":
        values = [_LETTERS_AS_NUMBERS.get(char) or int(char) for char in bare]
        rest = sum(value * weight for value, weight in zip(values, _CAR_WEIGHTS, strict=True)) % 11
        if bare[8] != ("X" if rest == 10 else str(rest)):
            raise Wrong(_("Prüfen Sie die Fahrzeugnummer. Mindestens ein Zeichen stimmt nicht."))
    return bare


def ausweisnummer(text: str) -> str:
    """Serial number of a German identity card or passport: 9 characters, or 10 with the check digit (ICAO 9303-3, 4.9).

    Returned without the check digit. Such numbers have no vowels, so that no words arise.
    """
    bare = _bare(text)
    if not re.fullmatch(r"[0-9CFGHJKLMNPRTVWXYZ]{9}[0-9]?", bare):
        raise Wrong(_("Geben Sie die neun Zeichen der Ausweisnummer ein, zum Beispiel L01X00T47."))
    values = [int(char, 36) for char in bare[:9]]
    if len(bare) == 10 and sum(v * (7, 3, 1)[n % 3] for n, v in enumerate(values)) % 10 != int(bare[9]):
        raise Wrong(_("Prüfen Sie die Ausweisnummer. Mindestens ein Zeichen stimmt nicht."))
    return bare[:9]


def registernummer(text: str) -> str:
    """Number in a court's register as "HRB 12345": commercial (HRA, HRB), cooperatives, partnerships, associations."""
    found = re.fullmatch(r"(HRA|HRB|GNR|GSR|PR|VR)([0-9]{1,6})([A-Z]{0,2})", _bare(text))
    if not found:
        raise Wrong(_("Geben Sie die Art und die Nummer im Register ein, zum Beispiel HRB 12345."))
    kind = {"GNR": "GnR", "GSR": "GsR"}.get(found[1], found[1])
    return f"{kind} {found[2]}{' ' + found[3] if found[3] else ''}"


def url(text: str) -> str:
    """An address of the web (RFC 3986, https or http), at most 2,000 characters; a missing https:// is added."""
    bare = re.sub(r"\s", "", clean(text))
    if not re.match(r"(?i)[a-z][a-z0-9+.-]*:", bare):
        bare = f"https://{bare}"
    if len(bare) > 2000:
        raise Wrong(_("Geben Sie eine kürzere Internetadresse ein. Mehr als 2000 Zeichen sind nicht möglich."))
    try:
        parts = urlsplit(bare)
        host, user, _port = parts.hostname or "", parts.username, parts.port
    except ValueError:
        host, user, parts = "", None, urlsplit("")
    if parts.scheme.lower() not in ("https", "http"):
        raise Wrong(_("Geben Sie eine Internetadresse ein, die mit https:// oder http:// beginnt."))
    if user is not None or not re.fullmatch(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][^\W_-]{1,62}", host):
        raise Wrong(_("Prüfen Sie die Internetadresse, zum Beispiel www.beispiel.de."))
    return bare
