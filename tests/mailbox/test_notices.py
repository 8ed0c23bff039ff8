"""The neutral notice: real mail over loopback, every kind of refusal, lease and fence."""

import datetime as dt

import pytest
from django.db import transaction
from django.test import override_settings

from mailbox import sending, states
from mailbox.models import Event, Notice
from mailbox.states import NoticeState
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(letter):
    return Notice.objects.get()


def topics():
    return list(OutboxMessage.objects.order_by("id").values_list("topic", flat=True))


def claim(notice):
    return next(iter(sending._claim(Notice.objects.filter(pk=notice.pk), 1)), None)


def fail_late(claimed):
    return sending._finish([sending._Outcome(claimed, NoticeState.FAILED, {"last_error": "late"})])


def send_when_due(notice):
    notice.refresh_from_db()
    with clock.frozen(max(clock.now(), notice.due_at)):
        state = sending.send_notice(notice.pk)
    notice.refresh_from_db()
    return state


def test_the_notice_tells_nothing(notice, mail_server, alice):
    assert sending.send_notice(notice.pk) == NoticeState.SENT
    mail = mail_server.accepted[0]
    text = mail.get_content()
    assert mail["Subject"] == "Neue Nachricht in Ihrem Postfach"
    assert "Sie haben eine neue Nachricht in Ihrem Postfach" in text
    assert "Melden Sie sich an" in text
    for word in ("Kanarienvogel", "Bescheid", "Kreisverwaltungsreferat", "Alice", "case:1", str(notice.message)):
        assert word not in mail.as_string()
    assert mail_server.recipients == [alice.email]


def test_the_notice_has_the_headers_of_an_automatic_mail(notice, mail_server):
    sending.send_notice(notice.pk)
    mail = mail_server.accepted[0]
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == (notice.mail_id, "auto-generated")
    assert mail.get_content_type() == "text/plain"


def test_a_sent_notice_finishes_the_delivery_once(notice, mail_server):
    sending.send_notice(notice.pk)
    assert sending.send_notice(notice.pk) is None
    notice.refresh_from_db()
    assert (notice.state, notice.attempts, notice.lease_until) == ("sent", 1, None)
    assert topics() == ["delivery.finished"]
    assert OutboxMessage.objects.get().key == str(notice.message)
    assert notice.message.events.filter(kind=Event.NOTICE_SENT).count() == 1
    assert len(mail_server.accepted) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"connect": 421}, "SMTPConnectError 421"),
        ({"mail": 550}, "SMTPSenderRefused 550"),  # our own address is unwelcome: not the recipient's fault
        ({"rcpt": 450}, "SMTPRecipientsRefused 450"),
        ({"data": 451}, "SMTPDataError 451"),
        ({"end": 451}, "SMTPDataError 451"),
        ({"end": "drop"}, "SMTPServerDisconnected"),
        ({"rcpt": "drop"}, "SMTPServerDisconnected"),
    ],
)
def test_what_may_pass_is_tried_again_with_the_same_message_id(notice, mail_server, fault, error):
    mail_server.plan.append(fault)
    assert sending.send_notice(notice.pk) == NoticeState.QUEUED
    notice.refresh_from_db()
    assert (notice.last_error, topics()) == (error, [])
    assert sending.send_notice(notice.pk) is None  # not due yet
    assert send_when_due(notice) == NoticeState.SENT
    assert {mail["Message-ID"] for mail in mail_server.seen} == {notice.mail_id}
    assert topics() == ["delivery.finished"]


def test_a_server_slower_than_the_limit_is_asked_again_with_the_same_message_id(notice, mail_server):
    mail_server.plan.append({"end": 1.5})
    with override_settings(EMAIL_TIMEOUT=1):
        assert sending.send_notice(notice.pk) == NoticeState.QUEUED
    notice.refresh_from_db()
    assert notice.last_error == "SMTPServerDisconnected"
    assert send_when_due(notice) == NoticeState.SENT
    assert {mail["Message-ID"] for mail in mail_server.seen} == {notice.mail_id}


@pytest.mark.parametrize("fault", [{"rcpt": 550}, {"data": 554}, {"end": 552}])
def test_what_is_final_fails_at_once_and_is_told(notice, mail_server, fault):
    mail_server.plan.append(fault)
    assert sending.send_notice(notice.pk) == NoticeState.FAILED
    assert topics() == ["notice.failed"]
    assert notice.message.events.filter(kind=Event.NOTICE_FAILED).count() == 1
    assert not mail_server.accepted


def test_an_address_with_a_line_break_is_final_and_sends_nothing(notice, mail_server):
    Notice.objects.update(address="alice@stadt.invalid\r\nBcc: bob@stadt.invalid")
    assert sending.send_notice(notice.pk) == NoticeState.FAILED
    assert not mail_server.recipients


