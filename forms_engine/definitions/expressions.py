"""Rules as expressions in CEL, the Common Expression Language (docs/adr/0003-expressions-are-cel.md).

Typed and checked once when a definition is read, then only evaluated. An answer that does not exist (hidden or not
given) makes what is built on it unknown, neither true nor false, as NULL in SQL: `a || b` holds if either is true.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cel_expr_python import cel


class Kind(StrEnum):
    """Types of answers as expressions see them."""

    BOOL = "Ja/Nein"
    INT = "ganze Zahl"
    TEXT = "Text"
    DATE = "Datum"
    TEXTS = "Liste von Texten"
    ROWS = "Liste von Zeilen"
    FLAGS = "beantwortet"


_TYPES = {
    Kind.BOOL: cel.Type.BOOL,
    Kind.INT: cel.Type.INT,
    Kind.TEXT: cel.Type.STRING,
    Kind.DATE: cel.Type.TIMESTAMP,
    Kind.TEXTS: cel.Type.List(cel.Type.STRING),
    Kind.ROWS: cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN)),
    Kind.FLAGS: cel.Type.Map(cel.Type.STRING, cel.Type.BOOL),
}
_STRINGS = re.compile(r"\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_NAME = re.compile(r"(?:\b(row|answered)\s*\.\s*|(\.\s*))?\b([A-Za-z_]\w*)(\s*\()?")
_RAW_STRING = re.compile(r"\b[rRbB]{1,2}['\"]")
_ROOT_NAME = re.compile(r"(?:^|[^\w)\]}'\"\s]|\bin)\s*\.\s*[A-Za-z_]")  # ".name": read from the outermost scope
_DEEPEST = 32  # levels of brackets; the limit of the CEL library


class BadExpression(ValueError):
    """The expression cannot be used; the message is a German sentence for the author."""


@dataclass(frozen=True)
class Names:
    """Words of an expression outside of its strings, by how they are written. Function names are left out."""

    free: frozenset[str]  # anliegen
    members: frozenset[str]  # f.kennzeichen
    row: frozenset[str]  # row.kennzeichen
    answered: frozenset[str]  # answered.anliegen


def names_in(source: str) -> Names:
    found: dict[str, set[str]] = {"": set(), ".": set(), "row": set(), "answered": set()}
    for holder, dot, word, call in _NAME.findall(_STRINGS.sub("''", source)):
        if not call:
            found[holder or dot[:1]].add(word)
    return Names(*(frozenset(found[key]) for key in ("", ".", "row", "answered")))


@dataclass(frozen=True)
class Expression:
    source: str
    needs: tuple[str, ...]  # names of the scope it may read
    _compiled: Any
    flags: tuple[str, ...] = ()  # what it reads of `answered`; none named: all

    def value(self, data: Mapping[str, Any]) -> Any:
        """bool, int, str, aware datetime or list; None where an answer it needs does not exist in `data`."""
        # Only what it reads is handed over: turning values into CEL's is the dear part.
        try:
            read = {name: data[name] for name in self.needs if name in data}
            if self.flags:
                read["answered"] = {name: data["answered"][name] for name in self.flags}
            result = self._compiled.eval(data=read)
        except RuntimeError:  # more than 10,000 steps: the library's own limit
            return None
        value = result.plain_value()
        if value is True or value is False:  # most are, and to ask for the type takes a sixth of the whole
            return value
        return None if result.type() == cel.Type.ERROR else value


class Scope:
    """The names an expression may use, with their types."""

    def __init__(self, names: Mapping[str, Kind]):
        self.names = dict(names)
        self._env = cel.NewEnv(variables={name: _TYPES[kind] for name, kind in names.items()})

    def compile(self, source: str, kind: Kind) -> Expression:
        """Raises BadExpression."""
        # Whatever could hide a name from names_in() is refused: order and dependencies rest on it.
        bare = _STRINGS.sub("''", source)
        if "`" in source or "//" in bare or _RAW_STRING.search(bare) or _ROOT_NAME.search(bare):
            raise BadExpression("Der Ausdruck enthält etwas, das hier nicht erlaubt ist: `, //, r'…' oder .name.")
        try:
            compiled = self._env.compile(source)
        except RuntimeError as error:
            raise BadExpression(_german(str(error))) from None
        if compiled.return_type() not in (_TYPES[kind], cel.Type.DYN):
            raise BadExpression(f"Der Ausdruck muss den Typ „{kind}“ haben, er hat „{compiled.return_type().name()}“.")
        used = names_in(source)
        read = used.free | {f"row.{name}" for name in used.row} | ({"answered"} if used.answered else set())
        flags = () if "answered" in used.free else tuple(sorted(used.answered))
        return Expression(source, tuple(sorted(read & self.names.keys())), compiled, flags)


def _german(error: str) -> str:
    if found := re.search(r"undeclared reference to '([^']*)'", error):
        return f"Den Namen „{found[1]}“ gibt es in diesem Formular nicht."
    if found := re.search(r"no matching overload for '([^']*)' applied to '([^']*)'", error):
        return f"Die Typen passen nicht zusammen: {found[1].strip('_')} mit {found[2]}."
    if found := re.search(r"<input>:(\d+):(\d+): Syntax error", error):
        return f"Der Ausdruck ist nicht lesbar (Zeile {found[1]}, Zeichen {found[2]})."
    if "recursion limit" in error:
        return f"Der Ausdruck ist zu tief geschachtelt (höchstens {_DEEPEST} Ebenen)."
    return "Der Ausdruck ist nicht verwendbar: " + " ".join(error.split())[:200]


def moment(day: dt.date) -> dt.datetime:
    """A day as CEL sees it: midnight UTC."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
