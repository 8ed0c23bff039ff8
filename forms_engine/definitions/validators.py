"""Named checks of typed text. Each cleans first, then judges; each cause has its own German sentence (F20, F33, F34).

A check of text returns it in its standard form, or raises Wrong with the sentence for the page. Checking what a check
returned gives it again. A check of a date raises Wrong or returns nothing.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from forms_engine.definitions.letters import has_letter, strange_in_name, strange_in_text
from portal.common import formats

TextCheck = Callable[[str], str]
DateCheck = Callable[[dt.date, dt.date, str, int | None], None]  # day, today, subject of the sentence, limit in days
_DASHES = re.compile("[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d_]")
_DASHES_IN_TEXT = re.compile("[\u2010-\u2015\u2022\u2043\u2212\ufe58\ufe63\uff0d]")
_QUOTES = str.maketrans({**dict.fromkeys("„“”‟", '"'), **dict.fromkeys("‚‘‛", "'"), "…": "..."})
_EXAMPLE = _lazy("zum Beispiel M-AB 1234")
_INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u180e\u3164\uffa0")  # though not in category C


class Wrong(ValueError):
    """The answer cannot be taken; the message is the sentence for the page."""


def clean(text: str, *, lines: bool = False) -> str:
    """NFC, without invisible and control characters, trimmed, runs of blanks as one. `lines` keeps line breaks."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    if not (text.isprintable() and _INVISIBLE.isdisjoint(text)):  # seldom
        text = "".join(c for c in text if c == "\n" or not _unseen(c))
        text = unicodedata.normalize("NFC", text)  # what an invisible character kept apart may now join
    if not lines:
        return " ".join(text.split())
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip("\n")


def _unseen(char: str) -> bool:
    return char in _INVISIBLE or unicodedata.category(char)[0] == "C"


def kfz_kennzeichen(text: str) -> str:
    """German number plate as "M-AB 1234E" (FZV, annex 4).

    District of 1 to 3 letters, 1 or 2 letters, a number of 1 to 4 digits without leading zero, E (electric) or H
    (historic); at most eight characters in all.

    A missing hyphen is repaired where only one reading is possible or Munich is meant.
    """
    plate = _DASHES.sub("-", clean(text)).upper().replace("İ", "I")
    found = re.fullmatch(r"([A-ZÄÖÜ]+)(?:[\s-]+([A-ZÄÖÜ]+))?[\s-]*([0-9]*)[\s-]*([A-ZÄÖÜ]*)", plate)
    if not found or len(found[4]) > 1:
        raise Wrong(
            _(
                "Geben Sie ein deutsches Kennzeichen ein, %(example)s. "
                "Mit ausländischem Kennzeichen beraten wir Sie persönlich."
            )
            % {"example": _EXAMPLE}
        )
    district, letters, digits, suffix = (part or "" for part in found.groups())
    if not digits:
        raise Wrong(_("Geben Sie auch die Zahl des Kennzeichens ein, %(example)s.") % {"example": _EXAMPLE})
    if not letters:
        district, letters = _split(district)
    _judge_letters(district, letters)
    if digits.startswith("0"):
        raise Wrong(_("Geben Sie die Zahl des Kennzeichens ohne führende Null ein."))
    if len(digits) > 4:
        raise Wrong(_("Geben Sie höchstens vier Ziffern ein, mehr hat kein Kennzeichen."))
    if suffix not in ("", "E", "H"):
        raise Wrong(_("Geben Sie nach der Zahl nur E (elektrisch) oder H (historisch) ein."))
    if len(district + letters + digits + suffix) > 8:
        raise Wrong(_("Geben Sie höchstens acht Zeichen ein. Bindestrich und Leerzeichen zählen nicht."))
    return f"{district}-{letters} {digits}{suffix}"


