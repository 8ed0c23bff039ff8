"""A definition in another language: the same questions and rules, other words. Letters and clerks stay German."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition, Page
from forms_engine.definitions.language.text import Text

# What a citizen reads. The rest is for letters, decisions and the case file: in German (BayVwVfG Art. 23).
READ_BY_CITIZENS = ("title", "start", "privacy", "pages", "refusals", "submission")


def in_language(definition: FormDefinition, code: str) -> FormDefinition:
    """The definition in a language it declares; itself in any other. Equal arguments give the same object."""
    if code == "de" or code not in definition.languages:
        return definition
    if code not in definition._translated:
        words: Mapping[str, str] = definition.translations.get(code, {})
        translated: FormDefinition = _said(definition, code, words)
        translated.__dict__["program"] = definition.program
        definition._translated[code] = translated
    return definition._translated[code]


def _said(value: Any, code: str, words: Mapping[str, str]) -> Any:
    if isinstance(value, Text):
        return Text(de=value.in_language(code) or words.get(value.de, value.de))
    if isinstance(value, BaseModel):
        names: Iterable[str] = READ_BY_CITIZENS if isinstance(value, FormDefinition) else type(value).model_fields
        kept = {name: getattr(value, name) for name in type(value).model_fields}
        said = type(value).model_construct(**kept | {name: _said(kept[name], code, words) for name in names})
        if isinstance(value, Page | f.RepeatingField):  # the parts of blocks are not written in the file
            said.__dict__["placed"] = tuple(_placed(entry, code, words) for entry in value.placed)
        return said
    if isinstance(value, tuple):
        return tuple(_said(entry, code, words) for entry in value)
    return value


def _placed(entry: f.Placed, code: str, words: Mapping[str, str]) -> f.Placed:
    block = entry.block
    if block:
        hint = block.hint and _said(block.hint, code, words)
        block = f.Block(block.name, _said(block.label, code, words), hint, block.members)
    return f.Placed(entry.place, _said(entry.question, code, words), block)


def texts(definition: FormDefinition) -> Iterator[tuple[str, Text]]:
    """What a declared language has to say, with its path: "pages[0].fields[1].label"."""
    for name in READ_BY_CITIZENS:
        yield from _texts(getattr(definition, name), name)


def _texts(value: Any, path: str) -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, BaseModel):
        names_only = isinstance(value, f.ChoiceField | f.MultiChoiceField) and value.names
        for name, field in type(value).model_fields.items():
            if not (names_only and name == "choices"):
                yield from _texts(getattr(value, name), f"{path}.{field.alias or name}")
    elif isinstance(value, tuple):
        for number, entry in enumerate(value):
            yield from _texts(entry, f"{path}[{number}]")


def problems(definition: FormDefinition) -> Iterator[tuple[str, str]]:
    """Path and German sentence for each fault of the lists of languages."""
    if definition.languages[:1] != ("de",) or len(set(definition.languages)) < len(definition.languages):
        yield "languages", "Die Liste beginnt mit de und nennt jede Sprache einmal."
    for code in definition.translations:
        if code not in definition.languages[1:]:
            yield f"translations.{code}", "Diese Sprache steht nicht in languages."


def missing(definition: FormDefinition) -> Iterator[tuple[str, str]]:
    """Path and German sentence for each text that a declared language misses, and for words nobody says."""
    found = list(texts(definition))
    known = {text.de for _path, text in found}
    for code in definition.languages[1:]:
        words = definition.translations.get(code, {})
        for path, text in found:
            if not text.in_language(code) and not words.get(text.de, "").strip():
                yield path, f"Die Übersetzung ({code}) fehlt: „{text.de[:80]}“."
        for german in words:
            if german not in known:
                yield f"translations.{code}", f"Diesen Text gibt es im Formular nicht: „{german[:80]}“."
