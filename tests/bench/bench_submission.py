"""The whole way of an application at 8 clients: every page posted, sent, and its receipt made and handed over.

Clients are threads with Django's test client in this process: all of the product's middleware, views and templates, no
sockets. So the CPU figure includes the clients' own part. A Dutch peer needs 235 statements and 1.3 CPU seconds.
"""

import itertools
import shutil
import tempfile
import threading
import time

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from forms_engine.cases import issuing
from forms_engine.cases.models import Case, Paper
from forms_engine.definitions import actions as definitions
from forms_engine.submissions.models import Draft
from portal.accounts.models import User
from portal.documents.render import warm_up
from tests.forms_engine.submissions.walk import NEW, Walk
from tests.journeys.pages import send_pages

CLIENTS, EACH = 8, 5
_numbers = itertools.count(1)


class Counter:
    """Statements of every thread together."""

    def __init__(self) -> None:
        self.statements, self.requests, self._lock = 0, 0, threading.Lock()

    def __call__(self, execute, sql, params, many, context):
        with self._lock:
            self.statements += 1
        return execute(sql, params, many, context)

    def asked(self, count: int) -> None:
        with self._lock:
            self.requests += count


def apply(client: Client, counter: Counter) -> None:
    started = client.post(reverse("submissions:start", args=["bewohnerparkausweis"]))
    draft = Draft.objects.get(public_id=started["Location"].strip("/").split("/")[1])
    requests = 1 + send_pages(Walk(client, draft), NEW)
    sent = client.post(reverse("cases:check", args=[draft.public_id]))
    assert sent.status_code == 302, sent.status_code
    counter.asked(requests + 1)


def one_client(counter: Counter, gate: threading.Barrier) -> None:
    user = User.objects.create_user(f"bench{next(_numbers)}@stadt.invalid", given_name="Alice", family_name="Ammer")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    with connection.execute_wrapper(counter):
        gate.wait()
        for _ in range(EACH):
            apply(client, counter)
    connection.close()


def measure() -> dict[str, float]:
    settings.FILE_STORE = folder = tempfile.mkdtemp(prefix="bench")
    definitions.publish_catalogue()
    warm_up()
    counter, gate = Counter(), threading.Barrier(CLIENTS + 1)
    threads = [threading.Thread(target=one_client, args=[counter, gate]) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    gate.wait()
    wall, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    sent, sent_cpu = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(counter):
        for number in Paper.objects.values_list("id", flat=True):
            issuing.issue(number)
    count = Case.objects.count()
    assert count == CLIENTS * EACH, count
    figures = {
        "submissions_per_s": count / (sent - wall),
        "requests": counter.requests / count,
        "statements": counter.statements / count,
        "cpu_s_sending": (sent_cpu - cpu) / count,
        "cpu_s_with_receipt": (time.process_time() - cpu) / count,
        "receipts_per_s": count / (time.perf_counter() - sent),
    }
    shutil.rmtree(folder, ignore_errors=True)
    return figures
