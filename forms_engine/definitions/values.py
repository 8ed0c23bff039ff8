"""One answer: is it what its question asks for, how do expressions see it, when is it empty."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from forms_engine.definitions.expressions import Kind, moment
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.places import sound_place

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_PARTIAL = re.compile(r"\d{4}(-\d\d){0,2}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_LONGEST = 20_000
_INT64 = 2**63


def kind_of(field: f.Question | f.ComputedField) -> Kind:
    """The type expressions see."""
    match field:
        case f.ComputedField():
            return {
                "text": Kind.TEXT,
                "integer": Kind.INT,
                "decimal": Kind.INT,
                "money": Kind.INT,
                "boolean": Kind.BOOL,
                "date": Kind.DATE,
            }[field.result]
        case f.BooleanField() | f.DeclarationField():
            return Kind.BOOL
        case f.IntegerField() | f.DecimalField() | f.MoneyField():
            return Kind.INT
        case f.DateField() | f.DateTimeField():
            return Kind.DATE
        case f.MultiChoiceField() | f.FileField():
            return Kind.TEXTS
        case f.RepeatingField():
            return Kind.ROWS
    return Kind.TEXT


def parse_date(raw: object) -> dt.date | None:
    """A day between 1600 and 9998 from "YYYY-MM-DD", else None."""
    if not isinstance(raw, str) or not _DATE.fullmatch(raw):
        return None
    try:
        day = dt.date.fromisoformat(raw)
    except ValueError:
        return None
    return day if 1600 <= day.year <= 9998 else None


def parse_datetime(raw: object) -> dt.datetime | None:
    """A minute of a day as parse_date() takes it, from "YYYY-MM-DDThh:mm", without a zone; else None."""
    day, _, time = raw.partition("T") if isinstance(raw, str) else ("", "", "")
    if parse_date(day) is None or not _TIME.fullmatch(time):
        return None
    return dt.datetime.fromisoformat(f"{day}T{time}")


def _partial(raw: object) -> str | None:
    if not isinstance(raw, str) or not _PARTIAL.fullmatch(raw):
        return None
    return raw if parse_date(raw + "-01-01"[len(raw) - 4 :]) else None


def _text(raw: object) -> str | None:
    if not isinstance(raw, str) or not raw.strip() or len(raw) > _LONGEST or "\0" in raw:
        return None
    try:
        raw.encode()  # lone surrogates cannot be stored or shown; they only come from hands that meddle
    except UnicodeEncodeError:
        return None
    return raw


def _integer(raw: object) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < _INT64 // 10**6 else None


def _decimal(raw: object, places: int) -> str | None:
    whole = isinstance(raw, str) and re.fullmatch(rf"-?\d{{1,12}}(\.\d{{1,{places}}})?", raw, re.ASCII)
    return str(raw) if whole else None


def _texts(raw: object, at_most: int) -> list[str] | None:
    if not isinstance(raw, list):
        return None
    found = dict.fromkeys(text for text in map(_text, raw[:1000]) if text is not None)
    return list(found)[:at_most] or None


def sound(field: f.Question, raw: object) -> Any:
    """The answer if it has the right shape for its question, else None. Never raises, whatever is handed in."""
    shape = _SHAPES.get(type(field))
    return shape(field, raw) if shape else _text(raw)


def _choice(field: f.ChoiceField, raw: object) -> str | None:
    return raw if isinstance(raw, str) and raw in field.by_value else None


def _choices(field: f.MultiChoiceField, raw: object) -> list[str] | None:
    given = set(_texts(raw, 1000) or ())
    return [choice.value for choice in field.choices if choice.value in given] or None


def _rows(field: f.RepeatingField, raw: object) -> list[dict[str, Any]] | None:
    if not isinstance(raw, list):
        return None
    rows = []
    for given in raw[: field.maximum]:
        if isinstance(given, Mapping):
            answers = {member.name: sound(member, given.get(member.name)) for member in field.members}
            rows.append({name: value for name, value in answers.items() if value is not None})
    return rows or None


# By class and not by match: each test of a pydantic class against another costs, and a form may have 1,000 questions.
_SHAPES: Mapping[type[f.Question], Callable[[Any, Any], Any]] = {
    f.IntegerField: lambda field, raw: _integer(raw),
    f.MoneyField: lambda field, raw: _integer(raw),
    f.DecimalField: lambda field, raw: _decimal(raw, field.places),
    f.DateField: lambda field, raw: raw if parse_date(raw) else None,
    f.PartialDateField: lambda field, raw: _partial(raw),
    f.TimeField: lambda field, raw: raw if isinstance(raw, str) and _TIME.fullmatch(raw) else None,
    f.DateTimeField: lambda field, raw: raw if parse_datetime(raw) else None,
    f.BooleanField: lambda field, raw: raw if isinstance(raw, bool) else None,
    f.DeclarationField: lambda field, raw: True if raw is True else None,
    f.ChoiceField: _choice,
    f.MultiChoiceField: _choices,
    f.LocationField: lambda field, raw: sound_place(raw),
    f.FileField: lambda field, raw: _texts(raw, field.max_files),
    f.RepeatingField: _rows,
}


def for_expression(field: f.Question, value: Any) -> Any:
    """A sound answer as CEL takes it."""
    seen = _SEEN.get(type(field))
    return seen(field, value) if seen else value


def _seen_rows(field: f.RepeatingField, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    members = {member.name: member for member in field.members}
    return [{name: _in_row(for_expression(members[name], value)) for name, value in row.items()} for row in rows]


def _in_row(seen: Any) -> Any:
    """CEL takes no time stamps inside of lists: there they are texts, which timestamp(p.tag) turns back."""
    return f"{seen:%Y-%m-%dT%H:%M:%SZ}" if isinstance(seen, dt.datetime) else seen


_SEEN: Mapping[type[f.Question], Callable[[Any, Any], Any]] = {
    f.DateField: lambda field, value: moment(day) if (day := parse_date(value)) else None,
    f.DateTimeField: lambda field, value: at.replace(tzinfo=dt.UTC) if (at := parse_datetime(value)) else None,
    f.DecimalField: lambda field, value: int(Decimal(value).scaleb(field.places)),
    f.LocationField: lambda field, value: value["words"],
    f.RepeatingField: _seen_rows,
}
