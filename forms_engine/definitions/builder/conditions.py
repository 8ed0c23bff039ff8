"""Conditions put together from question, operator and value; the expression they are, and back again. Pure.

An expression that says more than this is not taken apart: experts write it themselves.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition

AND, OR = " && ", " || "
NUMBERS = (f.IntegerField, f.DecimalField, f.MoneyField)
TEXTS = (f.TextField, f.TextareaField, f.EmailField, f.UrlField, f.PhoneField, f.IbanField, f.PlateField, f.TimeField)

# Operator -> what it is called, and the expression; {n} the question, {v} the value.
ASKED = {"beantwortet": ("ist beantwortet", "answered.{n}"), "offen": ("ist nicht beantwortet", "!answered.{n}")}
YES_NO = {"ja": ("ist Ja", "{n}"), "nein": ("ist Nein", "!{n}")}
ONE_OF = {"ist": ("ist", "{n} == {v}"), "nicht": ("ist nicht", "{n} != {v}")}
SOME_OF = {"enthaelt": ("enthält", "{v} in {n}"), "ohne": ("enthält nicht", "!({v} in {n})")}
NUMBER = {
    "gleich": ("ist", "{n} == {v}"),
    "ungleich": ("ist nicht", "{n} != {v}"),
    "mindestens": ("ist mindestens", "{n} >= {v}"),
    "hoechstens": ("ist höchstens", "{n} <= {v}"),
    "groesser": ("ist größer als", "{n} > {v}"),
    "kleiner": ("ist kleiner als", "{n} < {v}"),
}
DATE = {
    "vor_heute": ("liegt vor heute", "{n} < today"),
    "nach_heute": ("liegt nach heute", "{n} > today"),
    "ab": ("ist am oder nach dem", "{n} >= timestamp({v})"),
    "bis": ("ist am oder vor dem", "{n} <= timestamp({v})"),
}
ROWS = {"zeilen": ("hat mindestens so viele Zeilen", "{n}.size() >= {v}")}
Operators = Mapping[str, tuple[str, str]]


class BadValue(ValueError):
    """The message is a German sentence."""


@dataclass(frozen=True)
class Term:
    """One comparison. `value` as it is typed: a choice's value, a number, a day as 2026-03-27."""

    name: str
    operator: str
    value: str = ""


@dataclass(frozen=True)
class Condition:
    terms: tuple[Term, ...]
    every: bool = True  # all of them, or one of them


def operators(item: Any) -> Operators:
    """What can be asked about a question; empty if nothing can."""
    match item:
        case f.BooleanField():
            return YES_NO | ASKED
        case f.DeclarationField():
            return {"ja": YES_NO["ja"]} | ASKED
        case f.ChoiceField():
            return ONE_OF | ASKED
        case f.MultiChoiceField():
            return SOME_OF | ASKED
        case f.DateField() | f.DateTimeField():
            return DATE | ASKED
        case f.RepeatingField():
            return ROWS | ASKED
        case f.FileField() | f.LocationField() | f.PartialDateField():
            return ASKED
    if isinstance(item, NUMBERS) or (
        isinstance(item, f.ComputedField) and item.result in ("integer", "money", "decimal")
    ):
        return NUMBER | ASKED
    return ONE_OF | ASKED if isinstance(item, TEXTS) else {}


def needs_value(item: Any, operator: str) -> bool:
    return "{v}" in operators(item).get(operator, ("", ""))[1]


def values(item: Any) -> list[tuple[str, str]] | None:
    """Value and label of what can be chosen; None where it is typed."""
    if isinstance(item, f.ChoiceField | f.MultiChoiceField):
        return [(choice.value, str(choice.label)) for choice in item.choices]
    return None


def expression(definition: FormDefinition, condition: Condition) -> str:
    """Raises BadValue; KeyError for a question that does not exist."""
    return (AND if condition.every else OR).join(_term(definition.field(term.name), term) for term in condition.terms)


