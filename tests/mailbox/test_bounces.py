"""Reports of mail servers: read whatever comes, matched to one notice, told once."""

import datetime as dt
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbox import bounces, deliveries
from mailbox.channels import email
from mailbox.models import Delivery, Dispatch, Event
from portal.common import clock
from portal.outbox.models import OutboxMessage
from tests.mailbox.test_deliveries import consented, decide, later, opened, swept, told  # noqa: F401 - fixtures


def dsn(mail_id="<x@y>", *, action="failed", status="5.1.1", to="portal@stadt.invalid", part="text/rfc822-headers"):
    head = f"Message-ID: {mail_id}\r\nSubject: Neue Nachricht in Ihrem Postfach\r\n"
    return (
        f"From: MAILER-DAEMON@mx.invalid\r\nTo: {to}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.invalid\r\n\r\n"
        f"Final-Recipient: rfc822; a@b.invalid\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--b\r\nContent-Type: {part}\r\n\r\n{head}\r\n--b--\r\n"
    ).encode()


def taken(data):
    return bounces.take(bounces.read(data))


@pytest.fixture
def sent(consented, decide):  # noqa: F811 - the fixtures
    return told(decide())


def state(delivery):
    delivery.refresh_from_db()
    return delivery.state


def mail_id(delivery):
    return delivery.message.notices.get(plan_day=0).mail_id


@pytest.mark.parametrize("part", ["text/rfc822-headers", "message/rfc822"])
def test_a_report_is_read_with_the_id_of_the_mail_it_is_about(part):
    report = bounces.read(dsn("<a@b>", part=part))
    assert (report.action, report.status, report.mail_ids) == ("failed", "5.1.1", ("<a@b>",))


def test_words_behind_the_status_are_not_kept():
    assert bounces.read(dsn(status="5.1.1 (gibt.es.nicht@stadt.invalid)")).status == "5.1.1"


@pytest.mark.parametrize(
    "data",
    [b"", b"Subject: Bin im Urlaub\r\n\r\nGru\xdf", b"\0" * 100, b"Content-Type: message/delivery-status\r\n\r\n"],
)
def test_what_is_no_report_is_none(data):
    assert bounces.read(data) is None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 600))
def test_nothing_that_comes_by_mail_breaks_the_reader(noise, cut):
    whole = dsn()
    bounces.read(noise)
    bounces.read(whole[:cut] + noise + whole[cut:])


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["5.1.1", "5.2.2", "4.4.7"])
def test_a_final_failure_stops_the_day_and_queues_the_letter(sent, status):
    assert taken(dsn(mail_id(sent), status=status))
    assert (state(sent), sent.counts_on, Dispatch.objects.count()) == ("letter_queued", None, 1)
    assert sent.message.events.filter(kind=Event.NOTICE_FAILED).count() == 1


@pytest.mark.django_db
def test_the_same_report_twice_and_another_one_make_one_letter(sent):
    for data in (dsn(mail_id(sent)), dsn(mail_id(sent)), dsn(mail_id(sent), status="5.7.1")):
        assert taken(data)
    assert Dispatch.objects.count() == 1
    assert OutboxMessage.objects.filter(topic="notice.failed").count() == 1


@pytest.mark.django_db
def test_a_delay_and_then_success_leave_the_day(sent):
    taken(dsn(mail_id(sent), action="delayed", status="4.2.2"))
    taken(dsn(mail_id(sent), action="delivered", status="2.0.0"))
    assert state(sent) == "notice_sent"
    assert list(sent.events.filter(kind="report").values_list("detail__action", flat=True)) == ["delayed", "delivered"]


@pytest.mark.django_db
def test_a_report_after_the_day_takes_it_back(sent):
    assert swept(sent, later(6)).state == "announced"
    taken(dsn(mail_id(sent)))
    assert (state(sent), sent.announced_on) == ("letter_queued", None)


@pytest.mark.django_db
def test_the_return_address_alone_names_the_notice(sent, settings):
    settings.MAILBOX_RETURN_PATH = "hinweis@ruecklauf.invalid"
    address = email.return_path(mail_id(sent))
    assert taken(dsn("<fremd@mx.invalid>", to=f"<{address}>"))
    assert state(sent) == "letter_queued"


@pytest.mark.django_db
def test_a_report_about_somebody_elses_mail_changes_nothing(sent):
    assert taken(dsn("<fremd@mx.invalid>", to="portal+00000000-0000-0000-0000-000000000000@stadt.invalid")) is None
    assert state(sent) == "notice_sent"


@pytest.mark.django_db
def test_a_report_about_a_plain_message_is_told_to_the_clerks(post):
    message = post()
    assert taken(dsn(message.notices.get(plan_day=0).mail_id))
    assert OutboxMessage.objects.get(topic="notice.failed").key == str(message.public_id)
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_a_report_after_it_was_opened_keeps_the_announcement(sent, consented):  # noqa: F811 - the fixture
    opened(sent, later(1), consented)
    taken(dsn(mail_id(sent)))
    assert (state(sent), sent.announced_by) == ("announced", "retrieval")


@pytest.mark.django_db
@pytest.mark.parametrize("layout", ["new", "."])
def test_the_folder_is_emptied_and_everything_is_kept(sent, tmp_path, layout, settings):
    settings.MAILBOX_BOUNCES = tmp_path
    place = tmp_path / layout
    place.mkdir(exist_ok=True)
    old = (clock.now() - dt.timedelta(minutes=1)).timestamp()
    for name, data in {"1.eml": dsn(mail_id(sent)), "2.eml": b"Subject: Werbung\r\n\r\nKauf!"}.items():
        (place / name).write_bytes(data)
        os.utime(place / name, (old, old))
    assert (bounces.sweep(), bounces.sweep()) == (1, 0)
    assert ((tmp_path / "done" / "1.eml").exists(), (tmp_path / "foreign" / "2.eml").exists()) == (True, True)
    assert state(sent) == "letter_queued"


def test_the_return_address_carries_the_token_and_no_person(settings):
    settings.MAILBOX_RETURN_PATH = "hinweis@ruecklauf.invalid"
    assert email.return_path("<abc@stadt.invalid>") == "hinweis+abc@ruecklauf.invalid"
    settings.MAILBOX_RETURN_PATH = ""
    assert email.return_path("<abc@stadt.invalid>") == ""


@pytest.mark.django_db
def test_notices_that_failed_for_good_cannot_bring_a_day_back(sent):
    deliveries.notice_failed(sent.message, "5.1.1", once="dsn:x")
    deliveries.notices_sent([deliveries.Told(sent.message, 0, "250 ok")], at=clock.now())
    assert (state(sent), sent.counts_on) == ("letter_queued", None)
