"""kill -9 of the sending process at the two worst moments: the mail is known to the server, the row is not."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading

import psycopg
import pytest
from django.conf import settings as project
from django.db import connection

from mailbox import sending
from mailbox.models import Event, Notice
from mailbox.states import NoticeState
from portal.common import clock
from portal.outbox.models import OutboxMessage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


@pytest.fixture
def sender(mail_server):
    """Starts `manage.py notices_send_due` as the product runs it, against our database and mail server."""
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
        return subprocess.Popen([sys.executable, "manage.py", "notices_send_due"], cwd=project.BASE_DIR, env=env)

    return start


class Victim:
    """A process that the mail server can kill from its own thread as soon as it is known."""

    def __init__(self):
        self.known = threading.Event()

    def start(self, sender):
        self.process = sender()
        self.known.set()
        return self.process.wait(180)

    def kill(self):
        assert self.known.wait(60)
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(60)


def assert_sent_again_with_the_same_id(notice, mail_server):
    notice.refresh_from_db()
    assert (notice.state, notice.sent_at) == ("sending", None)
    assert not OutboxMessage.objects.exists()
    assert sending.send_notice(notice.pk) is None  # the lease still holds
    with clock.frozen(clock.now() + sending.LEASE + dt.timedelta(seconds=5)):
        assert sending.due_notices() == [notice.pk]
        assert sending.send_notice(notice.pk) == NoticeState.SENT
    assert [mail["Message-ID"] for mail in mail_server.seen] == [notice.mail_id] * 2
    assert notice.message.events.filter(kind=Event.NOTICE_SENT).count() == 1
    assert OutboxMessage.objects.get().topic == "delivery.finished"


@pytest.mark.slow
def test_killed_after_data_before_the_reply(post, mail_server, sender):
    notice, victim = post().notices.get(), Victim()
    mail_server.plan.append({"end": victim.kill})
    assert victim.start(sender) == -signal.SIGKILL
    assert_sent_again_with_the_same_id(notice, mail_server)


@pytest.mark.slow
def test_killed_after_the_reply_before_the_commit(post, mail_server, sender):
    notice, victim = post().notices.get(), Victim()
    # Our lock on the row holds the finishing transaction back; QUIT tells that the reply has been read.
    with psycopg.connect(dbname=connection.settings_dict["NAME"]) as lock:
        mail_server.plan.append(
            {
                "end": lambda: lock.execute("select 1 from mailbox_notice where id = %s for update", [notice.pk]),
                "quit": victim.kill,
            }
        )
        assert victim.start(sender) == -signal.SIGKILL
    assert len(mail_server.accepted) == 1
    assert_sent_again_with_the_same_id(notice, mail_server)


@pytest.mark.slow
def test_the_command_left_alone_sends_and_exits(post, mail_server, sender):
    notice = post().notices.get()
    assert sender().wait(180) == 0
    notice.refresh_from_db()
    assert notice.state == "sent"
    assert Notice.objects.filter(state="sent").count() == len(mail_server.accepted) == 1
