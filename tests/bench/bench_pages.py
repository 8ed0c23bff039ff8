"""Public pages at 10,000 invented services: answers per second beside a bare Django view, statements, server time.

*_of_hello: share of the answers per second of the bare view, in the same two gunicorn workers, measured in turns; at
least 0.33 is promised. *_p95_ms: server time of pages that are drawn anew (no kept page), client and server in one
process; at most 60 is promised. *_cpu_ms: our share of it, which busy neighbours do not change. *_statements: of one.
dashboard: the account page of somebody with ten applications, a draft and the messages that belong to them.
"""

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from portal.directory.models import Organisation, Service, Topic
from tests import make
from tests.bench import bench_directory

SECONDS, ROUNDS, CONNECTIONS, DRAWN = 2.0, 5, 4, 60
HELLO = "/hallo/"
PAGES = {
    "start": "/",
    "service": "/leistungen/messung-7/",
    "search": "/leistungen/?suche=bewohnerparkausweis",
    "a_to_z": "/leistungen/?buchstabe=B",
}

DASHBOARD = {"dashboard": "/konto/uebersicht/"}
APPLICATIONS = 10


def measure() -> dict[str, float]:
    if not Service.objects.filter(slug="messung-7").exists():
        bench_directory.invent()
    _furnish()
    return _drawn() | _per_second()


def _furnish() -> None:
    """A topic for the page to show, and the edition that a directory in use has."""
    Organisation.objects.update_or_create(short="BENCH", defaults={"name": "Messung der Seiten"})
    topic, _ = Topic.objects.get_or_create(slug="messung", defaults={"title": "Messung"})
    topic.services.add(*Service.objects.filter(slug__startswith="messung-")[:50])


def _somebody() -> Client:
    """Signed in, with a life at the city."""
    client = Client(headers={"host": "127.0.0.1"})
    person, new = User.objects.get_or_create(email="messung-seiten@stadt.invalid", given_name="Mia")
    for _ in range(APPLICATIONS if new else 0):
        make.case(person)
    if new:
        make.draft(person)
        make.work()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def _drawn() -> dict[str, float]:
    """Each page many times, past the kept ones: any cookie leads there."""
    figures: dict[str, float] = {}
    client, somebody = Client(headers={"host": "127.0.0.1"}), _somebody()
    client.cookies["messung"] = "1"
    for name, path in (PAGES | DASHBOARD).items():
        client = somebody if name in DASHBOARD else client
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200, path
        figures[f"{name}_statements"] = len(captured)  # before the next request empties the list
        spent, begun = [], time.process_time()
        for _ in range(DRAWN):
            begin = time.perf_counter()
            client.get(path)
            spent.append((time.perf_counter() - begin) * 1000)
        figures[f"{name}_cpu_ms"] = (time.process_time() - begun) * 1000 / DRAWN
        figures[f"{name}_p95_ms"] = statistics.quantiles(spent, n=20)[-1]
    return figures


def _per_second() -> dict[str, float]:
    port, server = _serve()
    try:
        _wait(port)
        rounds = [{path: _load(port, path) for path in (HELLO, *PAGES.values())} for _ in range(ROUNDS)]
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
    figures = {"hello_per_s": statistics.median(row[HELLO] for row in rounds)}
    for name, path in PAGES.items():
        figures[f"{name}_per_s"] = statistics.median(row[path] for row in rounds)
        figures[f"{name}_of_hello"] = statistics.median(row[path] / row[HELLO] for row in rounds)
    return figures


def _serve() -> tuple[int, "subprocess.Popen[bytes]"]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PORTAL_BIND": f"127.0.0.1:{port}",
        "PORTAL_DB_POOL": "8",
        "PGDATABASE": connection.settings_dict["NAME"],
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:portal.server", "--log-level", "error"]
    server = subprocess.Popen([*command, "tests.bench.pages_wsgi"], env=environment, start_new_session=True)
    return port, server


def _wait(port: int) -> None:
    """Until every page has been drawn by both workers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            for path in (HELLO, *PAGES.values()) * 8:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).read()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _load(port: int, path: str) -> float:
    command = [sys.executable, "-m", "tests.bench.load", str(port), path, str(SECONDS), str(CONNECTIONS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{path}: {done.stderr[-500:]}")
    return float(done.stdout)
