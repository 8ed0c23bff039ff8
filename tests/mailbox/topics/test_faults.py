"""kill -9 of the sending process, again and again: nobody is left out, and at most one mail a kill comes twice, under
the same Message-ID."""

import collections
import datetime as dt
import os
import signal
import subprocess
import sys
import threading

import pytest
from django.conf import settings as project
from django.db import connection

from mailbox.topics import mails, sending
from mailbox.topics.models import Dispatch
from portal.common import clock
from tests.mailbox.topics.conftest import appeared, subscribed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


@pytest.fixture
def sender(mail_server):
    """Starts `manage.py newsletter_send` as the product runs it, against our database and mail server."""
    database = connection.settings_dict["NAME"]

    def start():
        env = os.environ | {
            "PORTAL_DEMO": "1",
            "PGDATABASE": database,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PORTAL_MAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "PORTAL_MAIL_HOST": "127.0.0.1",
            "PORTAL_MAIL_PORT": str(mail_server.port),
        }
        return subprocess.Popen([sys.executable, "manage.py", "newsletter_send"], cwd=project.BASE_DIR, env=env)

    return start


class Victim:
    """A process that the mail server kills from its own thread when the nth mail has been taken, before it says so."""

    def __init__(self, sender, mail_server, after):
        self.known, self.left, self.server = threading.Event(), after, mail_server
        mail_server.plan.extend([{"end": self.kill}] * after)
        self.process = sender()
        self.known.set()

    def kill(self):
        self.left -= 1
        if self.left == 0:
            assert self.known.wait(60)
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait(60)


def all_leases_over():
    """As time would do it."""
    past = clock.now() - dt.timedelta(seconds=1)
    Dispatch.objects.filter(state="sending").update(lease_until=past)


def kill_and_finish(topic, edda, otto, sender, mail_server, *, readers, kills, after):
    for number in range(readers):
        subscribed(topic, f"leser{number}@stadt.example")
    appeared(topic, edda, otto)
    for _ in range(kills):
        victim = Victim(sender, mail_server, after)
        assert victim.process.wait(180) == -signal.SIGKILL
        all_leases_over()
    assert sending.send_due().total() > 0
    got = collections.Counter(mail["Message-ID"] for mail in mail_server.seen)
    assert set(got) == {mails.mail_id(row.public_id.hex) for row in Dispatch.objects.all()}
    assert len({mail["To"] for mail in mail_server.seen}) == readers and set(got.values()) <= set(range(1, kills + 2))
    assert got.total() - readers <= kills
    assert set(Dispatch.objects.values_list("state", flat=True)) == {"sent"}


def test_one_kill_costs_at_most_one_repeat(topic, edda, otto, sender, mail_server):
    kill_and_finish(topic, edda, otto, sender, mail_server, readers=6, kills=1, after=3)


@pytest.mark.slow
def test_ten_kills_of_thousands_lose_nobody(topic, edda, otto, sender, mail_server):
    kill_and_finish(topic, edda, otto, sender, mail_server, readers=2000, kills=10, after=37)


@pytest.mark.slow
def test_four_processes_beside_each_other_send_each_mail_once(topic, edda, otto, sender, mail_server):
    for number in range(400):
        subscribed(topic, f"leser{number}@stadt.example")
    appeared(topic, edda, otto)
    assert [process.wait(180) for process in [sender() for _ in range(4)]] == [0] * 4
    assert len(mail_server.accepted) == len({mail["To"] for mail in mail_server.accepted}) == 400
