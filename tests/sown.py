"""What the demo's commands sow: read from its files once per process, copied from memory for every further test."""

import io

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

_kept: dict[str, dict[str, bytes]] = {}  # app -> table -> its rows as COPY writes them
_BY_TRIGGER = {"directory_edition"}  # follows from every change, from the copy's, too


def directory() -> None:
    """What `directory_seed` makes of an empty directory."""
    _sow("directory", "directory_seed")


def forms() -> None:
    """Every form of the catalogue, published."""
    _sow("definitions", "forms_publish", "--catalogue")


def _sow(app: str, *command: str) -> None:
    """Where rows lie already, the command itself has to compare."""
    fresh = not _filled(app)
    if fresh and app in _kept:
        _copy_in(_kept[app])
        return
    call_command(*command, verbosity=0, stdout=io.StringIO())
    if fresh:
        _kept[app] = {table: _rows(table) for table in _filled(app)}


def _filled(app: str) -> set[str]:
    """Tables with at least one row."""
    tables = {model._meta.db_table for model in apps.get_app_config(app).get_models(include_auto_created=True)}
    asked = (f"select '{table}' where exists (select 1 from {table})" for table in sorted(tables - _BY_TRIGGER))
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(asked))
        return {table for (table,) in cursor.fetchall()}


def _rows(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"copy {table} to stdout (format binary)") as rows:
        return b"".join(map(bytes, rows))


def _copy_in(kept: dict[str, bytes]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:  # foreign keys are looked at in its end
        for table, rows in kept.items():
            with cursor.copy(f"copy {table} from stdin (format binary)") as copy:
                copy.write(rows)
            cursor.execute("select pg_get_serial_sequence(%s, 'id')", [table])
            if sequence := cursor.fetchone()[0]:
                cursor.execute(f"select setval('{sequence}', (select max(id) from {table}))")
