"""What operators type."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def run(name, *args):
    out = io.StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue()


def test_sending_what_is_due_says_what_happened(post, mail_server):
    mail_server.plan.extend([{}, {"rcpt": 450}, {"rcpt": 550}])
    for _ in range(3):
        post()
    assert run("notices_send_due").strip() == "1 versandt, 1 später erneut, 1 nicht zustellbar, 0 nicht mehr nötig"
    assert run("notices_send_due").strip() == "0 versandt, 0 später erneut, 0 nicht zustellbar, 0 nicht mehr nötig"


def test_sending_stops_at_the_limit(post, mail_server):
    for _ in range(3):
        post()
    assert run("notices_send_due", "--limit", "2").startswith("2 versandt")


def test_the_status_for_people(letter):
    text = run("mailbox_status")
    assert "Nachrichten: 1, davon ungelesen: 1" in text
    assert "Hinweise, wartet: 1" in text
    assert "Kanarienvogel" not in text


def test_the_status_for_machines(letter):
    assert json.loads(run("mailbox_status", "--json"))["notices"]["queued"] == 1


def test_the_status_of_an_empty_house():
    assert "Am längsten überfällig: keiner" in run("mailbox_status")


@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_limit_that_sends_nothing_is_refused(limit):
    with pytest.raises(CommandError, match="Zahl ab 1") as refused:
        run("notices_send_due", "--limit", limit)
    assert refused.value.returncode == 2
