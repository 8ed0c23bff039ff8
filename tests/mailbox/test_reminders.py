"""The plan of reminders: one mail after another while a message stays unopened, and none that nobody needs."""

import datetime as dt

import pytest

from mailbox import actions, deliveries, keeping, leaving, sending
from mailbox.models import Evidence, Kind, Notice
from mailbox.states import NoticeState
from portal.accounts import consents
from portal.accounts.models import MailWhen, Preferences
from portal.common import clock
from portal.outbox.models import OutboxMessage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rule_table")]

MONDAY = dt.datetime(2026, 11, 2, 9, 0, tzinfo=clock.BERLIN)


def send_due(at):
    """What the workers send at that moment: the subjects, in order, stay at the mail server."""
    with clock.frozen(at):
        return [sending.send_notice(key) for key in sending.due_notices()]


def day(count, **more):
    return MONDAY + dt.timedelta(days=count, **more)


@pytest.fixture
def decision(post, alice, mail_server):
    consents.answer(alice, consents.ANNOUNCEMENT, given=True)
    with clock.frozen(MONDAY):
        message = post(kind=Kind.DECISION, order=deliveries.Order(("Alice Ammer", "Weg 1", "80331 München")))
    assert send_due(MONDAY) == [NoticeState.SENT]
    return message


def test_an_unopened_decision_is_recalled_on_the_days_of_the_plan_and_then_no_more(decision, mail_server):
    sent = {when: send_due(day(when)) for when in range(1, 60)}
    assert [when for when, states in sent.items() if states] == [3, 10]
    subjects = [mail["Subject"] for mail in mail_server.accepted]
    assert subjects[1:] == ["Erinnerung: ungelesene Nachricht in Ihrem Postfach"] * 2
    assert len({mail["Message-ID"] for mail in mail_server.accepted}) == 3


def test_a_reminder_tells_as_little_as_the_first_mail(decision, mail_server, alice):
    send_due(day(3))
    mail = mail_server.accepted[-1]
    assert "die Sie noch nicht geöffnet haben" in mail.get_content()
    assert "eine neue Nachricht" not in mail.get_content()
    for word in ("Kanarienvogel", "Bescheid", "Alice", "Kreisverwaltungsreferat", str(decision)):
        assert word not in mail.as_string()


def test_a_decision_that_was_opened_is_not_recalled(decision, mail_server, alice):
    with clock.frozen(day(1)):
        actions.mark_read(decision, by=alice)
    assert send_due(day(3)) == [NoticeState.DROPPED]
    assert len(mail_server.accepted) == 1
    assert not Notice.objects.filter(state=NoticeState.QUEUED).exists()


def test_after_a_long_outage_the_plan_does_not_come_at_once(decision, mail_server):
    assert send_due(day(40)) == [NoticeState.SENT]  # no worker ran for weeks
    assert [when for when in range(40, 60) if send_due(day(when))] == [47]


def test_a_reminder_moves_no_day_and_is_evidence(decision, mail_server):
    decision.delivery.refresh_from_db()
    before = decision.delivery.counts_on
    send_due(day(3))
    decision.delivery.refresh_from_db()
    assert decision.delivery.counts_on == before == dt.date(2026, 11, 6)
    told = decision.delivery.events.filter(kind=Evidence.NOTICE_SENT)
    assert list(told.order_by("id").values_list("detail__plan_day", flat=True)) == [0, 3]


def test_a_reminder_that_fails_changes_nothing(decision, mail_server):
    mail_server.plan.append({"rcpt": 550})
    assert send_due(day(3)) == [NoticeState.FAILED]
    decision.delivery.refresh_from_db()
    assert decision.delivery.state == "notice_sent"
    assert not decision.events.filter(kind="notice_failed").exists()
    assert not OutboxMessage.objects.filter(topic="notice.failed").exists()


def test_while_a_letter_is_on_its_way_nobody_is_recalled(decision, mail_server):
    with clock.frozen(day(1)):
        deliveries.notice_failed(decision, "DSN 5.1.1", once="dsn:1")
    assert send_due(day(3)) == [NoticeState.DROPPED]


def test_without_a_first_mail_there_is_no_second(post, mail_server):
    with clock.frozen(MONDAY):
        post(notify="")
    assert [when for when in range(30) if send_due(day(when))] == []


def test_a_letter_is_recalled_once_after_a_week(post, mail_server):
    with clock.frozen(MONDAY):
        post()
    assert [when for when in range(30) if send_due(day(when))] == [0, 7]


@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.PAYMENT, Kind.APPOINTMENT])
def test_what_asks_for_nothing_is_told_once(post, mail_server, kind):
    with clock.frozen(MONDAY):
        post(kind=kind)
    assert [when for when in range(30) if send_due(day(when))] == [0]


def test_copies_for_agents_are_told_once(post, mail_server):
    with clock.frozen(MONDAY):
        post(copy=True)
    assert [when for when in range(30) if send_due(day(when))] == [0]


@pytest.mark.parametrize("wish", [MailWhen.NONE, MailWhen.DAILY])
def test_who_turns_such_mails_off_is_not_recalled(post, alice, mail_server, wish):
    with clock.frozen(MONDAY):
        post()
    send_due(MONDAY)
    Preferences.objects.update_or_create(user=alice, defaults={"mail_message": wish})
    assert send_due(day(7)) == [NoticeState.DROPPED]


def test_archived_withdrawn_and_left_messages_are_not_recalled(post, alice, clara, mail_server):
    with clock.frozen(MONDAY):
        archived, withdrawn, left = post(), post(), post()
    send_due(MONDAY)
    actions.archive(archived, by=alice)
    assert keeping.withdraw(withdrawn, by=clara)
    assert withdrawn.notices.get(plan_day=7).state == NoticeState.DROPPED
    assert send_due(day(7)) == [NoticeState.DROPPED, NoticeState.SENT]
    leaving.forget(alice, keep_messages=True)
    assert not Notice.objects.exclude(address="").exists()
    assert len(mail_server.accepted) == 4
    assert left.notices.count() == 2
