"""Titles and summaries in the language of the answer. The directory itself is German; some rows have more."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from portal.common import languages

Translations = Mapping[str, Mapping[str, str]]  # {"en": {"title": ..., "summary": ...}}
PARTS = {"title": 250, "summary": 1000}  # most characters


@dataclass(frozen=True)
class Words:
    """`lang`: "de" where the page speaks another language and this text does not, else ""."""

    title: str
    summary: str
    lang: str


def words(title: str, summary: str, translations: Translations) -> Words:
    code = languages.current()
    if code == languages.GERMAN:
        return Words(title, summary, "")
    own = translations.get(code, {})
    if "title" not in own:
        return Words(title, summary, languages.GERMAN)
    return Words(own["title"], own.get("summary", ""), "")


def check_translations(value: object) -> None:
    """For the model field. Raises ValidationError with a sentence for editors."""
    known = [code for code in languages.PREFIXES if code != languages.GERMAN]
    if not isinstance(value, dict) or not set(value) <= set(known):
        raise ValidationError(f"Nennen Sie nur diese Sprachen: {', '.join(known)}.")
    for code, own in value.items():
        if not isinstance(own, dict) or not own.get("title") or not set(own) <= set(PARTS):
            raise ValidationError(f"Geben Sie für {code} „title“ und, wenn es sie gibt, „summary“ an.")
        for part, text in own.items():
            if not isinstance(text, str) or len(text) > PARTS[part]:
                raise ValidationError(f"{code}, {part}: Schreiben Sie einen Text mit höchstens {PARTS[part]} Zeichen.")
