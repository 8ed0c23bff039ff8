"""Who is using the private services of a data folder, and how to join: a small file, locked by its living owner.

The lock, not the content, says that the owner lives: the kernel drops it however the owner ends.
"""

import fcntl
import json
import os
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

FILE = "state.json"
# What another process needs to work on the same services.
SHARED = (
    "PGHOST",
    "PGUSER",
    "PGDATABASE",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "PORTAL_DEMO",
    "PORTAL_URL",
    "PORTAL_FILE_STORE",
    "PORTAL_SEAL_KEY_FILE",
    "PORTAL_STATIC_ROOT",
    "PORTAL_MAIL_BACKEND",
    "PORTAL_MAIL_DIR",
    "STRIPE_SECRET_KEY",
    "STRIPE_API_BASE",
    "STRIPE_WEBHOOK_SECRETS",
    "PORTAL_PAYMENT_ORIGINS",
    "PORTAL_SWEEP_SECONDS",
)


@dataclass(frozen=True)
class Owner:
    """The process that runs the services: what it is ("demo", "manage"), and its environment once it is up."""

    pid: int
    what: str
    environment: Mapping[str, str]


class State:
    """The state file of one data folder."""

    def __init__(self, folder: pathlib.Path):
        self._path = folder / FILE
        self._file: IO[str] | None = None

    def take(self, what: str) -> Owner | None:
        """Become the owner. Returns the living owner instead if there is one."""
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return self._read()
        self._file = file
        self._write(Owner(os.getpid(), what, {}))
        return None

    def publish(self, what: str) -> None:
        """Tell others how to join: the services named in this process's environment are up."""
        self._write(Owner(os.getpid(), what, {name: os.environ[name] for name in SHARED if name in os.environ}))

    def release(self) -> None:
        if self._file:
            self._file.truncate(0)  # not unlink: a waiting process may hold the old file open
            self._file.close()
            self._file = None

    def _write(self, owner: Owner) -> None:
        if self._file is None:
            raise RuntimeError("only the owner writes the state file")
        self._file.truncate(0)
        self._file.write(json.dumps(owner.__dict__))
        self._file.flush()

    def _read(self) -> Owner:
        content = self._path.read_text(encoding="utf-8")
        return Owner(**json.loads(content)) if content else Owner(0, "", {})  # it took the lock just now
