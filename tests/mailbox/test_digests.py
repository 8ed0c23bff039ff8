"""One mail a day for those who wish so: exactly one, never about decisions, never with content."""

import datetime as dt

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from mailbox import actions, sending
from mailbox.models import Notice
from mailbox.states import NoticeState
from portal.accounts.models import Preferences
from portal.common import clock
from tests.mailbox.conftest import CANARY

pytestmark = pytest.mark.django_db(transaction=True)
MORNING = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def daily(alice):
    Preferences.objects.create(user=alice, mail_message="daily", mail_payment="none")


def due():
    return [clock.local(row.due_at).isoformat()[:16] for row in Notice.objects.order_by("due_at")]


def send_due():
    return [sending.send_notice(key) for key in sending.due_notices()]


def test_many_messages_of_a_day_make_one_mail_in_the_afternoon(daily, post):
    for hour in range(5):
        with clock.frozen(MORNING + dt.timedelta(hours=hour)):
            post()
            assert send_due() == []
    assert due() == ["2026-03-02T17:00"]
    with clock.frozen(MORNING + dt.timedelta(hours=8)):
        assert send_due() == [NoticeState.SENT]
        assert send_due() == []
    assert len(mail.outbox) == 1
    assert CANARY not in mail.outbox[0].message().as_string()


def test_what_comes_after_the_mail_of_the_day_waits_for_the_next(daily, post):
    with clock.frozen(MORNING):
        post()
    with clock.frozen(MORNING + dt.timedelta(hours=7, minutes=1)):
        send_due()
        post()
    assert due() == ["2026-03-02T17:00", "2026-03-03T17:00"]


def test_a_message_that_finds_todays_mail_sent_already_orders_tomorrows(daily, post):
    with clock.frozen(MORNING):
        post()
        Notice.objects.update(state=NoticeState.SENT, sent_at=clock.now())
        post()
    assert due() == ["2026-03-02T17:00", "2026-03-03T17:00"]


def test_who_has_read_everything_by_then_gets_no_mail(daily, post, alice):
    with clock.frozen(MORNING - dt.timedelta(days=9)):
        post(thread="case:old")  # unread for ever, and told long ago
        Notice.objects.update(state=NoticeState.SENT, sent_at=clock.now())
    with clock.frozen(MORNING):
        first, second = post(), post(thread="case:2")
    with clock.frozen(MORNING + dt.timedelta(hours=1)):
        actions.mark_read(first, by=alice)
        actions.mark_read(second, by=alice)
    with clock.frozen(MORNING + dt.timedelta(hours=8)):
        assert send_due() == [NoticeState.DROPPED]
        post(thread="case:3")
    assert not mail.outbox
    assert due()[-1] == "2026-03-03T17:00"


@pytest.mark.slow
def test_a_decision_is_told_at_once_and_some_kinds_never(daily, post):
    with clock.frozen(MORNING):
        post(kind="decision")
        post(kind="payment")
    assert [notice.digest_on for notice in Notice.objects.all()] == [None]


def test_the_hour_is_that_of_the_clock_on_the_wall_on_both_sides_of_summer_time():
    saturday = dt.datetime(2026, 3, 28, 17, tzinfo=dt.UTC)  # 18:00 in Munich, the clocks change at night
    assert actions.next_digest(saturday).isoformat() == "2026-03-29T17:00:00+02:00"


def test_the_database_keeps_a_second_digest_of_a_day_out(daily, post):
    with clock.frozen(MORNING):
        first, second = post(), post(thread="case:2")
    row = first.notices.get()
    with pytest.raises(IntegrityError, match="notice_one_digest_a_day"), transaction.atomic():
        Notice.objects.create(
            message=second, mail_id="<x@y>", digest_of=row.digest_of, digest_on=row.digest_on, due_at=row.due_at
        )
