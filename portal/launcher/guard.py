"""Cleans up after a parent that ended without a word (kill -9, out of memory). Standard library only, run as a script.

Standard input brings lines "<process group> <signal>" of the parent's children, then "done" after an orderly end.
When the input ends without "done", every named group gets its signal, after GRACE seconds SIGKILL, and the folder
named on the command line is removed. The kernel's parent-death signal alone reaches children, not grandchildren.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

GRACE = 5.0


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def end(groups: dict[int, int]) -> None:
    """Signal each group, wait for all of them, then insist."""
    for group, number in groups.items():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, number)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(map(_alive, groups)):
        time.sleep(0.05)
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        if line == "done\n":
            return
        group, number = line.split()
        groups[int(group)] = int(number)
    end(groups)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    main()
