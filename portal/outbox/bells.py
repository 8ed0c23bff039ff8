"""The bells of the workers: the first ring is heard at once, those that follow within a moment become one.

A bell without arguments says "look what there is to do". Whoever comes for one of ten rows that were written within a
moment finds them all, so nine rings were for nothing; and each costs its process more than writing the row. A ring with
arguments names one row and is never held back.

Nothing hangs on a bell: who is killed while holding one back leaves the row to the sweep.
"""

import atexit
import logging
import os
import threading
import time
from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError

PAUSE = 0.05  # seconds between two rings of the same bell by one process
log = logging.getLogger(__name__)


class Bells:
    """Those of one process. Threads may share it."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """In a forked child: what its parent holds back the parent rings, by a thread that the child has not. A thread
        of the parent may even have held the lock."""
        self._lock = threading.Lock()
        self._rung: dict[str, float] = {}  # task -> when it was rung last, on the monotonic clock
        self._held: dict[str, threading.Timer] = {}

    def ring(self, task: str, *args: Any) -> None:
        """Now, or at the end of the pause. Never raises because of a broker that is away."""
        if args or self._may_ring(task):
            send(task, *args)

    def _may_ring(self, task: str) -> bool:
        with self._lock:
            if task in self._held:
                return False
            now = time.monotonic()
            wait = self._rung.get(task, now - PAUSE) + PAUSE - now
            if wait <= 0:
                self._rung[task] = now
                return True
            timer = threading.Timer(wait, self._let_go, [task])
            timer.daemon = True
            timer.start()
            self._held[task] = timer
            return False

    def _let_go(self, task: str) -> None:
        with self._lock:
            if self._held.pop(task, None) is None:
                return
            self._rung[task] = time.monotonic()
        send(task)

    def let_all_go(self) -> None:
        """What is held back rings now: the process is about to end."""
        for task in list(self._held):
            self._let_go(task)


def send(task: str, *args: Any) -> None:
    try:
        # By name: a web process has not imported every app's tasks.
        current_app.send_task(task, args, retry=False)
    except (OperationalError, OSError):
        log.warning("doorbell %s not heard, the sweep will find the row", task)


_bells = Bells()


def ring(task: str, *args: Any) -> None:
    """Call a worker by the name of a task."""
    _bells.ring(task, *args)


atexit.register(_bells.let_all_go)
os.register_at_fork(after_in_child=_bells.forget)
