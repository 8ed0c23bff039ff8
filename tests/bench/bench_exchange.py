"""The file exchange: MiB/s into our encrypted rooms against the npm package @tus/server, which keeps plain files.

Both in the same run; and how much a worker of ours grows while a large file comes in and goes out again.

PORTAL_BENCH_EXCHANGE_GB=5 uses a file of 5 GB for the memory (without: 1).
"""

import http.client
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import Client

from mailbox.exchange import actions, scanning
from mailbox.exchange.models import RoomFile
from portal.accounts.models import User
from tests.mailbox.exchange import foreign
from tests.mailbox.exchange.server import Server, free_port

MEBI = 1024 * 1024
PIECE, SIZE, ROUNDS = 50 * MEBI, 250 * MEBI, 5
LARGE = int(os.environ.get("PORTAL_BENCH_EXCHANGE_GB", "1")) * 1024 * MEBI
BLOCK = os.urandom(PIECE)


class Line:
    """One client on one connection, sending whole pieces from memory."""

    def __init__(self, port: int, collection: str, cookie: str = ""):
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self._collection, self._always = collection, {"Tus-Resumable": "1.0.0", "Cookie": cookie}

    def ask(self, method: str, path: str, body: bytes | memoryview | None = None, **headers: str):
        sent = self._always | {name.replace("_", "-"): value for name, value in headers.items()}
        self._line.request(method, path, body, sent)
        answer = self._line.getresponse()
        read = answer.read()
        assert answer.status in (200, 201, 204), (answer.status, read[:300])
        return answer

    def upload(self, size: int) -> float:
        """Seconds."""
        self._line.close()  # either server hangs up while the other one's turn is
        started = time.perf_counter()
        begun = self.ask("POST", self._collection, Upload_Length=str(size), Upload_Metadata="filename eA==")
        path = re.sub(r"^https?://[^/]+", "", begun.headers["Location"])
        for offset in range(0, size, PIECE):
            piece = memoryview(BLOCK)[: min(PIECE, size - offset)]
            kind = {"Content_Type": "application/offset+octet-stream"}
            self.ask("PATCH", path, piece, Upload_Offset=str(offset), **kind)
        return time.perf_counter() - started

    def download(self, path: str) -> int:
        """Bytes."""
        self._line.close()
        self._line.request("GET", path, headers=self._always)
        answer, count = self._line.getresponse(), 0
        while piece := answer.read(MEBI):
            count += len(piece)
        return count


@contextmanager
def _theirs(folder: pathlib.Path) -> Iterator[int]:
    port = free_port()
    command = ["node", "server.mjs", str(port), str(folder)]
    with subprocess.Popen(command, cwd=foreign.installed(), stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"ready\n"
            yield port
        finally:
            process.terminate()


def _memory(pid: int, what: str) -> float:
    """MB of a process: VmRSS now, VmHWM at its highest."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status)[1]) / 1000


def _growth(pid: int, before: float) -> float:
    return _memory(pid, "VmHWM") - before


def measure() -> dict[str, float]:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-exchange"))
    settings.FILE_STORE = folder / "files"
    user = User.objects.create_user("austausch@stadt.invalid", given_name="Alice", family_name="Ammer")
    client = Client()
    client.force_login(user)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    room = actions.open_room(user, purpose="Messung", days=1)
    try:
        with Server(settings.FILE_STORE) as server, _theirs(folder / "plain") as port:
            ours = Line(server.port, f"/austausch/tus/{room}/", cookie)
            figures = _compared(ours, Line(port, "/files"))
            return figures | _large(server, ours, room)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _compared(ours: Line, theirs: Line) -> dict[str, float]:
    """In turns, so that a busy moment of the machine meets both."""
    ours.upload(PIECE), theirs.upload(PIECE)  # warm
    rounds = [(ours.upload(SIZE), theirs.upload(SIZE)) for _ in range(ROUNDS)]
    own, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(b / a for a, b in rounds)
    figures = {"ours_mib_per_s": SIZE / MEBI / own, "tus_server_mib_per_s": SIZE / MEBI / other, "ratio": ratio}
    assert ratio >= 0.6, figures
    return figures


def _large(server: Server, line: Line, room: object) -> dict[str, float]:
    (worker,) = server.workers
    before = _memory(worker, "VmRSS")
    pathlib.Path(f"/proc/{worker}/clear_refs").write_text("5")  # the highest counts from here
    line.upload(LARGE)
    arrived = _growth(worker, before)
    file = RoomFile.objects.latest("id")
    started = time.perf_counter()
    assert file.size == LARGE and scanning.scan(file.pk)
    scanned = time.perf_counter() - started
    assert line.download(f"/austausch/{room}/datei/{file.number}/") == LARGE
    figures = {
        "large_gib": LARGE / 1024 / MEBI,
        "upload_growth_mb": arrived,
        "download_growth_mb": _growth(worker, before),
        "scan_and_sha256_s": scanned,
    }
    assert max(figures["upload_growth_mb"], figures["download_growth_mb"]) < 100, figures
    return figures
