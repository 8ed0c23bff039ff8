"""The migrated database that every worker copies. Whoever starts workers begins it at once, in a process of its own
(python -m tests.template): it is made while they still collect."""

import fcntl
import hashlib
import pathlib
import tempfile

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection

NO_TRUNCATE = {
    "audit_auditentry": "audit_no_truncate",
    "mailbox_messageevent": "mailbox_event_no_truncate",
    "exchange_accesslog": "exchange_log_no_truncate",
    "mailbox_deliveryevent": "mailbox_delivery_event_no_truncate",
    "mailbox_dispatchevent": "mailbox_dispatch_event_no_truncate",
    "cases_caseevent": "case_event_no_truncate",
    "accounts_consent": "consent_no_truncate",
    "payments_posting": "payments_posting_no_truncate",
    "payments_postingline": "payments_line_no_truncate",
}


def _migration_digest() -> str:
    digest = hashlib.sha256(django.__version__.encode() + pathlib.Path(__file__).read_bytes())
    for config in sorted(apps.get_app_configs(), key=lambda c: c.label):
        for file in sorted((pathlib.Path(config.path) / "migrations").glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def admin(sql: str):
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def migrated() -> str:
    """Its name, one per state of the migrations. Made if there is none; any number of processes may ask at once."""
    template = f"tpl_{_migration_digest()}"
    settings, original = connection.settings_dict, connection.settings_dict["NAME"]
    with open(pathlib.Path(tempfile.gettempdir()) / f"{template}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not admin(f"select 1 from pg_database where datname = '{template}'"):
            admin(f"drop database if exists {template}_x with (force)")
            admin(f"create database {template}_x")
            connection.close()
            settings["NAME"] = f"{template}_x"
            call_command("migrate", verbosity=0, interactive=False)
            # Tests with real transactions end in a flush; their own tests switch the triggers on again.
            with connection.cursor() as cursor:
                for table, trigger in NO_TRUNCATE.items():
                    cursor.execute(f"alter table {table} disable trigger {trigger}")
            connection.close()
            settings["NAME"] = original
            admin(f"alter database {template}_x rename to {template}")
    return template


if __name__ == "__main__":
    django.setup()
    migrated()
