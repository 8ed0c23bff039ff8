"""The door for Celery leads to the action."""

import pytest

from mailbox.models import Notice
from mailbox.tasks import send_notices
from portal import wiring


@pytest.mark.django_db
def test_the_task_sends_the_notice(letter, mail_server):
    notice = Notice.objects.get()
    send_notices()
    assert mail_server.accepted[0]["Message-ID"] == notice.mail_id


def test_the_task_is_known_by_its_name_and_the_sweep_is_wired():
    assert send_notices.name == "mailbox.send_notices"
    assert "mailbox.sending.sweep_notices" in wiring.SWEEPS
