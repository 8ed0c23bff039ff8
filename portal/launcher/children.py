"""Child processes that never outlive their parent: Ctrl-C, a crash or kill -9, none leaves anything behind."""

import contextlib
import ctypes
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Any

GUARD = pathlib.Path(__file__).with_name("guard.py")
STOP_SECONDS = 6.0
# Load libc before any fork: after setuid the child may not be able to read our Python.
_libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
_PR_SET_PDEATHSIG = 1


class ChildDied(Exception):
    """A child stopped by itself; the message holds the end of its log."""


@dataclass(frozen=True)
class Child:
    name: str
    process: "subprocess.Popen[bytes]"
    stop_signal: int
    server: bool  # others lean on it, so it is stopped after them


def die_with_parent(signal_number: int, parent: int) -> None:
    """Called in the child after setuid (which would clear the setting). Covers a parent that is gone already."""
    if _libc:
        _libc.prctl(_PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


class Children:
    """Starts children, each in a session of its own with a log in `logs`; stops them in reverse order."""

    def __init__(self, logs: pathlib.Path):
        self.logs = logs
        self._running: list[Child] = []
        self._guard = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", str(GUARD), str(logs)], stdin=subprocess.PIPE, start_new_session=True, cwd="/"
        )

    def log_path(self, name: str) -> pathlib.Path:
        return self.logs / f"{name}.log"

    def log_end(self, name: str, characters: int = 3000) -> str:
        return self.log_path(name).read_text(encoding="utf-8", errors="replace")[-characters:].strip()

    def spawn(
        self,
        name: str,
        argv: Sequence[object],
        *,
        stop_signal: int = signal.SIGTERM,
        server: bool = False,
        **popen: Any,
    ) -> Child:
        """Start a program; `popen` goes to subprocess.Popen. Its output goes to the log of its name."""
        parent = os.getpid()
        log: IO[bytes]
        with self.log_path(name).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own argument lists
                [str(part) for part in argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(stop_signal, parent),
                **popen,
            )
        self._tell_guard(f"{process.pid} {int(stop_signal)}\n")
        child = Child(name, process, stop_signal, server)
        self._running.append(child)
        return child

    def wait_until(self, child: Child, ready: Callable[[], bool], seconds: float) -> None:
        """Poll until ready. Raises ChildDied when the child ends first or takes longer."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and child.process.poll() is None:
            if ready():
                return
            time.sleep(0.03)
        self.forget(child)
        raise ChildDied(f"{child.name} ist nicht gestartet:\n{self.log_end(child.name)}")

    def forget(self, child: Child) -> None:
        """Stop one child now and take it off the list."""
        _stop([child], STOP_SECONDS)
        self._running.remove(child)

    def check(self) -> None:
        """Raises ChildDied when a child stopped by itself."""
        for child in self._running:
            if (status := child.process.poll()) is not None:
                raise ChildDied(f"{child.name} hat mit {status} aufgehört:\n{self.log_end(child.name)}")

    def stop(self) -> None:
        """All at once what leans on the servers, then the servers, last started first."""
        _stop([child for child in self._running if not child.server], STOP_SECONDS)
        for child in reversed(self._running):
            _stop([child], STOP_SECONDS)
        self._running.clear()
        self._tell_guard("done\n")
        with contextlib.suppress(BrokenPipeError):
            self._guard.communicate()

    def _tell_guard(self, line: str) -> None:
        if self._guard.stdin is None or self._guard.stdin.closed:
            return
        with contextlib.suppress(BrokenPipeError):  # the guard was killed: the parent-death signal still stands
            self._guard.stdin.write(line.encode())
            self._guard.stdin.flush()


def _stop(children: Sequence[Child], seconds: float) -> None:
    for child in children:
        if child.process.poll() is None:
            child.process.send_signal(child.stop_signal)
    deadline = time.monotonic() + seconds
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
