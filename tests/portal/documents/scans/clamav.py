"""A genuine clamd as a child of the test: own configuration, own folder, one signature of ours, no network.

Debian's package clamav-daemon has the program. Its system service may run, stand still or lack its signatures: nothing
here touches it. Where AppArmor guards clamd, it reads below /tmp, where pytest's folders lie.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from portal.documents.scans.base import Unavailable
from portal.documents.scans.clamd import Clamd

PROGRAM = shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin")
SCANNER = "portal.documents.scans.clamd.Clamd"
SIGNATURE = b"STADT-PRUEFSIGNATUR " * 3  # harmless, and in nobody else's signatures
FOUND = "Stadt.Pruefung.UNOFFICIAL"  # what is not signed by ClamAV's makers gets this ending
READY = 20  # seconds
needs_clamav = pytest.mark.skipif(PROGRAM is None, reason="ClamAV fehlt: apt-get install clamav-daemon")


class ClamAV:
    """One clamd; start() and kill() as often as wanted. `limits`: lines of clamd.conf(5), over those of the product."""

    def __init__(self, folder: pathlib.Path, **limits: str):
        self._folder, self._process = folder, None
        self.address = f"unix:{folder / 'clamd.sock'}"
        for name in ("signatures", "tmp"):
            (folder / name).mkdir()
        # Name, any kind of file, at any place, the bytes (ClamAV's manual, "Extended signature format").
        line = f"Stadt.Pruefung:0:*:{SIGNATURE.hex()}\n"
        (folder / "signatures" / "stadt.ndb").write_text(line)
        lines = {
            "Foreground": "yes",
            "LocalSocket": folder / "clamd.sock",
            "FixStaleSocket": "yes",
            "DatabaseDirectory": folder / "signatures",
            "TemporaryDirectory": folder / "tmp",
            "AlertExceedsMax": "yes",  # as in docker/clamd.conf
        }
        text = "".join(f"{name} {value}\n" for name, value in (lines | limits).items())
        (folder / "clamd.conf").write_text(text)

    def start(self) -> None:
        """Returns once it answers."""
        command = [PROGRAM, "--config-file", str(self._folder / "clamd.conf")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        ends = time.monotonic() + READY
        while True:
            with contextlib.suppress(Unavailable):
                Clamd(self.address).version()
                return
            assert self._process.poll() is None and time.monotonic() < ends, (self._folder / "log").read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """As kill -9 does it: its socket stays behind and nobody listens."""
        self._process.kill()
        self._process.wait()


@contextlib.contextmanager
def running(folder: pathlib.Path, **limits: str) -> Iterator[ClamAV]:
    daemon = ClamAV(folder, **limits)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.kill()
