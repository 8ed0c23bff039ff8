"""Named checks of typed text. Each cleans first, then judges; each cause has its own German sentence (F20, F33, F34).

A check takes the text and returns it in its standard form, or raises Wrong with the sentence for the page.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable

PLATE_EXAMPLE = "zum Beispiel M-AB 1234"
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d_]")


class Wrong(ValueError):
    """The answer cannot be taken; the message is the sentence for the page."""


def clean(text: str, *, lines: bool = False) -> str:
    """NFC, without invisible and control characters, trimmed, runs of blanks as one. `lines` keeps line breaks."""
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else " " if c == "\t" else "" for c in text)
    if not lines:
        return " ".join(text.split())
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


def kfz_kennzeichen(text: str) -> str:
    """German number plate in the form "M-AB 1234E" (FZV annex: district 1-3, letters 1-2, number 1-4 without leading 0,
    E or H, at most eight characters in all). A missing hyphen is repaired where only one reading is possible."""
    plate = _DASHES.sub("-", clean(text)).upper()
    found = re.fullmatch(r"([A-ZÄÖÜ]+)(?:[\s-]+([A-ZÄÖÜ]+))?[\s-]*([0-9]*)[\s-]*([A-ZÄÖÜ]*)", plate)
    if not found:
        raise Wrong(
            f"Geben Sie ein deutsches Kennzeichen ein, {PLATE_EXAMPLE}. "
            "Fahrzeuge mit ausländischem Kennzeichen brauchen eine Beratung."
        )
    district, letters, digits, suffix = (part or "" for part in found.groups())
    if not digits:
        raise Wrong(f"Geben Sie auch die Zahl des Kennzeichens ein, {PLATE_EXAMPLE}.")
    if not letters:
        district, letters = _split(district)
    _judge_letters(district, letters)
    if digits.startswith("0"):
        raise Wrong("Geben Sie die Zahl des Kennzeichens ohne führende Null ein.")
    if len(digits) > 4:
        raise Wrong("Geben Sie höchstens vier Ziffern ein. Längere Zahlen gibt es auf Kennzeichen nicht.")
    if suffix not in ("", "E", "H"):
        raise Wrong("Geben Sie nach der Zahl nur E (elektrisch) oder H (historisch) ein, sonst nichts.")
    if len(district + letters + digits + suffix) > 8:
        raise Wrong("Geben Sie höchstens acht Zeichen ein. Bindestrich und Leerzeichen zählen nicht mit.")
    return f"{district}-{letters} {digits}{suffix}"


def _judge_letters(district: str, letters: str) -> None:
    if len(district) > 3:
        raise Wrong("Geben Sie für den Ort höchstens drei Buchstaben ein, zum Beispiel M oder MUC.")
    if len(letters) > 2:
        raise Wrong(f"Geben Sie zwischen Ort und Zahl ein oder zwei Buchstaben ein, {PLATE_EXAMPLE}.")
    if not letters.isascii():
        raise Wrong("Geben Sie zwischen Ort und Zahl nur Buchstaben ohne Umlaut ein.")


def _split(run: str) -> tuple[str, str]:
    """District and letters of a run without a gap, if only one reading is possible or Munich is meant."""
    if len(run) == 1:
        raise Wrong(f"Geben Sie zwischen Ort und Zahl ein oder zwei Buchstaben ein, {PLATE_EXAMPLE}.")
    if run.startswith("MUC") and len(run) > 3:
        return run[:3], run[3:]
    if len(run) == 2 or (run.startswith("M") and len(run) == 3):
        return run[:1], run[1:]
    if len(run) == 5:
        return run[:3], run[3:]
    raise Wrong(f"Setzen Sie nach dem Ort einen Bindestrich, {PLATE_EXAMPLE}.")


def plz_de(text: str) -> str:
    bare = re.sub(r"\s", "", clean(text))
    if not re.fullmatch(r"[0-9]{5}", bare):
        raise Wrong("Geben Sie eine Postleitzahl mit fünf Ziffern ein, zum Beispiel 80331.")
    return bare


def plz_muenchen(text: str) -> str:
    """80000 to 81999 belong to the city."""
    bare = plz_de(text)
    if bare[:2] not in ("80", "81"):
        raise Wrong("Geben Sie eine Münchner Postleitzahl ein. Sie beginnt mit 80 oder 81.")
    return bare


def name(text: str) -> str:
    """Names of natural persons: letters of DIN SPEC 91379, blanks, hyphens, apostrophes and dots."""
    bare = clean(text)
    strange = [
        c
        for c in bare
        if not (
            (c.isalpha() and unicodedata.name(c, "").startswith("LATIN"))
            or c in " '’.-,·`´ʹʺʻʼʾʿˈˌ"
            or unicodedata.combining(c)
        )
    ]
    if any(c.isdigit() for c in bare):
        raise Wrong("Geben Sie den Namen ohne Ziffern ein.")
    if strange:
        raise Wrong(
            f"Geben Sie den Namen in lateinischen Buchstaben ein, wie im Ausweis. Nicht möglich ist: {strange[0]}"
        )
    if not any(c.isalpha() for c in bare):
        raise Wrong("Geben Sie den Namen in Buchstaben ein.")
    return bare


def email(text: str) -> str:
    bare = re.sub(r"\s", "", clean(text))
    if bare.count("@") != 1:
        raise Wrong("Geben Sie die E-Mail-Adresse mit genau einem @ ein, zum Beispiel name@beispiel.de.")
    local, _, domain = bare.partition("@")
    if len(bare) > 254 or len(local) > 64:
        raise Wrong("Geben Sie eine kürzere E-Mail-Adresse ein. Mehr als 254 Zeichen sind nicht möglich.")
    if not re.fullmatch(r"[^\s@.]+(\.[^\s@.]+)*", local):
        raise Wrong("Prüfen Sie die E-Mail-Adresse vor dem @, zum Beispiel name@beispiel.de.")
    if not re.fullmatch(r"([^\W_]([\w-]*[^\W_])?\.)+[^\W\d_]{2,63}", domain):
        raise Wrong("Geben Sie nach dem @ eine Adresse wie beispiel.de ein.")
    return bare


def phone(text: str) -> str:
    bare = clean(text)
    digits = re.sub(r"\D", "", bare)
    if not re.fullmatch(r"[+0-9(][0-9 /().-]*", bare):
        raise Wrong("Geben Sie die Telefonnummer in Ziffern ein, zum Beispiel 089 233 00.")
    if not 5 <= len(digits) <= 15:
        raise Wrong("Geben Sie die Telefonnummer mit Vorwahl ein. Sie hat 5 bis 15 Ziffern.")
    return bare


def iban(text: str) -> str:
    """IBAN by ISO 13616: check by modulo 97."""
    bare = re.sub(r"[\s-]", "", clean(text)).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", bare):
        raise Wrong("Geben Sie die IBAN ein. Sie beginnt mit zwei Buchstaben, zum Beispiel DE.")
    if bare.startswith("DE") and len(bare) != 22:
        raise Wrong("Geben Sie die IBAN vollständig ein. Eine deutsche IBAN hat 22 Zeichen.")
    if int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 != 1:
        raise Wrong("Prüfen Sie die IBAN. Mindestens ein Zeichen stimmt nicht.")
    return bare


TEXT_CHECKS: dict[str, Callable[[str], str]] = {
    "kfz_kennzeichen": kfz_kennzeichen,
    "plz_de": plz_de,
    "plz_muenchen": plz_muenchen,
    "name": name,
    "email": email,
    "phone": phone,
    "iban": iban,
}


def geburtsdatum(day: dt.date, today: dt.date, limit: int | None = None) -> None:
    if day > today:
        raise Wrong("Das Geburtsdatum muss in der Vergangenheit liegen.")
    if day.year < today.year - (limit or 120):
        raise Wrong(f"Das Geburtsdatum darf höchstens {limit or 120} Jahre zurückliegen.")


def nicht_zukunft(day: dt.date, today: dt.date, limit: int | None = None) -> None:
    """Today or earlier, at most `limit` days ago."""
    if day > today:
        raise Wrong("Das Datum darf nicht in der Zukunft liegen.")
    if limit is not None and (today - day).days > limit:
        raise Wrong(f"Das Datum darf höchstens {limit} Tage zurückliegen.")


def nach_heute(day: dt.date, today: dt.date, limit: int | None = None) -> None:
    """Tomorrow or later, at most `limit` days ahead."""
    if day <= today:
        raise Wrong("Das Datum muss nach dem heutigen Tag liegen.")
    if limit is not None and (day - today).days > limit:
        raise Wrong(f"Das Datum darf höchstens {limit} Tage in der Zukunft liegen.")


DATE_CHECKS: dict[str, Callable[[dt.date, dt.date, int | None], None]] = {
    "geburtsdatum": geburtsdatum,
    "nicht_zukunft": nicht_zukunft,
    "nach_heute": nach_heute,
}