def _judge_letters(district: str, letters: str) -> None:
    if len(district) > 3:
        raise Wrong(_("Geben Sie für den Ort höchstens drei Buchstaben ein, zum Beispiel M oder MUC."))
    if len(letters) > 2:
        raise Wrong(
            _("Geben Sie zwischen Ort und Zahl nur ein oder zwei Buchstaben ein, %(example)s.") % {"example": _EXAMPLE}
        )
    if not letters.isascii():
        raise Wrong(_("Geben Sie zwischen Ort und Zahl nur Buchstaben ohne Umlaut ein."))


def _split(run: str) -> tuple[str, str]:
    """District and letters of a run without a gap, if only one reading is possible or Munich is meant."""
    if len(run) == 1:
        raise Wrong(
            _("Geben Sie zwischen Ort und Zahl ein oder zwei Buchstaben ein, %(example)s.") % {"example": _EXAMPLE}
        )
    if run.startswith("MUC") and len(run) in (4, 5):
        return run[:3], run[3:]
    if len(run) == 2 or (run.startswith("M") and len(run) == 3):
        return run[:1], run[1:]
    if len(run) == 5:
        return run[:3], run[3:]
    raise Wrong(_("Setzen Sie nach dem Ort einen Bindestrich, %(example)s.") % {"example": _EXAMPLE})


def plz_de(text: str) -> str:
    bare = re.sub(r"\s", "", clean(text))
    if not re.fullmatch(r"[0-9]{5}", bare):
        raise Wrong(_("Geben Sie eine Postleitzahl mit fünf Ziffern ein, zum Beispiel 80331."))
    return bare


def plz_muenchen(text: str) -> str:
    """80000 to 81999 belong to the city."""
    bare = plz_de(text)
    if bare[:2] not in ("80", "81"):
        raise Wrong(_("Geben Sie eine Münchner Postleitzahl ein. Sie beginnt mit 80 oder 81."))
    return bare


def name(text: str) -> str:
    """Name of a person in the letters of DIN SPEC 91379 (data type A)."""
    bare = _DASHES.sub("-", clean(text))
    if re.search(r"\d", bare):
        raise Wrong(_("Geben Sie den Namen ohne Ziffern ein."))
    if strange := strange_in_name(bare):
        raise Wrong(
            _("Geben Sie den Namen in lateinischen Buchstaben ein. Dieses Zeichen ist nicht möglich: %(strange)s")
            % {"strange": strange}
        )
    if not has_letter(bare):
        raise Wrong(_("Geben Sie den Namen in Buchstaben ein."))
    return bare


def latein(text: str) -> str:
    """Free text in the letters of DIN SPEC 91379 (data type C). Keyboards set quotes and dashes that it does not have:
    the plain ones are taken instead, and shown on the page that checks the answers."""
    plain = _DASHES_IN_TEXT.sub("-", clean(text, lines=True)).translate(_QUOTES)
    if strange := strange_in_text(plain):
        raise Wrong(
            _("Schreiben Sie in lateinischen Buchstaben. Dieses Zeichen ist nicht möglich: %(strange)s")
            % {"strange": strange}
        )
    return plain


def strasse_hausnummer(text: str) -> str:
    bare = _DASHES.sub("-", clean(text))
    if not has_letter(bare):
        raise Wrong(_("Geben Sie auch den Namen der Straße ein, zum Beispiel Marienplatz 8."))
    if not re.search(r"[0-9]", bare):
        raise Wrong(_("Geben Sie auch die Hausnummer ein, zum Beispiel Marienplatz 8."))
    if strange := strange_in_name(re.sub(r"[0-9/()&+:;]", "", bare)):
        raise Wrong(
            _("Geben Sie die Adresse in lateinischen Buchstaben ein. Nicht möglich ist: %(strange)s")
            % {"strange": strange}
        )
    return bare


