"""Rows written without the ORM's putting together: for what is written on every way through the house.

A model's INSERT is put together once. Values go through the model's own fields, so columns and conversions are those of
save(); there are no signals (the house has none) and no relations followed.
"""

import contextlib
import datetime as dt
import functools
import threading
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db import models as m
from django.db.models import Field, Model

_ONCE = " on conflict do nothing"
# What such a field hands to the database as it is. Any other field, and any other type, goes the field's own way.
_AS_IT_IS: dict[type["Field[Any, Any]"], type] = {
    m.AutoField: int,
    m.BigAutoField: int,
    m.BigIntegerField: int,
    m.BinaryField: bytes,
    m.BooleanField: bool,
    m.CharField: str,
    m.DateTimeField: dt.datetime,
    m.EmailField: str,
    m.IntegerField: int,
    m.PositiveIntegerField: int,
    m.PositiveSmallIntegerField: int,
    m.TextField: str,
    m.UUIDField: uuid.UUID,
}


class _Column(NamedTuple):
    """`plain`: the types of values that need no conversion."""

    attname: str
    plain: frozenset[type]
    field: "Field[Any, Any]"

    def value(self, row: Model, real: Any) -> Any:
        value = getattr(row, self.attname)
        kind = type(value)
        if kind in self.plain and (kind is not dt.datetime or value.tzinfo is not None):
            return value
        if str in self.plain and isinstance(value, str):
            return str.__str__(value)  # of an enumeration
        return self.field.get_db_prep_save(self.field.pre_save(row, True), real)


class _Insert(NamedTuple):
    head: str
    marks: str
    tail: str
    columns: tuple[_Column, ...]
    told: tuple["Field[Any, Any]", ...]  # what the database knows better: the key, generated columns

    def text(self, marks: Sequence[str]) -> str:
        return f"{self.head} {', '.join(marks)}{self.tail}"


@functools.cache
def _written(model: type[Model], ending: str = "") -> _Insert:
    quote, key = connection.ops.quote_name, model._meta.pk
    fields = [field for field in model._meta.concrete_fields if field is not key and not field.generated]
    told = (key, *(field for field in model._meta.concrete_fields if field.generated))
    columns = ", ".join(quote(field.column) for field in fields)
    head = f"insert into {quote(model._meta.db_table)} ({columns}) values"
    tail = f"{ending} returning {', '.join(quote(field.column) for field in told)}"
    return _Insert(head, f"({', '.join(['%s'] * len(fields))})", tail, tuple(map(_column, fields)), told)


def _column(field: "Field[Any, Any]") -> _Column:
    stamped = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    if stamped or type(field).pre_save not in (Field.pre_save, m.DateTimeField.pre_save):
        return _Column(field.attname, frozenset(), field)  # it makes up a value of its own
    kind = _AS_IT_IS.get(type(field.target_field if isinstance(field, m.ForeignKey) else field))
    return _Column(field.attname, frozenset({type(None), kind or type(None)}), field)


@functools.cache
def _relations(model: type[Model]) -> tuple["Field[Any, Any]", ...]:
    return tuple(field for field in model._meta.concrete_fields if field.is_relation)


def insert(row: Model) -> None:
    """Store a new row whose key the database gives. Raises IntegrityError. Joins the caller's transaction.

    Within gathered() it is stored, and knows its key, no later than anybody can ask the database for it.
    """
    if _waiting.rows is not None:
        _waiting.rows.append(_Waiting(row, ""))
        return
    _run(row, _written(type(row)))


def insert_once(row: Model) -> bool:
    """INSERT … ON CONFLICT DO NOTHING: whether this row is now stored, with its key; False if a unique constraint has
    another one already. Waits for a parallel insert of the same. Joins the caller's transaction.
    """
    return _run(row, _written(type(row), _ONCE))


def insert_unless_there(row: Model) -> None:
    """insert_once() for who does not want to know: `row` never learns its key. So it may wait within gathered()."""
    if _waiting.rows is None:
        _run(row, _written(type(row), _ONCE))
    else:
        _waiting.rows.append(_Waiting(row, _ONCE))


def _run(row: Model, insert: _Insert) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(insert.text([insert.marks]), _values(row, insert))
        found = cursor.fetchone()
    if found is not None:
        _tell(row, insert, found)
    return found is not None


def _values(row: Model, insert: _Insert) -> list[Any]:
    real = transaction.get_connection()  # asked for each value, the proxy costs more than the value
    return [column.value(row, real) for column in insert.columns]