def _term(item: Any, term: Term) -> str:
    known = operators(item)
    if term.operator not in known:
        raise BadValue(f"Wählen Sie aus, was für „{label(item)}“ gelten soll.")
    template = known[term.operator][1]
    return template.format(n=term.name, v=_literal(item, term.value.strip()) if "{v}" in template else "")


def _literal(item: Any, value: str) -> str:
    if isinstance(item, f.DateField | f.DateTimeField):
        try:
            return f"'{dt.date.fromisoformat(value).isoformat()}T00:00:00Z'"
        except ValueError:
            raise BadValue(f"Geben Sie zu „{label(item)}“ einen Tag ein, zum Beispiel 2027-03-27.") from None
    if values(item) is None and not isinstance(item, TEXTS):
        if not re.fullmatch(r"-?\d{1,15}", value, re.ASCII):
            raise BadValue(f"Geben Sie zu „{label(item)}“ eine ganze Zahl ein.")
        return str(int(value))
    if not value:
        raise BadValue(f"Geben Sie zu „{label(item)}“ einen Wert ein.")
    offered = values(item)
    if offered is not None and value not in [word for word, _ in offered]:
        raise BadValue(f"Wählen Sie zu „{label(item)}“ einen Wert aus.")
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def label(item: Any) -> str:
    return str(getattr(item, "label", None) or item.name)


def parse(definition: FormDefinition, source: str) -> Condition | None:
    """The condition that an expression is; None if it cannot be put together here."""
    if not source.strip():
        return Condition(())
    for every, joint in ((True, AND), (False, OR)):
        parts = _split(source, joint.strip())
        terms = [_read(definition, part) for part in parts]
        if all(terms) and (len(parts) > 1 or every):
            return Condition(tuple(term for term in terms if term), every)
    return None


def _split(source: str, joint: str) -> list[str]:
    """The parts between joints that stand in no quotes."""
    parts, current = [], ""
    for piece in re.split(r"('(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")", source):
        if piece[:1] in ("'", '"'):
            current += piece
            continue
        first, *others = piece.split(joint)
        current += first
        for other in others:
            parts.append(current)
            current = other
    return [part.strip() for part in [*parts, current]]


def _read(definition: FormDefinition, part: str) -> Term | None:
    for name, item in definition._fields_by_name.items():
        if not re.search(rf"\b{name}\b", part):
            continue
        for operator, (_, template) in operators(item).items():
            term = _match(item, name, operator, template, part)
            if term is not None:
                return term
    return None


def _match(item: Any, name: str, operator: str, template: str, part: str) -> Term | None:
    pattern = re.escape(template).replace(r"\{n\}", re.escape(name)).replace(r"\{v\}", r"(?P<v>.+)")
    found = re.fullmatch(pattern.replace(r"\ ", r"\s*"), part)
    if not found:
        return None
    value = _value(item, found["v"].strip()) if "{v}" in template else ""
    return None if value is None else Term(name, operator, value)


def _value(item: Any, literal: str) -> str | None:
    quoted = re.fullmatch(r"'((?:\\.|[^'\\])*)'|\"((?:\\.|[^\"\\])*)\"", literal)
    if isinstance(item, f.DateField | f.DateTimeField):
        day = re.fullmatch(r"'(\d{4}-\d\d-\d\d)T00:00:00Z'", literal)
        return day[1] if day else None
    if values(item) is None and not isinstance(item, TEXTS):
        return literal if re.fullmatch(r"-?\d{1,15}", literal, re.ASCII) else None
    return re.sub(r"\\(.)", r"\1", quoted[1] if quoted[1] is not None else quoted[2]) if quoted else None


def askable(definition: FormDefinition) -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    """Questions that a condition may ask about: heading of the page, names and labels."""
    for page in definition.pages:
        found = [(item.name, label(item)) for item in page.fields if operators(item)]
        if found:
            yield str(page.title), found