def email(text: str) -> str:
    """An address a mail can go to; 254 characters by RFC 5321 as RFC 3696 (erratum 1690) reads it."""
    bare = re.sub(r"\s", "", clean(text))
    if bare.count("@") != 1:
        raise Wrong(_("Geben Sie die E-Mail-Adresse mit genau einem @ ein, zum Beispiel name@beispiel.de."))
    local, _at, domain = bare.partition("@")
    if len(bare) > 254 or len(local) > 64:
        raise Wrong(_("Geben Sie eine kürzere E-Mail-Adresse ein. Mehr als 254 Zeichen sind nicht möglich."))
    if not re.fullmatch(r"[^\s@.,;<>()\[\]\"\\]+(\.[^\s@.,;<>()\[\]\"\\]+)*", local):
        raise Wrong(_("Prüfen Sie die E-Mail-Adresse vor dem @, zum Beispiel name@beispiel.de."))
    if not re.fullmatch(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][^\W_-]{1,62}", domain):
        raise Wrong(_("Geben Sie nach dem @ eine Adresse wie beispiel.de ein."))
    return bare


def phone(text: str) -> str:
    bare = _DASHES.sub("-", clean(text))
    digits = re.sub(r"[^0-9]", "", bare)
    if not re.fullmatch(r"[+0-9(][0-9 /().+-]*", bare):
        raise Wrong(_("Geben Sie die Telefonnummer in Ziffern ein, zum Beispiel 089 23300."))
    if not 5 <= len(digits) <= 15:
        raise Wrong(_("Geben Sie die Telefonnummer mit Vorwahl ein. Sie hat 5 bis 15 Ziffern."))
    return bare


def iban(text: str) -> str:
    """IBAN (ISO 13616): remainder 97 is 1."""
    bare = re.sub(r"[\s-]", "", _DASHES.sub("-", clean(text))).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", bare):
        raise Wrong(_("Geben Sie die IBAN ein. Sie beginnt mit zwei Buchstaben, zum Beispiel DE."))
    if bare.startswith("DE") and len(bare) != 22:
        raise Wrong(_("Geben Sie die IBAN vollständig ein. Eine deutsche IBAN hat 22 Zeichen."))
    if int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 != 1:
        raise Wrong(_("Prüfen Sie die IBAN. Mindestens ein Zeichen stimmt nicht."))
    return bare


def time(text: str) -> str:
    """Time of day as "08:30"."""
    found = re.fullmatch(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(?:uhr)?", re.sub(r"\s", "", clean(text)).lower())
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise Wrong(_("Geben Sie die Uhrzeit ein, zum Beispiel 8:30."))
    return f"{int(found[1]):02d}:{found[2] or '00'}"


def geburtsdatum(day: dt.date, today: dt.date, subject: str, days: int | None = None) -> None:
    """In the past, at most 120 years ago."""
    if day > today:
        raise Wrong(_("%(subject)s muss in der Vergangenheit liegen.") % {"subject": subject})
    if (today.year - day.year, today.month, today.day) > (120, day.month, day.day):
        raise Wrong(_("%(subject)s darf höchstens 120 Jahre zurückliegen.") % {"subject": subject})


def nicht_zukunft(day: dt.date, today: dt.date, subject: str, days: int | None = None) -> None:
    """Today or earlier, at most `days` ago."""
    if day > today:
        raise Wrong(_("%(subject)s darf nicht in der Zukunft liegen.") % {"subject": subject})
    if days is not None and (today - day).days > days:
        raise Wrong(
            _("%(subject)s darf nicht vor dem %(days)s liegen.")
            % {"subject": subject, "days": formats.in_words(today - dt.timedelta(days), "day")}
        )


def nach_heute(day: dt.date, today: dt.date, subject: str, days: int | None = None) -> None:
    """Tomorrow or later, at most `days` ahead."""
    if day <= today:
        raise Wrong(_("%(subject)s muss nach dem heutigen Tag liegen.") % {"subject": subject})
    if days is not None and (day - today).days > days:
        raise Wrong(
            _("%(subject)s darf nicht nach dem %(days)s liegen.")
            % {"subject": subject, "days": formats.in_words(today + dt.timedelta(days), "day")}
        )
