"""What came back: which reports end a subscription, and the folder they lie in."""

import datetime as dt

import pytest
from django.core import mail
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from mailbox.topics import bounces, mails, returns, sending
from mailbox.topics.models import Bounce, Dispatch, Subscription
from tests.mailbox.topics.conftest import appeared, later, sent

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def state() -> str:
    row = Subscription.objects.get()
    return row.ended_why or row.state


@pytest.fixture
def dispatch(issue) -> str:
    sending.send_due()
    return Dispatch.objects.get().public_id.hex


def another(subscription, edda, otto) -> str:
    issue = appeared(subscription.topic, edda, otto)
    sending.send_due()
    return Dispatch.objects.get(issue=issue).public_id.hex


@pytest.mark.parametrize("status", ["5.1.1", "5.1.0", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4", "5.0.0"])
def test_an_address_that_is_not_there_ends_it_at_once(dispatch, status):
    assert bounces.bounced(dispatch, status) and state() == "hard"
    assert Dispatch.objects.get().last_error == f"DSN {status}"


@pytest.mark.parametrize("status", ["5.2.2", "4.2.2", "4.4.7", "5.7.1", "5.3.4", "4.1.1", "5.1.8"])
def test_one_of_the_others_ends_nothing(dispatch, status):
    assert bounces.bounced(dispatch, status) and state() == "confirmed"


@pytest.mark.parametrize("status", ["2.0.0", "", "x", "5.1", "5.1.1; DROP", "6.1.1"])
def test_success_and_nonsense_are_no_bounce(dispatch, status):
    assert not bounces.bounced(dispatch, status) and not Bounce.objects.exists()


def test_a_second_report_about_the_same_mail_counts_nothing(dispatch):
    assert [bounces.bounced(dispatch, "4.2.2") for _ in range(9)] == [True] + [False] * 8
    assert state() == "confirmed"


@pytest.mark.parametrize(("days", "ends"), [(3, "soft"), (4, "confirmed")])
def test_the_fifth_within_14_days_ends_it(subscription, edda, otto, days, ends):
    for count in range(bounces.SOFT_LIMIT):
        with later(count * days * DAY):
            assert state() == "confirmed"
            bounces.bounced(another(subscription, edda, otto), "4.2.2")
    assert state() == ends


def test_what_others_think_of_us_ends_nothing_however_often(subscription, edda, otto):
    for _ in range(7):
        bounces.bounced(another(subscription, edda, otto), "5.7.1")
    assert state() == "confirmed"


def report(dispatch: str, status: str = "5.1.1", action: str = "failed") -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: <{mails.return_path(dispatch)}>\r\nSubject: Undelivered\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNope\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; jo@stadt.example\r\n"
        f"Action: {action}\r\nStatus: {status}\r\n\r\n--b--\r\n"
    ).encode()


def test_a_report_is_read(dispatch):
    assert returns.receive(report(dispatch)) and state() == "hard"


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_a_report_that_says_wait_is_none(dispatch, action):
    assert not returns.receive(report(dispatch, "4.4.1", action)) and not Bounce.objects.exists()


def test_a_forged_report_and_an_absence_note_change_nothing(dispatch):
    forged = report(dispatch).replace(mails.return_path(dispatch).encode(), f"newsletter+{dispatch}.0@x".encode())
    away = b"To: newsletter@stadt.invalid\r\nSubject: Ich bin im Urlaub\r\n\r\nBis bald"
    assert not returns.receive(forged) and not returns.receive(away) and not returns.receive(b"")
    assert state() == "confirmed"


def test_the_written_way_out_works(letter):
    """As a mail program does it that follows the mailto link (RFC 6068)."""
    import listunsub

    written = listunsub.parse(letter["List-Unsubscribe"])[1]
    answer = listunsub.parse_mailto(written).to_message("jo@anderswo.example")
    assert returns.receive(answer.as_bytes()) and state() == "asked"
    assert not returns.receive(b"Subject: Abmelden " + b"x" * 43 + b"\r\n\r\n")


def test_the_folder_is_emptied_and_what_is_unclear_is_kept(dispatch, settings, tmp_path):
    settings.NEWSLETTER_MAIL_FOLDER = tmp_path
    (tmp_path / "1.eml").write_bytes(report(dispatch))
    (tmp_path / "2.eml").write_bytes(b"Subject: Hallo\r\n\r\nIch habe eine Frage")
    (tmp_path / "3.tmp").write_bytes(b"half")
    assert returns.sweep_returns() == 2 and returns.sweep_returns() == 0
    assert [p.name for p in sorted((tmp_path / "erledigt").iterdir())] == ["1.eml"]
    assert [p.name for p in (tmp_path / "unklar").iterdir()] == ["2.eml"] and (tmp_path / "3.tmp").exists()
    assert state() == "hard"
    settings.NEWSLETTER_MAIL_FOLDER = None
    assert returns.sweep_returns() == 0


def test_after_the_end_nothing_is_sent(dispatch, subscription, edda, otto):
    bounces.bounced(dispatch, "5.1.1")
    appeared(subscription.topic, edda, otto)
    assert sending.send_due() == {} and len(sent()) == len(mail.outbox) == 1


@hypothesis(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.text("ToSubjectAbmelden:@<>=?\\n\r \x00ü/", max_size=200).map(str.encode))
def test_no_bytes_stop_the_sweep(db, raw):
    assert not returns.receive(raw)
