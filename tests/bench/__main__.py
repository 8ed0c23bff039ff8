"""./run bench [NAME ...]: calls measure() -> dict of figures in every tests/bench/bench_NAME.py.

Prints one JSON line for each, then a table.
Figures carry their unit in the name (drain_per_s, first_page_ms). The database is a fresh one, migrated and empty.
"""

import importlib
import json
import os
import pathlib
import shutil
import sys
from collections.abc import Iterator

import django
import psycopg
import psycopg.sql
from django.core.management import call_command

from portal.launcher.services import Services
from portal.launcher.terminal import say

HERE = pathlib.Path(__file__).parent


def names(wanted: list[str]) -> Iterator[str]:
    known = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    if unknown := set(wanted) - set(known):
        sys.exit(f"Diese Messung gibt es nicht: {', '.join(sorted(unknown))}. Es gibt: {', '.join(known)}")
    yield from (name for name in known if not wanted or name in wanted)


def _begin_empty() -> None:
    """A run that was broken off leaves its rows behind."""
    name = psycopg.sql.Identifier(os.environ["PGDATABASE"])
    with psycopg.connect(dbname="postgres", autocommit=True) as server:
        server.execute(psycopg.sql.SQL("drop database {} with (force)").format(name))
        server.execute(psycopg.sql.SQL("create database {}").format(name))


def main(wanted: list[str]) -> None:
    chosen = list(names(wanted))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    services = Services("var/bench")
    try:
        services.start_postgres()
        _begin_empty()
        services.start_valkey()
        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        rows = []
        for name in chosen:
            figures = importlib.import_module(f"tests.bench.bench_{name}").measure()
            say(json.dumps({"bench": name} | figures))
            rows += [(name, figure, value) for figure, value in figures.items()]
        say()
        for name, figure, value in rows:
            shown = f"{value:,.1f}" if isinstance(value, float) else str(value)
            say(f"{name:16} {figure:28} {shown:>12}")
    finally:
        services.stop()
        shutil.rmtree(services.folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
