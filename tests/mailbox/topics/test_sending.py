"""From an approved issue to mails: each once, none after the end, whatever the server says."""

import datetime as dt

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from mailbox.models import Message
from mailbox.topics import actions, editing, mails, sending
from mailbox.topics.models import Channel, Dispatch, Ended, Reader, Subscription
from mailbox.topics.states import DispatchState
from portal.common import clock
from tests.mailbox.topics.conftest import appeared, later, subscribed

pytestmark = pytest.mark.django_db(transaction=True)
SENT, FAILED, QUEUED, DROPPED = (
    DispatchState.SENT,
    DispatchState.FAILED,
    DispatchState.QUEUED,
    DispatchState.DROPPED,
)


def crowd(topic, count: int) -> list[Subscription]:
    return [subscribed(topic, f"leser{number}@stadt.example") for number in range(count)]


def test_every_subscriber_gets_one_mail(topic, edda, otto):
    crowd(topic, 7)
    appeared(topic, edda, otto)
    assert sending.send_due() == {SENT: 7} and sending.send_due() == {}
    assert sorted(m.to[0] for m in mail.outbox) == [f"leser{number}@stadt.example" for number in range(7)]
    assert len({m.from_email for m in mail.outbox}) == 7


def test_who_subscribes_later_gets_the_next_issue_only(issue):
    subscribed(issue.topic, "spaet@stadt.example")
    assert sending.send_due() == {SENT: 1}


@pytest.mark.slow
def test_who_ends_in_a_begun_batch_gets_nothing(topic, edda, otto, mail_server):
    first, second = crowd(topic, 2)
    appeared(topic, edda, otto)
    mail_server.plan.append({"end": lambda: actions.end([second], Ended.ONE_CLICK)})
    assert sending.send_due() == {SENT: 1, DROPPED: 1}
    assert [m["To"] for m in mail_server.accepted] == ["leser0@stadt.example"]
    assert first.dispatches.get().sent_at and second.dispatches.get().last_error == ""


@pytest.mark.slow
def test_a_server_that_is_away_costs_one_try_and_nothing_is_lost(issue, mail_server):
    mail_server.plan.append({"connect": 421})
    assert sending.send_due() == {}
    row = Dispatch.objects.get()
    assert (row.state, row.attempts, row.last_error) == (QUEUED, 1, "SMTPConnectError 421")
    assert sending.send_due() == {}  # not due yet
    with later(sending.FIRST_WAIT + dt.timedelta(seconds=1)):
        assert sending.send_due() == {SENT: 1}
    assert len(mail_server.accepted) == 1


def test_a_refused_address_ends_its_subscriptions_and_the_others_go_out(topic, edda, otto, mail_server):
    crowd(topic, 3)
    appeared(topic, edda, otto)
    mail_server.plan.append({"rcpt": 550})  # one session: every mail in it, so one after the other
    with later(dt.timedelta()):
        assert sending.send_due(limit=1) == {FAILED: 1}
    assert sending.send_due() == {SENT: 2}
    ended = Subscription.objects.get(state="ended")
    assert ended.ended_why == Ended.HARD and ended.dispatches.get().last_error == "SMTP 550 5.0.0"


@pytest.mark.slow
def test_a_busy_mailbox_is_tried_again(issue, mail_server):
    mail_server.plan.append({"rcpt": 450})
    assert sending.send_due() == {QUEUED: 1}
    with later(dt.timedelta(minutes=2)):
        assert sending.send_due() == {SENT: 1}
    assert len({m["Message-ID"] for m in mail_server.seen}) == 1


@pytest.mark.slow
def test_what_the_server_thinks_of_the_text_ends_nothing(issue, mail_server):
    mail_server.plan.append({"end": 554})
    assert sending.send_due() == {FAILED: 1}
    assert Subscription.objects.get().state == "confirmed"


