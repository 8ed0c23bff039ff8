"""Notices go out several at once: one connection, one transaction, and none pays for another."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailbox import deliveries, sending
from mailbox.delivery_states import IllegalTransition
from mailbox.models import Delivery, Event, Kind, MessageEvent, Notice
from mailbox.states import NoticeState
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.outbox import bells
from portal.outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db
SENT, QUEUED, FAILED = NoticeState.SENT, NoticeState.QUEUED, NoticeState.FAILED
AWAY = {"rcpt": 450}, {"rcpt": 550}


def first_notices():
    return Notice.objects.filter(plan_day=0).order_by("id")


def states():
    return [notice.state for notice in first_notices()]


def test_many_notices_take_one_connection_and_each_has_its_own_mail(post, mail_server):
    for _ in range(5):
        post()
    assert sending.send_notices() == [SENT] * 5
    assert mail_server.sessions == 1
    told = [mail["Message-ID"] for mail in mail_server.accepted]
    assert told == list(first_notices().values_list("mail_id", flat=True))
    assert MessageEvent.objects.filter(kind=Event.NOTICE_SENT).count() == 5
    assert OutboxMessage.objects.filter(topic="delivery.finished").count() == 5
    assert sending.send_notices() == []


def test_ten_notices_of_decisions_cost_no_more_statements_than_two(post, mail_server, rule_table, alice):
    costs = []
    for number in (2, 10):
        for _ in range(number):
            post(kind=Kind.DECISION)
        costs.append(statements())
    assert costs[0] == costs[1]
    assert {delivery.state for delivery in Delivery.objects.all()} == {"notice_sent"}
    assert [delivery.events.count() for delivery in Delivery.objects.all()] == [3] * 12
    assert AuditEntry.objects.filter(action="delivery.notice_sent").count() == 12


def statements() -> int:
    with CaptureQueriesContext(connection) as seen:
        assert set(sending.send_notices()) == {SENT}
    return len(seen)


def test_each_ends_as_the_server_says_and_the_next_goes_on(post, mail_server):
    mail_server.plan.extend([{}, *AWAY, {"end": "drop"}, {}])
    for _ in range(5):
        post()
    assert sending.send_notices() == [SENT, QUEUED, FAILED, QUEUED, SENT]
    assert states() == ["sent", "queued", "failed", "queued", "sent"]
    waits = [(notice.due_at - clock.now()).total_seconds() for notice in first_notices().filter(state="queued")]
    assert all(20 < wait <= 30 for wait in waits)


def test_a_server_that_is_away_is_asked_once_for_all(post, mail_server):
    mail_server.plan.append({"connect": 421})
    for _ in range(3):
        post()
    assert sending.send_notices() == [QUEUED] * 3
    assert mail_server.sessions == 1
    assert {notice.last_error for notice in first_notices()} == {"SMTPConnectError 421"}


def test_what_a_slow_server_leaves_no_time_for_is_given_back(post, mail_server):
    for _ in range(3):
        post()
    begin = clock.now()
    moments = iter([begin] * 4 + [begin + sending.TIME_TO_MAIL + dt.timedelta(seconds=1)] * 99)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: next(moments))
        ended = sending.send_notices()
    assert ended[0] == SENT and ended[-1] == QUEUED
    last = first_notices().last()
    assert (last.state, last.attempts, last.lease_until) == ("queued", 0, None)
    assert last.due_at <= begin  # at once for the next worker


def test_one_that_cannot_be_written_down_stops_no_other(post, mail_server, rule_table, monkeypatch):
    made = [post(kind=Kind.DECISION) for _ in range(3)]
    real = deliveries._noticed

    def broken(delivery, at, detail):
        if delivery.message_id == made[1].pk:
            raise IllegalTransition("broken")
        return real(delivery, at, detail)

    monkeypatch.setattr(deliveries, "_noticed", broken)
    assert sending.send_notices() == [SENT, None, SENT]
    assert states() == ["sent", "sending", "sent"]
    assert [delivery.state for delivery in Delivery.objects.order_by("id")] == [
        "notice_sent",
        "provided",
        "notice_sent",
    ]


def test_a_claim_that_was_taken_over_is_left_to_the_other(post, mail_server):
    for _ in range(3):
        post()
    held = sending._claim(Notice.objects.all(), 3)
    second = first_notices()[1]
    Notice.objects.filter(pk=second.pk).update(fence=9)
    sent = [sending._Outcome(notice, SENT, {"last_error": ""}) for notice in held]
    assert sending._finish(sent) == [SENT, None, SENT]
    assert states() == ["sent", "sending", "sent"]


def test_no_more_than_asked_are_taken(post, mail_server):
    for _ in range(3):
        post()
    assert sending.send_notices(2) == [SENT, SENT]
    assert states() == ["sent", "sent", "queued"]


def test_whoever_takes_as_many_as_it_may_calls_the_next_worker_first(post, mail_server, monkeypatch):
    """One bell stands for any number of notices (portal/outbox/bells.py)."""
    rung = []
    monkeypatch.setattr(bells, "ring", lambda task: rung.append((task, mail_server.sessions)))
    for _ in range(3):
        post()
    rung.clear()
    assert sending.send_notices(2) == [SENT] * 2 and rung == [("mailbox.send_notices", 0)]
    assert sending.send_notices(2) == [SENT] and len(rung) == 1
