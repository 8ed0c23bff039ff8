"""Our own gunicorn, as in production, on the database of the test; killed and started again where it was."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

from django.db import connection

ROOT = pathlib.Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, files: pathlib.Path, **more: str):
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        database = connection.settings_dict
        self._environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PORTAL_DEMO": "1",
            "PORTAL_BIND": f"127.0.0.1:{self.port}",
            "PORTAL_WEB_WORKERS": "1",
            "PORTAL_FILE_STORE": str(files),
            "PORTAL_LOG_LEVEL": "WARNING",
            "CELERY_BROKER_URL": "memory://",  # a bell that nobody hears, without a wait for it
            "PGDATABASE": database["NAME"],
            "PGUSER": database["USER"],
            "PGHOST": database["HOST"],
            "PGPORT": str(database["PORT"]),
            "LC_ALL": "C.UTF-8",
            **more,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "-c", "python:portal.server", "portal.wsgi"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, start_new_session=True)
        for _ in range(600):
            with socket.socket() as line:
                if not line.connect_ex(("127.0.0.1", self.port)):
                    return
            assert self._process.poll() is None, "gunicorn did not start"
            time.sleep(0.05)
        raise AssertionError("gunicorn does not answer")

    def kill(self) -> None:
        """kill -9, the master and its worker at once: nobody says goodbye."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)

    @property
    def workers(self) -> list[int]:
        children = pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