def test_a_lease_that_ran_out_is_taken_over_and_the_late_one_changes_nothing(issue):
    [late] = sending.claim(5)
    assert sending.claim(5) == []
    with later(sending.LEASE + dt.timedelta(seconds=1)):
        [row] = sending.claim(5)
        assert (row.fence, row.attempts) == (2, 2)
        assert sending._send(late, sending._Post()) is None and not mail.outbox
        assert sending._finish(late, SENT) is None
        assert sending._send(row, sending._Post()) == SENT


@pytest.mark.slow
def test_time_that_is_over_gives_back_what_was_not_begun(topic, edda, otto):
    crowd(topic, 3)
    appeared(topic, edda, otto)
    batch, done = sending.claim(3), sending.Outcome()
    assert not sending._send_batch(batch, sending._Post(), done, deadline=0)
    assert set(Dispatch.objects.values_list("state", "attempts", "lease_until")) == {(QUEUED, 0, None)}


@pytest.mark.slow
def test_the_postbox_gets_a_message_instead_of_a_mail(topic, alice, edda, otto):
    actions.choose(actions.reader_of_account(alice), {topic.slug: Channel.POSTBOX})
    appeared(topic, edda, otto)
    assert sending.send_due() == {SENT: 1} and mail.outbox == []
    message = Message.objects.get(mailbox__user=alice)
    assert message.dedupe_key == f"newsletter:{Dispatch.objects.get().public_id}" and not message.reply_allowed
    assert message.link_path == "/newsletter/rathausumschau/" + f"{clock.today().year}/1/"


@pytest.mark.slow
def test_a_message_whose_row_was_taken_over_is_rolled_back_or_the_same(topic, alice, edda, otto):
    actions.choose(actions.reader_of_account(alice), {topic.slug: Channel.POSTBOX})
    appeared(topic, edda, otto)
    [late] = sending.claim(1)
    with later(sending.LEASE + dt.timedelta(seconds=1)):
        [row] = sending.claim(1)
        sending._into_postbox(late, alice, mails.Sheet.of(late.issue))
        assert sending._send(row, sending._Post()) == SENT
    assert Message.objects.filter(mailbox__user=alice).count() == 1


def test_the_command_lets_issues_appear_and_sends(topic, subscription, edda, otto, capsys):
    from tests.mailbox.topics.conftest import written

    due = written(topic, edda)
    editing.submit(due, by=edda)
    editing.approve(due, by=otto)
    call_command("newsletter_send", "--dry-run")
    assert "1 Ausgaben würden erscheinen, 0 E-Mails stehen aus" in capsys.readouterr().out and not mail.outbox
    call_command("newsletter_send")
    assert "1 Ausgaben erschienen, 1 versandt" in capsys.readouterr().out and len(mail.outbox) == 1


@pytest.mark.parametrize("limit", ["0", "-1"])
def test_a_limit_that_sends_nothing_is_refused(limit):
    with pytest.raises(CommandError, match="Zahl ab 1") as refused:
        call_command("newsletter_send", "--limit", limit)
    assert refused.value.returncode == 2


@pytest.mark.slow
def test_the_sweep_stops_after_its_seconds(topic, edda, otto, monkeypatch):
    crowd(topic, 3)
    appeared(topic, edda, otto)
    monkeypatch.setattr(sending, "SWEEP_SECONDS", 1e-9)
    assert sending.sweep_dispatches() == 0 and not mail.outbox
    monkeypatch.undo()
    assert sending.sweep_dispatches() == 3


# --- the database itself ---


def refused(change) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


@pytest.mark.slow
def test_the_database_owes_nobody_two(issue):
    row = Dispatch.objects.get()
    refused(Dispatch(issue=issue, subscription=row.subscription).save)


def test_the_database_wants_states_to_fit(issue):
    rows = Dispatch.objects.all()
    refused(lambda: rows.update(state="fort"))
    refused(lambda: rows.update(state="sending"))
    refused(lambda: rows.update(lease_until=clock.now()))
    refused(lambda: rows.update(state="sent"))
    refused(lambda: rows.update(sent_at=clock.now()))


@pytest.mark.slow
def test_a_reader_without_an_address_fails_alone(issue):
    Reader.objects.update(sealed_address=b"")
    assert sending.send_due() == {FAILED: 1}
