"""What changed between two versions of a form, in German sentences for those who review it. Pure.

Pages, questions and choices are the same if their key, name or value is. Texts of other languages are not compared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition, Page
from forms_engine.definitions.language.text import Text

# What a key is called in a sentence: with article, in the nominative.
WORDS: Mapping[str, str] = {
    "label": "die Beschriftung",
    "hint": "der Hinweis",
    "required": "ob eine Antwort nötig ist",
    "visible": "die Bedingung, unter der gefragt wird",
    "summary_label": "die kurze Beschriftung",
    "messages": "der Satz bei fehlender Antwort",
    "check": "die Prüfung",
    "checks": "die Prüfungen",
    "pattern": "das Muster",
    "suggested": "die Vorgabe",
    "earliest": "der früheste Zeitpunkt",
    "latest": "der späteste Zeitpunkt",
    "minimum": "der kleinste Wert",
    "maximum": "der größte Wert",
    "min_length": "die kleinste Länge",
    "max_length": "die größte Länge",
    "max_files": "die Anzahl der Dateien",
    "max_bytes": "die Größe der Dateien",
    "media_types": "die Dateitypen",
    "files": "die Regel für die Anzahl der Unterlagen",
    "type": "die Art der Frage",
    "title": "die Überschrift",
    "summary_title": "die kurze Überschrift",
    "text": "der Text",
    "statement": "die Erklärung",
    "value": "die Rechenregel",
    "cents": "der Betrag",
    "when": "die Bedingung",
    "legal_basis": "die Rechtsgrundlage",
    "next_steps": "die nächsten Schritte",
}


@dataclass(frozen=True)
class Change:
    """`place` is where, `sentence` what; `weight` says whether answers of running drafts may be affected."""

    place: str
    sentence: str
    weight: bool = False


def changes(old: FormDefinition, new: FormDefinition) -> list[Change]:
    """Everything that differs, in the order of the new version; empty if both say the same."""
    found = [*_pages(old, new)]
    found += _listed("Nicht möglich", old.refusals, new.refusals, "key", lambda r: str(r.title))
    found += _listed("Gebühr", _tiers(old), _tiers(new), "key", lambda t: str(t.label))
    if (old.fee and old.fee.legal_basis) != (new.fee and new.fee.legal_basis):
        found.append(Change("Gebühr", "Geändert ist die Rechtsgrundlage."))
    if _terms(old) != _terms(new):
        found.append(Change("Gebühr", "Geändert ist, wann sie fällig ist oder in welchem Rahmen sie liegt."))
    for name, place in (
        ("title", "Titel"),
        ("start", "Startseite"),
        ("privacy", "Datenschutz"),
        ("validity", "Gültigkeit"),
        ("decision", "Entscheidung"),
        ("submission", "Absenden"),
        ("meaning", "Angaben für Schreiben"),
        ("casework", "Bearbeitung"),
        ("retention", "Aufbewahrung"),
        ("department", "Zuständigkeit"),
        ("legal_basis", "Rechtsgrundlagen"),
        ("languages", "Sprachen"),
    ):
        before, after = getattr(old, name), getattr(new, name)
        if _german(before) != _german(after):
            found.append(Change(place, _said(before, after)))
    return found


def _pages(old: FormDefinition, new: FormDefinition) -> Iterator[Change]:
    before = {page.key: page for page in old.pages}
    after = {page.key: page for page in new.pages}
    for page in new.pages:
        place = f"Seite „{page.title}“"
        if page.key not in before:
            yield Change(place, "Die Seite ist neu.", weight=True)
        else:
            yield from _keys(place, before[page.key], page, ("title", "summary_title", "text", "visible", "checks"))
        yield from _questions(place, before.get(page.key), page, old, new)
    for key, page in before.items():
        if key not in after:
            yield Change(f"Seite „{page.title}“", "Die Seite entfällt.", weight=True)
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        yield Change("Seiten", "Die Reihenfolge ist eine andere.")


def _questions(
    place: str, before: Page | None, page: Page, old: FormDefinition, new: FormDefinition
) -> Iterator[Change]:
    for item in page.fields:
        here = f"{place}, „{_name(item)}“"
        earlier = old._fields_by_name.get(item.name)
        if earlier is None:
            yield Change(here, "Die Frage ist neu." if isinstance(item, f.Question) else "Neu.", weight=True)
            continue
        if old.page_of(item.name) != page.key:
            yield Change(here, f"Steht jetzt hier statt auf „{old.page(old.page_of(item.name)).title}“.")
        yield from _question(here, earlier, item)
    for item in before.fields if before else ():
        if item.name not in new._fields_by_name:
            yield Change(f"{place}, „{_name(item)}“", "Entfällt.", weight=True)


def _question(here: str, old: Any, new: Any) -> Iterator[Change]:
    if type(old) is not type(new):
        yield Change(here, f"Die Art der Frage ist „{new.type}“ statt „{old.type}“.", weight=True)
        return
    names = [name for name in type(new).model_fields if name not in ("name", "type", "choices", "entries", "placed")]
    yield from _keys(here, old, new, names)
    if isinstance(new, f.ChoiceField | f.MultiChoiceField):
        yield from _listed(here, old.choices, new.choices, "value", lambda choice: str(choice.label))
    if isinstance(new, f.RepeatingField):
        before = {member.name: member for member in old.members}
        for member in new.members:
            place = f"{here}, „{member.label}“"
            if member.name in before:
                yield from _question(place, before.pop(member.name), member)
            else:
                yield Change(place, "Die Frage ist neu.", weight=True)
        yield from (Change(f"{here}, „{gone.label}“", "Entfällt.", weight=True) for gone in before.values())


def _keys(here: str, old: Any, new: Any, names: Any) -> Iterator[Change]:
    for name in names:
        before, after = _german(getattr(old, name)), _german(getattr(new, name))
        if before != after:
            what = WORDS.get(name, f"die Angabe {name}")
            weight = name in ("required", "visible", "check", "checks", "minimum", "maximum", "max_length", "max_files")
            yield Change(here, f"Geändert ist {what}: {_said(before, after, bare=True)}", weight=weight)


def _listed(place: str, old: Any, new: Any, key: str, label: Any) -> list[Change]:
    before = {getattr(entry, key): entry for entry in old}
    after = {getattr(entry, key): entry for entry in new}
    found = [Change(place, f"Neu: „{label(entry)}“.") for name, entry in after.items() if name not in before]
    found += [
        Change(place, f"Entfällt: „{label(entry)}“.", weight=True)
        for name, entry in before.items()
        if name not in after
    ]
    for name, entry in after.items():
        if name in before and _german(before[name]) != _german(entry):
            found += _keys(f"{place}, „{label(entry)}“", before[name], entry, type(entry).model_fields)
    return found


def _tiers(definition: FormDefinition) -> Any:
    return definition.fee.tiers if definition.fee else ()


def _terms(definition: FormDefinition) -> Any:
    return (definition.fee.due, definition.fee.due_days, definition.fee.frame) if definition.fee else None


def _name(item: Any) -> str:
    return str(getattr(item, "label", None) or item.name)


def _german(value: Any) -> Any:
    """The value with German texts only, to be compared."""
    if isinstance(value, Text):
        return value.de
    if isinstance(value, BaseModel):
        return {name: _german(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple | list):
        return [_german(entry) for entry in value]
    if isinstance(value, Mapping):
        return {key: _german(entry) for key, entry in value.items()}
    return value


def _said(before: Any, after: Any, *, bare: bool = False) -> str:
    short = [_short(value) for value in (before, after)]
    if None in short:
        return "bisher etwas anderes." if bare else "Der Inhalt ist geändert."
    return f"„{short[1]}“ statt „{short[0]}“."


def _short(value: Any) -> str | None:
    """A value in words if it fits into a sentence."""
    value = _german(value)
    if value is None or value == "":
        return "nichts"
    if isinstance(value, bool):
        return "ja" if value else "nein"
    return str(value) if isinstance(value, str | int) and len(str(value)) <= 200 else None