def test_an_answer_that_is_slow_but_in_time_is_fine(notice, mail_server):
    mail_server.plan.append({"end": 0.3, "quit": "drop"})
    assert sending.send_notice(notice.pk) == NoticeState.SENT


def test_a_server_that_is_not_there_is_tried_again(notice, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert sending.send_notice(notice.pk) == NoticeState.QUEUED
    notice.refresh_from_db()
    assert notice.last_error == "ConnectionRefusedError"


def test_waits_double_to_one_hour_and_twenty_tries_are_the_end(notice, mail_server):
    mail_server.plan.extend({"rcpt": 450} for _ in range(30))
    waits = []
    while notice.state != "failed":
        with clock.frozen(max(clock.now(), notice.due_at)):
            sending.send_notice(notice.pk)
            notice.refresh_from_db()
            waits.append((notice.due_at - clock.now()).total_seconds())
    assert waits[:4] == [30, 60, 120, 240]
    assert max(waits) == 3600
    assert (len(waits), notice.attempts, topics()) == (20, 20, ["notice.failed"])


def test_a_message_for_later_is_not_announced_before(post, mail_server):
    later = clock.now() + dt.timedelta(days=1)
    notice = post(visible_from=later).notices.get()
    assert sending.send_notice(notice.pk) is None
    assert notice.pk not in sending.due_notices()
    assert not mail_server.seen


def test_a_claimed_notice_belongs_to_one_worker_until_the_lease_runs_out(notice, mail_server):
    held = claim(notice)
    assert sending.send_notice(notice.pk) is None
    assert sending.due_notices() == []
    with clock.frozen(clock.now() + sending.LEASE + dt.timedelta(seconds=1)):
        assert sending.due_notices() == [notice.pk]
        assert sending.send_notice(notice.pk) == NoticeState.SENT
    assert fail_late(held) == [None]
    notice.refresh_from_db()
    assert (notice.state, notice.fence, topics()) == ("sent", 2, ["delivery.finished"])


def test_a_stalled_worker_cannot_finish_the_claim_of_the_next(notice):
    stalled = claim(notice)
    with clock.frozen(clock.now() + sending.LEASE + dt.timedelta(seconds=1)):
        assert claim(notice)
    assert fail_late(stalled) == [None]
    notice.refresh_from_db()
    assert (notice.state, notice.fence, topics()) == ("sending", 2, [])


def test_a_worker_that_dies_on_each_try_ends_in_a_failure(notice, mail_server):
    moment = clock.now()
    for _ in range(sending.MAX_ATTEMPTS):
        with clock.frozen(moment):
            assert claim(notice)
        moment += sending.LEASE + dt.timedelta(seconds=1)
    with clock.frozen(moment):
        assert sending.send_notice(notice.pk) == NoticeState.FAILED
    assert not mail_server.seen


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_sending_refuses_to_run_inside_a_transaction(post, mail_server):
    notice = post().notices.get()
    with pytest.raises(RuntimeError), transaction.atomic():
        sending.send_notice(notice.pk)
    assert not mail_server.seen


def test_the_sweep_finds_what_was_never_rung(notice, mail_server, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as bells:
        assert sending.sweep_notices() == 1
    assert len(bells) == 1
    send_when_due(notice)
    assert sending.sweep_notices() == 0


def test_a_failed_notice_gets_a_fresh_start(notice, mail_server, otto):
    mail_server.plan.append({"rcpt": 550})
    sending.send_notice(notice.pk)
    assert sending.retry_notices([notice.pk], by=otto) == 1
    assert sending.retry_notices([notice.pk], by=otto) == 0
    assert AuditEntry.objects.filter(action="notice.retried", actor=str(otto.public_id)).count() == 1
    assert send_when_due(notice) == NoticeState.SENT


def test_the_second_notice_of_a_plan_does_not_finish_the_delivery_again(notice, mail_server):
    send_when_due(notice)
    reminder = Notice.objects.get(plan_day=7)
    assert reminder.mail_id != notice.mail_id
    assert send_when_due(reminder) == NoticeState.SENT
    assert topics() == ["delivery.finished"]


@pytest.mark.parametrize("origin", NoticeState)
@pytest.mark.parametrize("target", NoticeState)
def test_only_the_allowed_steps_exist(notice, origin, target):
    rows = Notice.objects.filter(pk=notice.pk)
    if target in states.ALLOWED[origin]:
        lease = clock.now() if target == NoticeState.SENDING else None
        sent = clock.now() if target == NoticeState.SENT else None
        moved = states.advance(rows, origin, target, lease_until=lease, sent_at=sent)
        assert moved == (origin == NoticeState.QUEUED)
    else:
        with pytest.raises(states.IllegalTransition):
            states.advance(rows, origin, target)
        assert rows.get().state == "queued"
