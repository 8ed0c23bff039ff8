"""Rows written without the ORM's putting together: for what is written on every way through the house.

A model's INSERT is put together once. Values go through the model's own fields, so columns and conversions are those of
save(); there are no signals (the house has none) and no relations followed.
"""

import functools
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Field, Model


class _Insert(NamedTuple):
    text: str
    fields: tuple["Field[Any, Any]", ...]
    told: tuple["Field[Any, Any]", ...]  # what the database knows better: the key, generated columns


@functools.cache
def _written(model: type[Model], ending: str = "") -> _Insert:
    quote, key = connection.ops.quote_name, model._meta.pk
    fields = tuple(field for field in model._meta.concrete_fields if field is not key and not field.generated)
    told = (key, *(field for field in model._meta.concrete_fields if field.generated))
    columns = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    text = f"insert into {quote(model._meta.db_table)} ({columns}) values ({marks}){ending}"  # noqa: S608 - names of ours
    return _Insert(f"{text} returning {', '.join(quote(field.column) for field in told)}", fields, told)


def insert(row: Model) -> None:
    """Store a new row whose key the database gives. Raises IntegrityError. Joins the caller's transaction."""
    _run(row, _written(type(row)))


def insert_once(row: Model) -> bool:
    """INSERT … ON CONFLICT DO NOTHING: whether this row is now stored, with its key; False if a unique constraint has
    another one already. Waits for a parallel insert of the same. Joins the caller's transaction.
    """
    return _run(row, _written(type(row), " on conflict do nothing"))


def _run(row: Model, insert: _Insert) -> bool:
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in insert.fields]
    with connection.cursor() as cursor:
        cursor.execute(insert.text, values)
        found = cursor.fetchone()
    if found is None:
        return False
    for field, value in zip(insert.told, found, strict=True):
        setattr(row, field.attname, value)
    row._state.adding, row._state.db = False, connection.alias
    return True
