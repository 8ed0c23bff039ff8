"""Work that needs Django, done in a fork: the launcher itself stays small and holds no connection."""

import multiprocessing
import os
import signal

import django
from django.utils.module_loading import import_string

from portal.launcher.children import ChildDied, die_with_parent


def _work(path: str, args: tuple[str, ...], parent: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    die_with_parent(signal.SIGKILL, parent)
    django.setup()
    import_string(path)(*args)


def call(what: str, path: str, *args: str) -> None:
    """Call the function of that dotted path. Raises ChildDied when it fails; its traceback went to the terminal."""
    child = multiprocessing.get_context("fork").Process(target=_work, args=(path, args, os.getpid()))
    child.start()
    try:
        child.join()
    finally:
        if child.is_alive():
            child.kill()
    if child.exitcode:
        raise ChildDied(f"{what} ist fehlgeschlagen (siehe oben).")
