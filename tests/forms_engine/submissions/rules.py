"""What the rules of a form forbid, read from its definition a second time and without the code that judges.

Only what can be told for certain: a condition with anything but ==, in, &&, || and names is left out.
"""

import datetime as dt
import functools
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from types import CodeType
from typing import Any

from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition

_PLAIN = re.compile(r"(?:'[^']*'|&&|\|\||==|\bin\b|\b[a-z_]\w*\b|[\[\](),\s])*", re.ASCII)
_CALL = re.compile(r"\w\s*\(")
_SHAPES = {"plz_de": r"\d{5}", "plz_muenchen": r"8[01]\d{3}", "name": r"[^\d]+", "strasse_hausnummer": r".*\d.*"}


def broken(definition: FormDefinition, values: Mapping[str, Any]) -> Iterator[str]:
    """Sentences on a whole set of answers; none, if every answer may be there."""
    for page in definition.pages:
        closed = _surely_not(page.visible, values)
        for item in page.questions:
            value = values.get(item.name)
            if value is None:
                continue
            if closed or _surely_not(item.visible, values):
                yield f"{item.name}: nobody asked, yet it is {value!r}"
            yield from (f"{item.name}: {wrong}" for wrong in wrongs(item, value))
            yield from (f"{item.name}: {word} is not on offer" for word in _not_on_offer(item, value, values))


def _not_on_offer(item: f.Question, value: Any, values: Mapping[str, Any]) -> list[str]:
    if not isinstance(item, f.ChoiceField | f.MultiChoiceField):
        return []
    given = value if isinstance(value, list) else [value]
    return [c.value for c in item.choices if c.value in given and _surely_not(c.visible, values)]


def missing(definition: FormDefinition, page_key: str, asked: set[str], given: Mapping[str, Any]) -> Iterator[str]:
    """Questions of a page that need an answer always and got none. `asked`: names of the fields that were shown.

    Files are left out: nobody uploads here.
    """
    for item in definition.page(page_key).questions:
        if isinstance(item, f.FileField):
            continue
        if item.name in asked and item.required is True and given.get(item.name) in (None, "", []):
            yield item.name


def _surely_not(rule: str | None, values: Mapping[str, Any]) -> bool:
    read = _in_python(rule) if rule else None
    if read is None:
        return False
    code, names = read
    known = {"true": True, "false": False} | {name: values.get(name) for name in names}
    try:
        return not eval(code, {"__builtins__": {}}, known)
    except TypeError:  # "in" a question that has no answer
        return False


@functools.cache
def _in_python(rule: str) -> tuple[CodeType, frozenset[str]] | None:
    """A plain condition and the names it reads; None for any other. Forms have some hundred of them."""
    if not _PLAIN.fullmatch(rule) or _CALL.search(re.sub("'[^']*'", "''", rule).replace("in (", "")):
        return None
    names = set(re.findall(r"\b[a-z_]\w*\b", re.sub("'[^']*'", "", rule))) - {"in", "true", "false"}
    source = rule.replace("&&", " and ").replace("||", " or ").replace("\n", " ")
    return compile(source.strip(), "<rule>", "eval"), frozenset(names)


def wrongs(item: f.Question, value: Any) -> Iterator[str]:
    """What an accepted answer breaks of its question's own rules."""
    if isinstance(item, f.RepeatingField):
        yield from _rows(item, value)
    elif not _fits(item, value):
        yield f"{value!r} is no answer"


def _fits(item: f.Question, value: Any) -> bool:
    match item:
        case f.ChoiceField():
            return value in [choice.value for choice in item.choices]
        case f.MultiChoiceField():
            return isinstance(value, list) and {*value} <= {choice.value for choice in item.choices}
        case f.BooleanField():
            return value is True or value is False
        case f.DeclarationField():
            return value is True
        case f.IntegerField():
            return type(value) is int and item.minimum <= value <= item.maximum
        case f.MoneyField():
            return type(value) is int and item.minimum_cents <= value <= item.maximum_cents
        case f.DecimalField():
            return _decimal(value) is not None and item.minimum <= (_decimal(value) or 0) <= item.maximum
        case f.DateField():
            return _day(value) and all(_dated(rule, value) for rule in item.checks)
        case f.TextField() | f.TextareaField():
            shape = _SHAPES.get(item.check or "", r".+")
            fits = isinstance(value, str) and max(item.min_length, 1) <= len(value) <= item.max_length
            return fits and bool(re.fullmatch(shape, value, re.ASCII | re.DOTALL))
        case f.EmailField():
            return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value))
        case f.IbanField():
            return _iban(value)
        case f.TimeField():
            return bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value))
    return bool(value)


def _rows(item: f.RepeatingField, rows: Any) -> Iterator[str]:
    if not item.minimum <= len(rows) <= item.maximum:
        yield f"{len(rows)} rows"
    members = {member.name: member for member in item.members}
    for row in rows:
        for name, value in row.items():
            yield from (f"{name}: {wrong}" for wrong in wrongs(members[name], value))
    if item.unique_by:
        keys = [row[item.unique_by] for row in rows if item.unique_by in row]
        if len({*keys}) < len(keys):
            yield f"{item.unique_by} twice"


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError):
        return None


def _day(value: Any) -> bool:
    try:
        return dt.date.fromisoformat(value).isoformat() == value
    except (TypeError, ValueError):
        return False


def _dated(rule: f.Rule, value: str) -> bool:
    """The two checks of days that are plain; the others are not judged here."""
    day, today = dt.date.fromisoformat(value), TODAY
    return {"not_in_future": day <= today, "geburtsdatum": day <= today}.get(rule.check, True)


def _iban(value: str) -> bool:
    """ISO 13616: the rest of a division by 97 is 1."""
    return int("".join(str(int(sign, 36)) for sign in value[4:] + value[:4])) % 97 == 1


TODAY = dt.date(2026, 11, 22)
