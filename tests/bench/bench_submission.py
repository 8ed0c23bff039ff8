"""What one application costs: ten pages opened and posted, sent, and its receipt made and handed over.

The server is gunicorn with one worker process, the clients are another process that speaks plain HTTP, so that each
part's CPU time is known: server_cpu_s_*, client_cpu_s, per application. one_*: one client at a time; otherwise eight.
Receipts are made in this process, as a worker does. statements are those of server and worker together, requests are
the server's: one to begin, two for each page, one to send. A Dutch peer needs 235 statements and 1.3 CPU seconds.
whole_machine_*: as the product starts, with a process per core; the clients and the database share these cores.
"""

import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from forms_engine.cases import issuing
from forms_engine.cases.models import Case, Paper, PaperState
from forms_engine.definitions import actions as definitions
from portal.accounts.models import User
from portal.documents.render import warm_up
from tests.bench import counted_wsgi
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.walk import NEW

CLIENTS, EACH, ALONE = 8, 5, 10


def measure() -> dict[str, float]:
    settings.FILE_STORE = folder = tempfile.mkdtemp(prefix="bench")
    definitions.publish_catalogue()
    with _serving(folder, processes=1) as port:
        one, many = _applied(port, 1, ALONE), _applied(port, CLIENTS, EACH)
    with _serving(folder, processes=os.cpu_count() or 1) as port:
        _applied(port, CLIENTS, 1)  # what a process reads once
        whole = _applied(port, CLIENTS, EACH)
    figures = {
        "applications_per_s": CLIENTS * EACH / many["wall_s"],
        "whole_machine_applications_per_s": CLIENTS * EACH / whole["wall_s"],
        "requests": many["requests"],
        "statements_sending": many["statements"],
        "server_cpu_s_sending": many["server_cpu_s"],
        "client_cpu_s": many["client_cpu_s"],
        "one_server_cpu_s_sending": one["server_cpu_s"],
        "one_client_cpu_s": one["client_cpu_s"],
    }
    receipt = _receipts()
    shutil.rmtree(folder, ignore_errors=True)
    return figures | {
        "receipt_cpu_s": receipt["cpu_s"],
        "receipts_per_s": 1 / receipt["wall_s"],
        "statements": many["statements"] + receipt["statements"],
        "server_cpu_s_with_receipt": one["server_cpu_s"] + receipt["cpu_s"],
    }


@contextlib.contextmanager
def _serving(folder: str, *, processes: int) -> Iterator[int]:
    port, server = _serve(folder, processes)
    try:
        _wait(port)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def _serve(folder: str, processes: int) -> tuple[int, "subprocess.Popen[bytes]"]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PORTAL_BIND": f"127.0.0.1:{port}",
        "PORTAL_URL": f"http://127.0.0.1:{port}",
        "PORTAL_DB_POOL": str(CLIENTS),
        "PORTAL_WEB_WORKERS": str(processes),
        "PORTAL_WEB_THREADS": str(CLIENTS),
        "PGDATABASE": connection.settings_dict["NAME"],
        "DJANGO_SETTINGS_MODULE": "tests.bench.store_settings",
        "BENCH_FILE_STORE": folder,
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:portal.server", "--log-level", "error"]
    server = subprocess.Popen([*command, "tests.bench.counted_wsgi"], env=environment, start_new_session=True)
    return port, server


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            _cost(port)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _cost(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{counted_wsgi.ASKED}", timeout=10) as answer:
        told: dict[str, float] = json.load(answer)
    return told


def _applied(port: int, clients: int, each: int) -> dict[str, float]:
    """Per application, but wall_s of all together."""
    told = _told(port, clients, each)
    command = [sys.executable, "-m", "tests.bench.applicants"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the clients could not begin")
        before = _cost(port)
        process.stdin.write("go\n")
        process.stdin.flush()
        theirs = json.loads(process.stdout.readline())
        after = _cost(port)
    count = clients * each
    spent = {name: (after[name] - before[name]) / count for name in before}
    return {
        "wall_s": theirs["wall_s"],
        "client_cpu_s": theirs["cpu_s"] / count,
        "server_cpu_s": spent["cpu_s"],
        "requests": spent["requests"],
        "statements": spent["statements"],
    }


def _told(port: int, clients: int, each: int) -> dict[str, Any]:
    pages = []
    for page, data in NEW.items():
        upload = next((name for name, value in data.items() if isinstance(value, list)), None)
        pages.append((page, {name: value for name, value in data.items() if name != upload}, upload))
    return {
        "port": port,
        "each": each,
        "form": reverse("submissions:start", args=["bewohnerparkausweis"]),
        "sessions": [_session() for _ in range(clients)],
        "pages": pages,
        "file": base64.b64encode(samples.pdf()).decode(),
    }


def _session() -> str:
    """Of somebody new who has signed in."""
    number = User.objects.count()
    user = User.objects.create_user(f"bench{number}@stadt.invalid", given_name="Alice", family_name="Ammer")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    key: str = client.session.session_key or ""
    return key


def _receipts() -> dict[str, float]:
    """Per receipt, of everything that was sent."""
    warm_up()
    cost = counted_wsgi.Cost()
    numbers = list(Paper.objects.filter(state=PaperState.QUEUED).values_list("id", flat=True))
    assert len(numbers) == Case.objects.count(), len(numbers)
    issuing.issue(numbers.pop())
    wall, cpu = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(cost):
        made = sum(issuing.issue(number) for number in numbers)
    assert made == len(numbers), made
    figures = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu, "statements": cost.statements}
    return {name: value / made for name, value in figures.items()}
