"""The edition: a value that is another one after every change of what public pages show (models.Edition).

Triggers change it at the end of each writing transaction, so that no editor, import or command can forget to. Who keeps
a page reads the edition first and the data after it: the page is then at least as new as its edition.
"""

import uuid

from django.db import connection


def present() -> uuid.UUID | None:
    """One quick statement. None: nothing has been written yet, so nothing is worth keeping."""
    with connection.cursor() as cursor:
        cursor.execute("select value from directory_edition")
        row = cursor.fetchone()
    return row[0] if row else None


def make_triggers(*tables: str) -> str:
    """SQL for migrations: changes of these tables make a new edition."""
    return "".join(
        f"create constraint trigger {table}_edition after insert or update or delete on {table} "
        "deferrable initially deferred for each row execute function directory_new_edition();\n"
        for table in tables
    )


def drop_triggers(*tables: str) -> str:
    return "".join(f"drop trigger {table}_edition on {table};\n" for table in tables)
