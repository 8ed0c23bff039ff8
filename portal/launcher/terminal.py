"""What people read while they wait."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_begin = time.monotonic()


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


@contextmanager
def step(text: str) -> Iterator[None]:
    """One line per step, written when it is done, with the seconds since the start."""
    yield
    say(f"{time.monotonic() - _begin:5.1f} s  {text}".replace(".", ",", 1))
