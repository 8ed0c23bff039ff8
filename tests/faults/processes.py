"""Real processes of ours: start ./run with a clean environment, read what it says, find whatever it leaves behind."""

import os
import pathlib
import queue
import shutil
import signal
import subprocess
import threading
import time

from portal.launcher.services import data_folder

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = ("PG", "PORTAL_", "REDIS_", "CELERY_", "DJANGO_", "STRIPE_", "PYTEST_")


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without the addresses of the test services."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | more


def run(*arguments: str, data: pathlib.Path, seconds: float = 180) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./run", *arguments],
        cwd=ROOT,
        env=clean_environment(PORTAL_DEMO_DATA=str(data)),
        capture_output=True,
        text=True,
        timeout=seconds,
        stdin=subprocess.DEVNULL,
    )


class Demo:
    """`./run demo` on a data folder of its own. Use `with`; at the end nothing of it may be left."""

    def __init__(self, data: pathlib.Path, *arguments: str):
        self.data = data
        self.process = subprocess.Popen(
            ["./run", "demo", *arguments],
            cwd=ROOT,
            env=clean_environment(PORTAL_DEMO_DATA=str(data)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.output = ""
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self._lines.put(line)

    def __enter__(self) -> "Demo":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        wait_for_nothing(self.data)

    def says(self, words: str, seconds: float = 180) -> str:
        """Read on until a line holds the words; returns that line."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                line = self._lines.get(timeout=0.1)
            except queue.Empty:
                if self.process.poll() is not None and self._lines.empty():
                    break
                continue
            self.output += line
            if words in line:
                return line
        raise AssertionError(f"„{words}“ wurde nicht gesagt:\n{self.output}")

    def address(self) -> str:
        return self.says("  Portal  ").split()[-1].rstrip("/")

    def ends(self, seconds: float = 30) -> int:
        return self.process.wait(seconds)


def left_behind(data: pathlib.Path) -> list[str]:
    """Command lines of processes that work on this data folder."""
    marks = [str(data).encode(), str(data_folder(data)).encode()]
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            about = command + (process / "environ").read_bytes() + os.readlink(process / "cwd").encode()
        except OSError:
            continue  # ended meanwhile, or somebody else's
        if int(process.name) != os.getpid() and any(mark in about for mark in marks):
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def wait_for_nothing(data: pathlib.Path, seconds: float = 30) -> None:
    """Assert that within the time no process of this data folder is left."""
    deadline = time.monotonic() + seconds
    while (left := left_behind(data)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def forget(data: pathlib.Path) -> None:
    shutil.rmtree(data_folder(data), ignore_errors=True)
