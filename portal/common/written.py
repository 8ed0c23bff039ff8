"""Statements a busy page asks each time: written by the ORM once, planned by the database once per connection.

Putting a query together costs the ORM, and planning it costs the database, more than answering it. What is built here
stays an ordinary queryset: it is put together once with marks in place of the values, and its text becomes a prepared
statement of each connection. Each call then runs it, and Django makes its objects from the rows as always.
"""

import copy
import dataclasses
import datetime as dt
import functools
import itertools
import re
import weakref
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar, cast

from django.db import connections, models
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

from portal.common import clock

M = TypeVar("M", bound=models.Model)
Value = int | dt.date | models.Model

_NUMBER = -1_987_654_321  # no row has such a key
_YEAR = 9871  # no such day is ever asked for
_NOW = dt.datetime(_YEAR, 7, 8, 9, 10, 11, tzinfo=dt.UTC)
_TODAY = clock.local(_NOW).date()


_numbers = itertools.count()
_prepared: weakref.WeakKeyDictionary[Any, set[str]] = weakref.WeakKeyDictionary()  # per connection to the database


@dataclasses.dataclass(frozen=True)
class _Text:
    """The statement. `places[i]` says which of the caller's values stands at parameter i, or asks the clock; None:
    always the same, as in `params`."""

    name: str
    rows: models.QuerySet[Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    places: tuple[int | Callable[[], Any] | None, ...]

    def values(self, given: Sequence[Any]) -> list[Any]:
        return [given[p] if isinstance(p, int) else p() for p in self.places if p is not None]

    def call(self, connection: Any, cursor: Any) -> str:
        """The statement that asks; what it calls is known to the connection from now on."""
        held = _prepared.setdefault(connection.connection, set())
        if self.name not in held:
            cursor.cursor.execute(f"PREPARE {self.name} AS {self._prepared(cursor.cursor)}")
            held.add(self.name)
        marks = ", ".join(["%s"] * sum(place is not None for place in self.places))
        return f"EXECUTE {self.name}({marks})" if marks else f"EXECUTE {self.name}"

    def _prepared(self, cursor: Any) -> str:
        """The statement with $1, $2 for what changes, and the rest as it is."""
        numbers, params = itertools.count(1), iter(zip(self.params, self.places, strict=True))

        def put(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%"
            param, place = next(params)
            return str(cursor.mogrify("%s", [param])) if place is None else f"${next(numbers)}"

        return re.sub("%[s%]", put, self.sql)


class Written(Generic[M]):
    """A function that returns a queryset, called with whole numbers, days, moments or saved rows, as a statement.

    Each value has to end up as itself in the statement, and must not change its form: whoever passes None or a list
    wants another statement. clock.now() and clock.today() are asked at each call; what is reckoned from them has to be
    a value. Prefetches are read as always. Raises ValueError, TypeError at the first call otherwise.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]]) -> None:
        functools.update_wrapper(self, build)
        self._build = build
        self._text: _Text | None = None

    def __call__(self, *values: Value) -> list[M]:
        return cast(list[M], together(self.asked(*values))[0])

    def asked(self, *values: Value) -> "Asked":
        """This question with these values, for together()."""
        text = self._text = self._text or _write(self._build, values)
        return Asked(text, [_bare(value) for value in values])


class Asked(NamedTuple):
    """A question that waits for others to go with it."""

    text: _Text
    values: list[Any]


def together(*questions: Asked) -> list[list[Any]]:
    """The rows of each, for one message to the database instead of one for each question."""
    connection = connections[questions[0].text.rows.db]
    with connection.cursor() as cursor:
        # Made known first: with an execute wrapper, what is prepared must not come between question and answer.
        calls = [question.text.call(connection, cursor) for question in questions]
        values = [value for question in questions for value in question.text.values(question.values)]
        cursor.execute("; ".join(calls), values)
        found = [cursor.fetchall()]
        for _further in questions[1:]:
            cursor.nextset()
            found.append(cursor.fetchall())
    return [list(_read(question.text, connection, list(rows))) for question, rows in zip(questions, found, strict=True)]


def _bare(value: Value) -> Any:
    if value is None or (isinstance(value, models.Model) and value.pk is None):
        raise TypeError("None changes a statement; it cannot be a value of one that is written already.")
    return value.pk if isinstance(value, models.Model) else value


def _write(build: Callable[..., models.QuerySet[M]], values: Sequence[Value]) -> _Text:
    marks = [_mark(value, place) for place, value in enumerate(values)]
    with clock.frozen(_NOW):
        rows = build(*marks)
        compiler = rows.query.get_compiler(using=rows.db)
        sql, params = compiler.as_sql()
    bare = [_bare(mark) for mark in marks]
    places = tuple(_place(param, bare) for param in params)
    if lost := set(range(len(marks))) - set(places):
        raise ValueError(f"Value no. {min(place for place in lost)} does not stand in the statement as given: {sql}")
    return _Text(f"written_{next(_numbers)}", rows, compiler, sql, tuple(params), places)


def _mark(value: Value, place: int) -> Any:
    if isinstance(value, models.Model):
        _bare(value)
        return value._meta.model(pk=_NUMBER - place)  # the person of a request is a proxy
    if isinstance(value, dt.datetime):
        return dt.datetime(_YEAR, 2, 3 + place, 4, 5, 6, tzinfo=dt.UTC)
    if isinstance(value, dt.date):
        return dt.date(_YEAR, 2, 3 + place)
    if type(value) is int:
        return _NUMBER - place
    raise TypeError(f"{value!r} cannot be a value of a written statement.")


def _place(param: Any, marks: Sequence[Any]) -> int | Callable[[], Any] | None:
    known: list[tuple[Any, int | Callable[[], Any]]] = [(mark, place) for place, mark in enumerate(marks)]
    for mark, place in [*known, (_NOW, clock.now), (_TODAY, clock.today)]:
        if type(mark) is type(param) and mark == param:
            return place
    if isinstance(param, dt.date) and abs(param.year - _YEAR) < 100:
        raise ValueError(f"{param} is reckoned from the clock or a value; it would stay what it is at the first call.")
    return None


class _Answered:
    """Stands where a queryset has its query, and has the rows already."""

    def __init__(self, compiler: SQLCompiler, found: list[Any]) -> None:
        self._compiler = compiler
        self._found = found

    def get_compiler(self, using: str) -> SQLCompiler:
        compiler = copy.copy(self._compiler)
        compiler.execute_sql = lambda *args, **kwargs: [self._found]  # type: ignore[method-assign,assignment]  # read already
        return compiler


def _read(text: _Text, connection: Any, found: list[Any]) -> models.QuerySet[Any]:
    """The rows as Django reads them: converters, related objects, deferred fields, prefetches."""
    compiler = copy.copy(text.compiler)
    compiler.connection = connection  # the text may have been written in another thread
    query = cast(Query, _Answered(compiler, found))
    rows = type(text.rows)(model=text.rows.model, query=query, using=text.rows.db)
    rows._prefetch_related_lookups = text.rows._prefetch_related_lookups  # type: ignore[attr-defined]  # no public way
    return rows
