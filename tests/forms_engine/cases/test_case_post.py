"""Messages of a case as its clerks see them: files only when clean, and only of this case."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from forms_engine.cases import flow
from forms_engine.cases.models import TextBlock
from mailbox import actions as mailbox
from mailbox import sending
from mailbox.models import Message
from portal.common import clock
from portal.directory.teams.models import Team, TeamMember
from portal.documents import store
from portal.documents.models import Scan, StoredFile
from portal.documents.scans import queue as scans
from portal.documents.scans.signatures import EICAR
from tests import make
from tests.forms_engine.submissions import samples
from tests.forms_engine.submissions.conftest import client_of


@pytest.fixture
def at_desk(paid_case, clara):
    make.work()
    return client_of(clara)


@pytest.fixture
def reply(at_desk, paid_case, alice):
    """Alice answers the first letter of her case with a file."""

    def send(data=b"", name="nachweis.pdf"):
        letter = Message.objects.filter(thread=paid_case.thread).earliest("id")
        stored = store.put(samples.pdf() + data, media_type="application/pdf", foreign=True)
        return mailbox.reply(letter, body="Anbei.", by=alice, attachments=[(stored, name)])

    return send


def scan_all():
    for pk in StoredFile.objects.filter(scan=Scan.WAITING).values_list("pk", flat=True):
        scans.scan(pk)
    make.drain()


def address(case, message):
    return reverse("workplace:message_file", args=[case.public_id, message.public_id, 1])


def page(client, case):
    return client.get(reverse("workplace:case", args=[case.public_id])).content.decode()


def test_a_file_of_a_reply_opens_for_the_clerk_once_it_is_clean(at_desk, reply, paid_case):
    answer = reply()
    assert "nachweis.pdf" in page(at_desk, paid_case)
    assert address(paid_case, answer) not in page(at_desk, paid_case)
    assert at_desk.get(address(paid_case, answer)).status_code == 404
    scan_all()
    assert address(paid_case, answer) in page(at_desk, paid_case)
    assert b"".join(at_desk.get(address(paid_case, answer)).streaming_content) == samples.pdf()


@pytest.mark.slow
def test_a_bad_file_stays_locked_and_its_sender_is_told_once(at_desk, reply, paid_case):
    answer = reply(EICAR, "schlecht.pdf")
    scan_all()
    assert "gesperrt: Schadsoftware" in page(at_desk, paid_case)
    assert at_desk.get(address(paid_case, answer)).status_code == 404
    told = Message.objects.get(dedupe_key__startswith="infected:")
    assert told.mailbox.user == paid_case.party


@pytest.mark.slow
def test_a_message_of_another_thread_is_not_found_through_this_case(at_desk, paid_case, bob):
    with transaction.atomic():
        foreign = mailbox.post(
            recipient=bob,
            sender="KVR",
            subject="x",
            body="y",
            thread="case:other",
            attachments=[(store.put(b"x", media_type="text/plain"), "x.txt")],
        )
    assert at_desk.get(address(paid_case, foreign)).status_code == 404


# --- writing ----------------------------------------------------------------------------------------------------------


def post_to(client, name, case, *args, **data):
    return client.post(reverse(f"workplace:{name}", args=[case.public_id, *args]), data, follow=True)


def written(case):
    return Message.objects.filter(thread=case.thread, direction="city", dedupe_key__startswith="written:").latest("id")


def answers(client):
    return client.get(reverse("workplace:answers")).content.decode()


@pytest.mark.slow
def test_clerks_see_whether_and_when_a_message_was_read_and_how_its_notice_fares(at_desk, paid_case, alice):
    post_to(at_desk, "write", paid_case, **{"schreiben-text": "Bitte melden Sie sich."})
    assert "noch nicht gelesen, Hinweis wartet" in page(at_desk, paid_case)
    mailbox.mark_read(written(paid_case), by=alice)
    assert "gelesen am " in page(at_desk, paid_case)


@pytest.mark.slow
def test_the_clerk_sees_when_a_reminder_is_due_and_none_after_reading(at_desk, paid_case, alice):
    post_to(at_desk, "write", paid_case, **{"schreiben-text": "Bitte melden Sie sich."})
    message = written(paid_case)
    sending.send_notice(message.notices.get().pk)
    due = message.notices.get(plan_day=7).due_at
    assert f"Erinnerung am {clock.local(due):%d.%m.%Y} vorgesehen" in page(at_desk, paid_case)
    mailbox.mark_read(message, by=alice)
    assert "Erinnerung" not in page(at_desk, paid_case)


def test_an_unread_message_is_taken_back_and_stands_in_the_file(at_desk, paid_case):
    post_to(at_desk, "write", paid_case, **{"schreiben-text": "An die Falsche."})
    message = written(paid_case)
    post_to(at_desk, "withdraw_message", paid_case, message.public_id)
    message.refresh_from_db()
    assert message.withdrawn_at
    assert paid_case.events.filter(kind="message_withdrawn").count() == 1
    html = page(at_desk, paid_case)
    assert "zurückgezogen am" in html
    assert "Nachricht zurückgezogen" in html


@pytest.mark.slow
def test_a_read_message_is_not_taken_back(at_desk, paid_case, alice):
    post_to(at_desk, "write", paid_case, **{"schreiben-text": "Hallo."})
    mailbox.mark_read(written(paid_case), by=alice)
    done = post_to(at_desk, "withdraw_message", paid_case, written(paid_case).public_id)
    assert "nicht mehr zurückziehen" in done.content.decode()
    assert written(paid_case).withdrawn_at is None


@pytest.mark.slow
def test_a_message_of_another_thread_is_not_taken_back_through_this_case(at_desk, paid_case, bob):
    with transaction.atomic():
        foreign = mailbox.post(recipient=bob, sender="KVR", subject="x", body="y", thread="case:other")
    assert post_to(at_desk, "withdraw_message", paid_case, foreign.public_id).status_code == 404
    foreign.refresh_from_db()
    assert foreign.withdrawn_at is None


@pytest.mark.slow
def test_receipts_and_requests_are_not_taken_back(at_desk, paid_case, clara):
    flow.request_documents(paid_case, text="Bitte den Schein.", by=clara)
    for message in Message.objects.filter(thread=paid_case.thread, direction="city"):
        post_to(at_desk, "withdraw_message", paid_case, message.public_id)
    assert not Message.objects.filter(withdrawn_at__isnull=False).exists()
    assert "Zurückziehen<" not in page(at_desk, paid_case)


# --- who waits --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_reply_stands_in_the_queue_until_somebody_answers(at_desk, paid_case, reply):
    assert "Niemand wartet" in answers(at_desk)
    reply()
    make.drain()
    assert paid_case.number in answers(at_desk)
    assert "Antworten (1)" in at_desk.get(reverse("workplace:queue")).content.decode()
    post_to(at_desk, "write", paid_case, **{"schreiben-text": "Danke, ist da."})
    assert "Niemand wartet" in answers(at_desk)


@pytest.mark.slow
def test_a_reply_that_is_heard_after_its_answer_waits_for_nobody(at_desk, paid_case, reply):
    reply()
    post_to(at_desk, "write", paid_case, **{"schreiben-text": "Danke, ist da."})
    make.drain()
    assert "Niemand wartet" in answers(at_desk)


@pytest.mark.slow
def test_a_thank_you_needs_no_answer(at_desk, paid_case, reply):
    reply()
    make.drain()
    post_to(at_desk, "no_answer", paid_case)
    assert "Niemand wartet" in answers(at_desk)


@pytest.mark.slow
def test_other_teams_do_not_see_who_waits(at_desk, paid_case, reply, theo):
    reply()
    make.drain()
    TeamMember.objects.filter(user=theo).delete()
    assert paid_case.number not in answers(client_of(theo))


@pytest.mark.slow
def test_the_queue_takes_a_bounded_number_of_statements(at_desk, paid_case, reply, django_assert_max_num_queries):
    reply()
    make.drain()
    with django_assert_max_num_queries(20):
        answers(at_desk)


# --- blocks of text ---------------------------------------------------------------------------------------------------


@pytest.fixture
def team(theo):
    return Team.objects.filter(members__user=theo, members__leads=True).get()


@pytest.mark.slow
def test_a_lead_writes_a_block_and_a_clerk_inserts_it_with_the_words_of_the_case(at_desk, paid_case, theo, team, clara):
    client_of(theo).post(
        reverse("workplace:blocks"),
        {"team": team.pk, "title": "Danke", "text": "Guten Tag {name}, zu {aktenzeichen}: danke. {sachbearbeitung}"},
    )
    block = TextBlock.objects.get()
    done = post_to(
        at_desk, "write", paid_case, einfuegen="1", baustein=str(block.public_id), **{"schreiben-text": "Vorweg."}
    )
    text = done.context["write_form"]["text"].value()
    assert text == f"Vorweg.\n\nGuten Tag {paid_case.who}, zu {paid_case.number}: danke. {clara}"
    assert not Message.objects.filter(dedupe_key__startswith="written:").exists()


@pytest.mark.slow
def test_unknown_placeholders_are_named(theo, team, at_desk):
    values = {"team": team.pk, "title": "x", "text": "Hallo {kontonummer}"}
    done = client_of(theo).post(reverse("workplace:blocks"), values)
    assert done.status_code == 422
    assert "Den Platzhalter kontonummer gibt es nicht" in done.content.decode()
    assert not TextBlock.objects.exists()


@pytest.mark.slow
def test_clerks_write_no_blocks_and_blocks_of_other_teams_do_not_exist(at_desk, paid_case, team, theo):
    values = {"team": team.pk, "title": "x", "text": "y"}
    assert at_desk.post(reverse("workplace:blocks"), values).status_code == 404
    other = Team.objects.create(name="Anderes Team", office=team.office)
    block = TextBlock.objects.create(team=other, title="x", text="y")
    assert client_of(theo).post(reverse("workplace:remove_block", args=[block.public_id])).status_code == 404
    for forged in (str(block.public_id), "x"):
        assert post_to(at_desk, "write", paid_case, einfuegen="1", baustein=forged).status_code == 404
    assert TextBlock.objects.exists()


@pytest.mark.parametrize("change", [{"title": ""}, {"text": ""}])
def test_the_database_takes_no_empty_block(team, change):
    with pytest.raises(IntegrityError, match="text_block_says_something"), transaction.atomic():
        TextBlock.objects.create(**{"team": team, "title": "x", "text": "y"} | change)
