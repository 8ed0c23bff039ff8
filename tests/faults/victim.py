"""A process of the house that is struck, once, where PORTAL_FAULT says: python -m tests.faults.victim STEP [ARGUMENTS].

What struck leaves the file PORTAL_FAULT_MARK behind, written first: so a test knows that its point was reached, and a
worker that lives on, or is born again, is not struck twice.
"""

import datetime as dt
import errno
import functools
import importlib
import os
import pathlib
import signal
import sys
import time
from collections.abc import Callable

import django
import psycopg

from tests.faults.points import AFTER, BEFORE, POINTS, Point

JUMP_SECONDS = 3  # until somebody sets the clock right again


def arm(point: Point, mark: str) -> None:
    """From now on the function strikes this process once."""
    module, _, path = point.function.partition(":")
    owner = importlib.import_module(module)
    *classes, name = path.split(".")
    for part in classes:
        owner = getattr(owner, part)
    real = getattr(owner, name)

    @functools.wraps(real)
    def struck(*args, **kwargs):
        meant = point.only(*args)
        if meant and point.when == BEFORE:
            strike(point, mark)
        done = real(*args, **kwargs)
        if meant and point.when == AFTER:
            strike(point, mark)
        return done

    setattr(owner, name, struck)


def strike(point: Point, mark: str) -> None:
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    STRIKES[point.how]()


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def full_disk() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def hang_up() -> None:
    """The server ends our connection, as it does when it is restarted or fails over."""
    from django.db import connection

    connection.ensure_connection()
    with psycopg.connect() as other:  # PGHOST, PGUSER, PGDATABASE
        other.execute("select pg_terminate_backend(%s)", [connection.connection.info.backend_pid])


def jump(by: dt.timedelta) -> None:
    from portal.common import clock

    right, until = clock.now, time.monotonic() + JUMP_SECONDS
    clock.now = lambda: right() + (by if time.monotonic() < until else dt.timedelta())


STRIKES: dict[str, Callable[[], None]] = {
    "kill": kill,
    "full_disk": full_disk,
    "hang_up": hang_up,
    "jump_ahead": lambda: jump(dt.timedelta(days=1)),
    "jump_back": lambda: jump(dt.timedelta(hours=-1)),
}


def approve(case: str, clerk: str) -> None:
    from forms_engine.cases import flow
    from forms_engine.cases.models import Case
    from portal.accounts.models import User

    flow.approve(Case.objects.for_pages().get(pk=case), by=User.objects.get(pk=clerk))


def work(schedule: str) -> None:
    """The worker as the product starts it, with one child and the sweeps."""
    from portal.celery import app

    app.worker_main(["worker", "-c", "1", "--beat", "-s", schedule, "--loglevel", "ERROR"])


def read(address: str, reader: str) -> None:
    from django.conf import settings
    from django.test import Client, override_settings

    from portal.accounts.models import User

    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(User.objects.get(pk=reader))
    plain = {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }  # nothing is collected
    with override_settings(STORAGES=settings.STORAGES | plain):
        if browser.get(address).status_code != 200:
            raise SystemExit(f"{address}: not to be read")


def archive(number: str, folder: str) -> None:
    from django.core.management import call_command

    call_command("cases_export", number, "--format", "json", "--out", folder)


def bounce(folder: str) -> None:
    from mailbox import bounces

    bounces.poll(pathlib.Path(folder))


def proof() -> None:
    from mailbox import proofs
    from mailbox.models import Proof

    for key in Proof.objects.filter(stored=None).values_list("pk", flat=True):
        proofs.draw(key)


def command(name: str) -> Callable[..., None]:
    def run(*arguments: str) -> None:
        from django.core.management import call_command

        call_command(name, *arguments)

    return run


STEPS: dict[str, Callable[..., None]] = {
    "approve": approve,
    "work": work,
    "read": read,
    "archive": archive,
    "bounce": bounce,
    "letters": command("letters_spool"),
    "answer": command("letters_reconcile"),
    "day": command("deliver_due"),
    "proof": proof,
}


def main(step: str, *arguments: str) -> None:
    django.setup()
    if name := os.environ.get("PORTAL_FAULT"):
        if step == "work":  # the worker knows its tasks, and all that they call
            from portal.celery import app

            app.loader.import_default_modules()
        arm(POINTS[name], os.environ["PORTAL_FAULT_MARK"])
    STEPS[step](*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
