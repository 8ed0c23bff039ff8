"""How long a letter may take and how much memory it may use. A letter that wants more is parked with the reason."""

import contextlib
import resource
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

SECONDS = 60.0  # a usual letter takes a third of a second, a table of 300 rows two; the lease of a paper is longer
MEGABYTES = 1024  # beyond what the process holds already


class Exceeded(Exception):
    """The letter took too long or too much memory. The message is German and fit for the list of stuck papers."""


class _TooSlow(BaseException):
    """Raised by the clock. Not an Exception: no library on the way may swallow it."""


@contextlib.contextmanager
def held(seconds: float | None = None, megabytes: int | None = None) -> Iterator[None]:
    """Work within the bounds. Raises Exceeded.

    The clock is a signal, so it holds in the main thread of a process: in workers and commands. A web process draws
    nothing.
    """
    seconds, megabytes = seconds or SECONDS, megabytes or MEGABYTES
    try:
        with _clock(seconds), _memory(megabytes):
            yield
    except _TooSlow:
        raise Exceeded(f"Das Schreiben ließ sich nicht in {seconds:g} Sekunden setzen") from None
    except (MemoryError, RecursionError):
        raise Exceeded(f"Das Schreiben brauchte mehr als {megabytes} MB Speicher") from None


@contextlib.contextmanager
def _clock(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _memory(megabytes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    wanted = pages * resource.getpagesize() + megabytes * 2**20
    ceiling = min(value for value in (wanted, soft, hard) if value != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
