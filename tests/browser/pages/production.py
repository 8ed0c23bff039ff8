"""The city served as in production: gunicorn, hashed and compressed static files, pages compressed as by the proxy."""

import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from django.db import connection

ROOT = pathlib.Path(__file__).resolve().parents[3]
UNSET = ("DJANGO_SETTINGS_MODULE", "PYTEST_CURRENT_TEST")


class Production:
    """One server on a free port, on this test's database."""

    def __init__(self, folder: pathlib.Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://localhost:{port}"
        self.environment = {name: value for name, value in os.environ.items() if name not in UNSET} | {
            "PORTAL_DEMO": "1",
            "PGDATABASE": connection.settings_dict["NAME"],
            "PORTAL_BIND": f"127.0.0.1:{port}",
            "PORTAL_URL": self.url,
            "PORTAL_STATIC_ROOT": str(folder / "static"),
        }
        self._manage("collectstatic", "--noinput", "-v0")
        command = [sys.executable, "-m", "gunicorn", "-c", "python:portal.server", "--log-level", "warning"]
        self.process = subprocess.Popen([*command, "tests.browser.pages.compressed"], cwd=ROOT, env=self.environment)
        self._wait()

    def _manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True)

    def _wait(self) -> None:
        for _ in range(300):
            assert self.process.poll() is None, "gunicorn has ended"
            try:
                with urllib.request.urlopen(f"{self.url}/robots.txt", timeout=30):
                    return
            except urllib.error.URLError:
                time.sleep(0.2)
        raise AssertionError("gunicorn does not answer")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
