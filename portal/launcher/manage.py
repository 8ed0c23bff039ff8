"""Any management command on the private services: those of a running demo, else started for as long as it takes."""

import os
import signal
import subprocess
import sys

import psycopg

from portal.launcher import demo, forked
from portal.launcher.children import ChildDied
from portal.launcher.services import AlreadyRunning, Missing, Services, data_folder
from portal.launcher.state import State
from portal.launcher.terminal import complain

PACKAGES = ("portal", "forms_engine", "payments", "appointments", "mailbox", "opendata")


def run(command: list[str]) -> int:
    """Returns the command's exit status; 1 when the services cannot be had."""
    if os.environ.get("PGHOST"):  # somebody named a database: nothing of ours
        return _manage(command)
    folder = data_folder(demo.home())
    state = State(folder)
    owner = state.take("manage")
    demo.set_environment(folder)
    if owner is None:
        return _with_own_services(command, state)
    if not owner.environment:
        complain(f"Ein anderer Vorgang (Prozess {owner.pid}) benutzt die Datenbank. Warten Sie, bis er fertig ist.")
        return 1
    os.environ.update(owner.environment)
    return _manage(command)


def _with_own_services(command: list[str], state: State) -> int:
    services = Services(demo.home())
    try:
        services.start_postgres()
        services.start_valkey()
        if is_behind():
            complain("Die Datenbank ist neu oder von gestern: Tabellen und Demostadt werden eingerichtet.")
            forked.call("Das Einrichten der Datenbank", "portal.launcher.prepare.prepare")
        return _manage(command)
    except (ChildDied, AlreadyRunning, Missing) as error:
        complain(str(error))
        return 1
    finally:
        demo.on_signals(signal.SIG_IGN)
        services.stop()
        state.release()


def is_behind() -> bool:
    """Whether tables are missing that the code knows: a new database, one that was set up halfway, or older code's."""
    ours = [path for package in PACKAGES for path in demo.BASE_DIR.glob(f"{package}/**/migrations/[0-9]*.py")]
    known = {(path.parent.parent.name, path.stem) for path in ours}
    with psycopg.connect() as connection:
        found = connection.execute("select to_regclass('django_migrations') is null").fetchone()
        if found and found[0]:
            return True
        return not known <= set(connection.execute("select app, name from django_migrations").fetchall())


def _manage(command: list[str]) -> int:
    demo.on_signals(signal.SIG_IGN)  # Ctrl-C is the command's to hear; the services stay until it ends
    child = subprocess.Popen(  # noqa: S603 - our own manage.py
        [sys.executable, "manage.py", *command], cwd=demo.BASE_DIR, preexec_fn=_hear_signals
    )
    return child.wait()


def _hear_signals() -> None:
    demo.on_signals(signal.SIG_DFL)
