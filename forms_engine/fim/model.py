"""What a FIM schema says, whichever version of XDatenfelder it was written in. Pure data; equal content is equal."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Kind = Literal["input", "select", "label", "hidden", "locked"]
DataType = Literal[
    "text", "text_latin", "num", "num_int", "num_currency", "date", "time", "datetime", "bool", "file", "obj"
]


@dataclass(frozen=True, order=True)
class Ident:
    """Id such as F60000000243 with version "1.2.0" ("" if none). Ids of XDatenfelder 2 are written the long way."""

    id: str
    version: str = ""

    def __str__(self) -> str:
        return f"{self.id}V{self.version}" if self.version else self.id


@dataclass(frozen=True)
class Basis:
    """A legal basis (Handlungsgrundlage) or another reference."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Keyword:
    text: str
    uri: str


@dataclass(frozen=True)
class About:
    """What every element carries. Notes are for editors, never for citizens."""

    name: str
    description: str = ""
    definition: str = ""
    bases: tuple[Basis, ...] = ()
    status: str = "2"  # 1 planned .. 4 methodically released, 5 silver, 6 gold, 7 inactive, 8 to be deleted
    status_on: str = ""
    status_by: str = ""
    valid_from: str = ""
    valid_until: str = ""
    version_note: str = ""
    published: str = ""
    changed: str = ""
    keywords: tuple[Keyword, ...] = ()
    # How many relations stood there; what they name is not read. An export names what it was derived from.
    relations: int = field(default=0, compare=False)
    derived_from: Ident | None = field(default=None, compare=False)


@dataclass(frozen=True)
class RuleError:
    code: str
    text: str


@dataclass(frozen=True)
class Rule:
    ident: Ident
    name: str
    text: str  # the sentence, verbatim
    description: str = ""
    bases: tuple[Basis, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    creator: str = ""
    changed: str = ""
    type: str = "K"  # K complex, M multiplicity, V validation, B calculation
    parameters: tuple[tuple[str, str, str], ...] = ()  # element, name, type
    targets: tuple[tuple[str, str], ...] = ()  # element, name
    script: str = ""  # kept, never run
    errors: tuple[RuleError, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Limits:
    """Präzisierung. `note` holds what could not be read as a limit."""

    min_length: int | None = None
    max_length: int | None = None
    min_value: str = ""
    max_value: str = ""
    pattern: str = ""
    note: str = ""


@dataclass(frozen=True)
class Value:
    code: str
    name: str
    help: str = ""


@dataclass(frozen=True)
class ListRef:
    """A code list somewhere else: canonical URI, version, URI with version; `file` is the C-number of version 2."""

    uri: str = ""
    version: str = ""
    version_uri: str = ""
    file: str = ""
    code_key: str = ""
    name_key: str = ""
    help_key: str = ""

    def __str__(self) -> str:
        return self.version_uri or (f"{self.uri}_{self.version}" if self.version else self.uri) or self.file


@dataclass(frozen=True)
class Field:
    ident: Ident
    about: About
    label: str
    label_out: str
    help: str
    help_out: str
    origin: str  # ABS abstract, HAR harmonised, RNG bound to a legal norm
    kind: Kind
    type: DataType
    limits: Limits = Limits()
    content: str = ""
    prefill: str = "keine"
    values: tuple[Value, ...] = ()
    list_ref: ListRef | None = None
    rules: tuple[Rule, ...] = ()
    max_size: int | None = None
    media_types: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Part:
    """An element at its place: how often it may occur (`maximum` None: without limit), by which legal basis."""

    minimum: int
    maximum: int | None
    element: "Field | Group"
    bases: tuple[Basis, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Group:
    ident: Ident
    about: About
    label: str
    label_out: str
    help: str
    help_out: str
    origin: str
    parts: tuple[Part, ...]
    choice: bool = False  # Auswahlgruppe: one of its parts
    rules: tuple[Rule, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Schema:
    ident: Ident
    about: About
    title: str
    help: str
    parts: tuple[Part, ...]
    profile: Ident = Ident("D99000000001")
    derive_structure: str = "0"
    derive_presentation: str = "0"
    rules: tuple[Rule, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Message:
    """One file: 0102 whole schema; 0103 and 0104 a single group or field, read as a schema around it."""

    standard: Literal["2", "3.0.0"]
    number: Literal["0102", "0103", "0104"]
    message_id: str
    created: str
    schema: Schema


def walk(parts: tuple[Part, ...], above: tuple[str, ...] = ()) -> Iterator[tuple[str, Part]]:
    """Every part with its path: ids from the root joined by "/", the second of its kind in one place with "~2"."""
    seen: dict[str, int] = {}
    for part in parts:
        count = seen[part.element.ident.id] = seen.get(part.element.ident.id, 0) + 1
        here = (*above, part.element.ident.id + (f"~{count}" if count > 1 else ""))
        yield "/".join(here), part
        if isinstance(part.element, Group):
            yield from walk(part.element.parts, here)


def as_decimal(text: str) -> Decimal | None:
    """A finite number in any spelling FIM files have ("0,1", "0.1"), else None."""
    try:
        number = Decimal(text.strip().replace(",", "."))
    except ArithmeticError:
        return None
    return number if number.is_finite() and abs(number) < 10**15 else None


def as_moment(text: str, kind: str) -> str:
    """A day ("2026-03-03"), a time ("08:30") or both ("2026-03-03T08:30") from ISO 8601; "" if it is none.

    Seconds are dropped: a limit of a form goes by minutes. A time zone would have to be guessed, so it is none.
    """
    form = {"date": r"(\d{4}-\d\d-\d\d)", "time": r"(\d\d:\d\d)(?::\d\d)?"}
    form["datetime"] = rf"{form['date']}T{form['time']}"
    found = re.fullmatch(form[kind], text.strip(), re.ASCII)
    moment = "T".join(found.groups()) if found else ""
    try:
        read = dt.datetime.fromisoformat(f"2000-01-01T{moment}" if kind == "time" else moment)
    except ValueError:
        return ""
    return moment if 1600 <= read.year <= 9998 else ""


def as_date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
