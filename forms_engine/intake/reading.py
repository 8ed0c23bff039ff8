"""What stands on a scan: text, and barcodes by which our own letters come back. In a process of its own (eyes.py)."""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass

from django.conf import settings

SECONDS = 25  # ten attachments stay within the time of one task
MEMORY = 1_500_000_000
PROGRAMS = "/usr/local/bin:/usr/bin:/bin"
KINDS = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
NOTHING = "Die Datei ließ sich nicht lesen. Sehen Sie sie selbst an."


@dataclass(frozen=True)
class Reading:
    text: str = ""
    codes: tuple[str, ...] = ()
    note: str = ""  # what a clerk should know about it


def kind(head: bytes) -> str | None:
    """The media type told by the first bytes: PDF, JPEG, TIFF or PNG."""
    return next((kind for mark, kind in KINDS.items() if head.startswith(mark)), None)


def look(data: bytes) -> Reading:
    """Read one PDF or picture. Never raises for what is in it: bombs, loops and rubble end as a note."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "forms_engine.intake.eyes"],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=True,
            cwd=settings.BASE_DIR,
            # One thread: many scans are read side by side, and the limits are meant for one.
            env={"PATH": PROGRAMS, "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"},
            preexec_fn=_bounded,
        )
        found = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return Reading(note=NOTHING)
    return Reading(found["text"], tuple(found["codes"]), " ".join(found["notes"]))


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
