"""100 MB to a worker of its own, in pieces as the browser sends them: how much memory it takes, how long, and the scan.

The worker is a real process (wsgiref, one thread), so that its memory is its own and no client shares it.
"""

import http.client
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import pikepdf
from django.conf import settings
from django.test import Client

from forms_engine.definitions import actions as definitions
from forms_engine.submissions import actions, arrivals
from forms_engine.submissions.models import Upload
from portal.accounts.models import User
from portal.documents.scans import queue as scans
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.conftest import CATALOGUE
from tests.forms_engine.submissions.walk import Walk

SIZE = 100_000_000
ROOT = pathlib.Path(__file__).parents[2]
SERVE = """
import os, sys, django
django.setup()
from django.conf import settings
settings.FILE_STORE, settings.UPLOAD_MAX_BYTES = sys.argv[1], 200_000_000
from wsgiref.simple_server import make_server, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
WSGIRequestHandler.log_message = lambda *a: None
server = make_server("127.0.0.1", 0, get_wsgi_application())
print(server.server_port, flush=True)
server.serve_forever()
"""


def _memory(pid: int, what: str) -> float:
    """MB of a process: VmRSS now, VmHWM at its highest."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status)[1]) / 1000


class Line:
    """One person's browser on one connection after the other."""

    def __init__(self, port: int, client: Client):
        self.port = port
        self.cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        self.token = ""

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        line.request(
            method, path, body, {"Cookie": self.cookies, "X-CSRFToken": self.token, "Host": "127.0.0.1", **headers}
        )
        answer = line.getresponse()
        answer.body = answer.read()
        return answer

    def take_token(self, path: str) -> None:
        page = self.ask("GET", path)
        self.token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.body)[1].decode()
        self.cookies += "; " + page.headers["Set-Cookie"].split(";")[0] if page.headers["Set-Cookie"] else ""


def _pdf(scan: int = SIZE - 4000) -> bytes:
    """A PDF of exactly SIZE bytes, nearly all of it one stream of `scan` bytes."""
    document = pikepdf.new()
    document.add_blank_page()
    document.Root["/Scan"] = document.make_stream(os.urandom(scan))
    data = samples.saved(document, compress_streams=False)
    return data if len(data) == SIZE else _pdf(scan + SIZE - len(data))


def measure() -> dict[str, float]:
    settings.FILE_STORE = folder = tempfile.mkdtemp(prefix="bench")
    settings.UPLOAD_MAX_BYTES = 200_000_000
    source = (CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")
    source = source.replace("max_bytes: 10000000", f"max_bytes: {SIZE}")
    permit = definitions.publish("bewohnerparkausweis", source, by=None)
    user = User.objects.create_user("gross@stadt.invalid", given_name="Alice", family_name="Ammer")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    walk = Walk(client, actions.start_draft(user, permit))
    walk.fill("unterlagen")
    command = [sys.executable, "-c", SERVE, folder]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        try:
            line = Line(int(worker.stdout.readline()), client)
            line.take_token(walk.url("unterlagen"))
            data = _pdf()
            _send(line, walk, data[:1000], "klein")  # warm: everything is imported
            before = _memory(worker.pid, "VmRSS")
            pathlib.Path(f"/proc/{worker.pid}/clear_refs").write_text("5")  # the highest counts from here
            started = time.perf_counter()
            _send(line, walk, data, "gross")
            figures = {
                "upload_mb": SIZE / 1e6,
                "worker_growth_mb": _memory(worker.pid, "VmHWM") - before,
                "upload_s": time.perf_counter() - started,
            }
        finally:
            worker.terminate()
    stored = Upload.objects.get().stored
    assert stored.size == SIZE, stored.size
    started = time.perf_counter()
    assert scans.scan(stored.pk)
    figures["scan_s"] = time.perf_counter() - started
    shutil.rmtree(folder, ignore_errors=True)
    assert figures["worker_growth_mb"] < 32, figures
    return figures


def _send(line: Line, walk: Walk, data: bytes, name: str) -> None:
    form = f"frage=zulassung&name={name}.pdf&groesse={len(data)}&abdruck=1".encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    begun = line.ask("POST", f"/antrag/{walk.draft.public_id}/ankunft/", form, **kind)
    assert begun.status == 201, (begun.status, begun.body[:200])
    for start in range(0, len(data), arrivals.PIECE):
        piece = data[start : start + arrivals.PIECE]
        headers = {"Upload-Offset": str(start), "Content-Type": "application/partial-upload"}
        answer = line.ask("PATCH", begun.headers["Location"], piece, **headers)
        assert answer.status in (200, 204, 422), (answer.status, answer.body[:200])
    assert name == "klein" or answer.status == 200, answer.body[:300]
