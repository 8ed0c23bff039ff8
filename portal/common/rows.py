"""One row, at most once, in one statement."""

from django.db import connection
from django.db.models import Model


def insert_once(row: Model) -> bool:
    """INSERT … ON CONFLICT DO NOTHING: whether this row is now stored, with its key; False if a unique constraint has
    another one already. Waits for a parallel insert of the same. Joins the caller's transaction.
    """
    key, quote = row._meta.pk, connection.ops.quote_name
    fields = [field for field in row._meta.concrete_fields if field is not key and not field.generated]
    columns = ", ".join(quote(field.column) for field in fields)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    marks = ", ".join(["%s"] * len(fields))
    statement = f"insert into {quote(row._meta.db_table)} ({columns}) values ({marks})"  # noqa: S608 - names of ours
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} on conflict do nothing returning {quote(key.column)}", values)
        found = cursor.fetchone()
    if found is None:
        return False
    row.pk, row._state.adding, row._state.db = found[0], False, connection.alias
    return True
