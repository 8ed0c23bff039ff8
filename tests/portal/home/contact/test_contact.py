"""Asking the city: without an account, sealed, confirmed, answered once, forgotten."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction

from mailbox.models import Message
from mailbox.queries import letter
from portal.accounts import roles
from portal.accounts.models import Role
from portal.common import clock, crypto
from portal.directory.models import Organisation, Service
from portal.home.contact import actions
from portal.home.models import Question
from tests.conftest import _team
from tests.portal.home.test_pages import check

pytestmark = pytest.mark.django_db
WRITE, TEXT, MAIL = "/kontakt/schreiben/", "Darf mein Kanarienvogel mit?", "anna@stadt.invalid"


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


@pytest.fixture
def asked() -> Question:
    return actions.ask(text=TEXT, once="a", mail=MAIL)


@pytest.fixture
def clerk(client, clara):
    roles.seed()
    roles.grant(clara, Role.CLERK, by=None)
    client.force_login(clara)
    return client


def _link() -> str:
    return re.search(r"https?://[^/]+(/kontakt/bestaetigen/\S+)", mail.outbox[-1].body)[1]


def test_a_stranger_asks_confirms_and_gets_the_answer_by_mail(client, clara):
    check(client.get(WRITE))
    sent = client.post(WRITE, {"text": TEXT, "mail": MAIL, "once": "x"})
    assert "Wir haben Ihnen eine E-Mail geschickt" in check(client.get(sent["Location"]))
    assert not Question.objects.to_answer().exists()
    actions.sweep_mails()
    assert mail.outbox[0].to == [MAIL] and TEXT not in mail.outbox[0].body
    check(client.get(_link()))
    assert not Question.objects.to_answer().exists()  # looking at the link is not yet confirming
    assert "FRAGE-" in check(client.get(client.post(_link())["Location"]))
    actions.answer(Question.objects.to_answer().get(), text="Ja, gern.", by=clara)
    actions.sweep_mails()
    assert "Ja, gern." in mail.outbox[1].body and mail.outbox[1].to == [MAIL]
    assert actions.sweep_mails() == 0


def test_who_is_signed_in_needs_no_address_and_reads_the_answer_in_the_postbox(client, alice, clara):
    client.force_login(alice)
    page = check(client.get(WRITE))
    assert 'name="mail"' not in page
    client.post(WRITE, {"text": TEXT})
    actions.answer(Question.objects.to_answer().get(), text="Ja, gern.", by=clara)
    message = Message.objects.get(mailbox__user=alice)
    assert "Ja, gern." in letter(message).body and not message.reply_allowed
    assert actions.sweep_mails() == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"text": ""}, "Schreiben Sie Ihre Frage"),
        ({"text": "x" * 5001}, "Kürzen Sie die Frage auf 5000 Zeichen"),
        ({"mail": ""}, "Geben Sie Ihre E-Mail-Adresse ein"),
        ({"mail": "anna"}, "name@beispiel.de"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(client, change, sentence):
    response = client.post(WRITE, {"text": TEXT, "mail": MAIL} | change)
    assert response.status_code == 422 and not Question.objects.exists()
    assert sentence in response.content.decode()


def test_a_second_click_asks_once(client):
    for _ in range(2):
        client.post(WRITE, {"text": TEXT, "mail": MAIL, "once": "gleich"})
    assert Question.objects.count() == 1


def test_the_transcript_goes_along_only_if_wished(client):
    data = {"text": TEXT, "mail": MAIL, "frage": "Was kostet ein Einhorn?"}
    assert "Was kostet ein Einhorn?" in check(client.get(f"{WRITE}?frage=Was+kostet+ein+Einhorn?"))
    client.post(WRITE, data | {"once": "ohne"})
    client.post(WRITE, data | {"once": "mit", "with_transcript": "on"})
    without, along = Question.objects.order_by("id")
    assert without.opened("text") == TEXT
    assert "Frage: Was kostet ein Einhorn?" in along.opened("text")


def test_nothing_written_is_readable_in_the_database(asked, clara):
    actions.confirm(asked)
    actions.answer(asked, text="Geheimantwort", by=clara)
    with connection.cursor() as cursor:
        cursor.execute("select t::text from home_question t")
        row = cursor.fetchone()[0]
    for word in ("Kanarienvogel", "anna@", "Geheimantwort"):
        assert word not in row and word.encode().hex() not in row


def test_no_inbox_is_flooded_through_us():
    for number in range(5):
        actions.ask(text=TEXT, once=str(number), mail=MAIL.upper() if number % 2 else MAIL)
    assert actions.sweep_mails() == actions.MOST_WAITING


def test_asking_is_limited_per_address(client):
    answers = [client.post(WRITE, {"text": TEXT, "mail": MAIL}).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]


@pytest.mark.parametrize("ticket", ["x", "x:y:z", "%00", "a" * 5000])
def test_a_made_up_link_says_that_it_does_not_count(client, ticket):
    assert client.get(f"/kontakt/bestaetigen/{ticket}/").status_code == 404


def test_an_old_link_opens_nothing(client, asked):
    link = f"/kontakt/bestaetigen/{actions.ticket(asked)}/"
    Question.objects.update(disposed_at=clock.now(), wrapped_key=None, text_sealed=b"", mail_sealed=b"")
    assert client.post(link).status_code == 404


def test_only_one_answer_is_sent(asked, clara, theo):
    actions.confirm(asked)
    actions.answer(asked, text="Eins", by=clara)
    with pytest.raises(actions.AlreadyAnswered):
        actions.answer(asked, text="Zwei", by=theo)
    asked.refresh_from_db()
    assert asked.opened("answer") == "Eins" and asked.answered_by == clara


def test_the_clerk_answers_in_the_admin(clerk, asked):
    address = f"/verwaltung/home/question/{asked.pk}/change/"
    assert clerk.get(address).status_code == 404  # nobody has confirmed it
    actions.confirm(asked)
    assert "Kanarienvogel" in clerk.get(address).content.decode()
    assert clerk.post(address, {"answer": ""}).status_code == 200
    clerk.post(address, {"answer": "Ja, gern."})
    asked.refresh_from_db()
    assert asked.opened("answer") == "Ja, gern."
    assert "Ja, gern." in clerk.get(address).content.decode()


def test_a_question_is_read_by_the_teams_of_its_department_only_and_never_by_who_asked(clerk, clara, alice):
    team = _team()
    foreign = Organisation.objects.create(short="BAU", name="Baureferat")
    asked = {"text": TEXT, "user": alice}
    for organisation, by, status in (
        *((None, alice, 200), (team.office.organisation, alice, 200)),
        *((foreign, alice, 302), (None, clara, 302)),  # the admin leads away from what is not there
    ):
        question = actions.ask(**asked | {"once": f"{organisation}{by}", "user": by})
        Question.objects.filter(pk=question.pk).update(organisation=organisation)
        found = clerk.get(f"/verwaltung/home/question/{question.pk}/change/")
        assert found.status_code in (status, 404 if status == 302 else status), (organisation, by)
        assert (TEXT in found.content.decode()) is (status == 200)


def test_the_responsible_department_follows_from_the_service(client, kvr_service):
    client.post(WRITE, {"text": TEXT, "mail": MAIL, "leistung": kvr_service.slug})
    question = Question.objects.get()
    assert (question.service, question.organisation) == (kvr_service, kvr_service.organisation)


@pytest.fixture
def kvr_service(db) -> Service:
    kvr = Organisation.objects.create(short="KVR", name="Kreisverwaltungsreferat")
    return Service.objects.create(slug="hund", title="Hund", organisation=kvr)


def test_unconfirmed_questions_are_deleted_and_answered_ones_lose_their_key(asked, clara):
    other = actions.ask(text=TEXT, once="b", mail=MAIL)
    actions.confirm(other)
    actions.answer(other, text="Ja", by=clara)
    with clock.frozen(clock.now() + actions.CONFIRM_WITHIN + dt.timedelta(minutes=1)):
        assert actions.sweep_questions() == 1
    with clock.frozen(clock.now() + actions.KEEP + dt.timedelta(minutes=1)):
        assert actions.sweep_questions() == 1
    with pytest.raises(crypto.KeyDestroyed):
        Question.objects.get().opened("text")


def test_an_open_question_is_never_forgotten_by_time(asked):
    actions.confirm(asked)
    with clock.frozen(clock.now() + dt.timedelta(days=4000)):
        assert actions.sweep_questions() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"wrapped_key": None},
        {"mail_digest": ""},
        {"answered_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"disposed_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_the_database_refuses_what_cannot_be(asked, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(pk=asked.pk).update(**change)
