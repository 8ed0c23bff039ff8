"""What one application costs the database, in messages to it. The figures may fall; whoever raises one says why.

Rows that are gathered (portal.common.rows) travel in one message, a statement a table.
"""

import collections
import contextlib
import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from forms_engine.cases import issuing
from forms_engine.cases.models import Paper
from forms_engine.definitions import actions as definitions
from forms_engine.submissions.models import Draft
from tests.forms_engine.submissions.walk import NEW, Walk
from tests.journeys.pages import send_pages

pytestmark = pytest.mark.django_db(transaction=True)  # real ones: savepoints of a test's own would be counted
# Beside the session (with its person) and the draft (with its files, its form and the unread messages):
READS = 2
MORE = {
    "POST /antrag/bewohnerparkausweis/": 4,  # version, pause, open draft, new draft, its entry in the audit record
    "GET gebiet": 1,  # her last application
    "GET person": 2,  # key and data of the profile, entry that they were used
    "GET adresse": 1,
    "GET kontakt": 2,
    # is it there, lock of its name, its row, lock, files there, its upload, the draft, files again, answers
    "POST unterlagen": 9,
    # Two of them for its files: no verdict comes in between, none is still on its way. One fact for the worker, who
    # makes the words of the case findable and applies the rules of its form.
    "POST pruefen": 15,
}


class Counted:
    def __init__(self) -> None:
        self.by_name = collections.Counter()

    @contextlib.contextmanager
    def counting(self, name: str):
        def count(execute, sql, params, many, context):
            self.by_name[name] += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            yield


class Asked(Client):
    """Counts the statements of each request."""

    counted = Counted()

    def request(self, **request):
        page = re.sub("/antrag/[0-9a-f-]{36}/(.+)/", r"\1", request["PATH_INFO"])
        with self.counted.counting(f"{request.get('REQUEST_METHOD', 'GET')} {page}"):
            return super().request(**request)


def _apply(client: Asked) -> None:
    client.counted = Counted()
    started = client.post(reverse("submissions:start", args=["bewohnerparkausweis"]))
    draft = Draft.objects.get(public_id=started["Location"].strip("/").split("/")[1])
    send_pages(Walk(client, draft), NEW)
    assert client.post(reverse("cases:check", args=[draft.public_id])).status_code == 302


@pytest.fixture
def asked(alice) -> Asked:
    """Alice, who has applied once: what is read once per process or person has been read."""
    definitions.publish_catalogue()
    client = Asked()
    client.force_login(alice)
    _apply(client)
    issuing.issue(Paper.objects.get().id)
    _apply(client)
    return client


@pytest.mark.slow
def test_a_page_costs_two_statements_and_saving_it_one_more(asked):
    counted = asked.counted.by_name
    assert counted == {name: READS + MORE.get(name, int(name.startswith("POST"))) for name in counted}


def test_a_whole_application_with_its_receipt_costs_a_hundred_statements(asked):
    receipt, waiting = Counted(), Paper.objects.latest("id").id
    with receipt.counting("receipt"):
        assert issuing.issue(waiting)
    assert receipt.by_name.total() == 14
    assert asked.counted.by_name.total() + 14 == 101