def _tell(row: Model, insert: _Insert, found: Sequence[Any]) -> None:
    for field, value in zip(insert.told, found, strict=True):
        setattr(row, field.attname, value)
    row._state.adding, row._state.db = False, connection.alias


# --- several at once -------------------------------------------------------------------------------------------------


class _Waiting(NamedTuple):
    row: Model
    ending: str


class _WaitingRows(threading.local):
    rows: list[_Waiting] | None = None  # None: nobody gathers


_waiting = _WaitingRows()


@contextlib.contextmanager
def gathered() -> Iterator[None]:
    """The rows that this block inserts go to the database together, one statement a table, in one message.

    They wait until the block ends or any other statement is run, so nobody ever misses one. A row may point to one that
    still waits. What breaks a rule is told then, not at its insert(). A part of the caller's transaction: whoever
    leaves by an exception has to roll it back.
    """
    if _waiting.rows is not None:
        yield
        return
    with transaction.atomic(savepoint=False), connection.execute_wrapper(_first_what_waits):
        _waiting.rows = []
        try:
            yield
            _send()
        finally:
            _waiting.rows = None


def _first_what_waits(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
    _send()
    return execute(sql, params, many, context)


def _send() -> None:
    rest, _waiting.rows = _waiting.rows, []  # its own statements have nothing to wait for
    while rest:
        now, rest = _this_time(rest)
        _run_all(now)


def _this_time(rows: list[_Waiting]) -> tuple[list[_Waiting], list[_Waiting]]:
    """What can go in one message, and the rest. The database knows the last key of a table, so a row whose key is asked
    for in the same message has to be the only one of its table. Raises ValueError for a row that nobody inserted."""
    seen: list[Model] = []
    asked: set[type[Model]] = set()
    for place, (row, _ending) in enumerate(rows):
        parents = list(_keyless(row).values())
        if lost := [parent for parent in parents if not any(parent is known for known in seen)]:
            raise ValueError(f"{row!r} points to {lost[0]!r}, which was never stored")
        asked |= {type(parent) for parent in parents}
        if any([type(known) for known in [*seen, row]].count(model) > 1 for model in asked):
            return rows[:place], rows[place:]
        seen.append(row)
    return rows, []


def _keyless(row: Model) -> dict[str, Model]:
    """Those that the row points to and that have no key yet, by column. A key that is known by now is taken over."""
    missing = {}
    for field in _relations(type(row)):
        parent = row._state.fields_cache.get(field.name)
        if parent is None or getattr(row, field.attname) is not None:
            continue
        if parent.pk is None:
            missing[field.attname] = parent
        else:
            setattr(row, field.name, parent)  # the whole parent: setting the bare key would forget it
    return missing


def _run_all(waiting: list[_Waiting]) -> None:
    groups: dict[tuple[Any, ...], list[_Waiting]] = {}
    for held in waiting:
        parents = map(id, _keyless(held.row).values())  # their statement has to come first
        groups.setdefault((type(held.row), held.ending, *parents), []).append(held)
    with connection.cursor() as cursor:
        texts = []
        for rows in groups.values():
            insert = _written(type(rows[0].row), rows[0].ending)
            # Row by row: psycopg remembers where the marks of a short text are, and reads a long one anew each time.
            texts.append(insert.text([cursor.mogrify(*_marked(held.row, insert)) for held in rows]))
        cursor.execute("; ".join(texts))
        for rows in groups.values():
            _tell_all(rows, cursor.fetchall())
            cursor.nextset()


def _tell_all(waiting: list[_Waiting], found: list[Sequence[Any]]) -> None:
    if waiting[0].ending:
        return  # nobody knows which of them are told of
    for held, told in zip(waiting, found, strict=True):
        _tell(held.row, _written(type(held.row)), told)
        _keyless(held.row)  # its parents' keys came with the statements before


def _marked(row: Model, insert: _Insert) -> tuple[str, list[Any]]:
    """The row's marks and values. In place of a key that the same message makes stands the last one of its table."""
    missing = _keyless(row)
    if not missing:
        return insert.marks, _values(row, insert)
    marks, values = [], []
    real = transaction.get_connection()
    for column in insert.columns:
        if column.attname in missing:
            parent = missing[column.attname]._meta
            marks.append(f"currval(pg_get_serial_sequence('{parent.db_table}', '{parent.pk.column}'))")
        else:
            marks.append("%s")
            values.append(column.value(row, real))
    return f"({', '.join(marks)})", values
