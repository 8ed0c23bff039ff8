"""The emergency look: a reason, two people, an hour, and the owner reads it. Without it content is refused."""

import datetime as dt
import html

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from mailbox import log, looks
from mailbox.models import EmergencyLook
from portal.accounts.models import Role, RoleAssignment, User
from portal.audit.models import AuditEntry
from portal.common import clock
from tests.forms_engine.submissions.conftest import client_of
from tests.mailbox.conftest import CANARY

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(db):
    user = User.objects.create_user("olga@stadt.invalid", "x", given_name="Olga", family_name="Ott", is_staff=True)
    RoleAssignment.objects.create(user=user, role=Role.OPERATOR)
    return user


def url(name, *args):
    return reverse(f"emergency:{name}", args=args)


def text(response):
    return html.unescape(response.content.decode())


def test_without_a_look_content_is_refused_and_the_try_recorded(letter, otto):
    response = client_of(otto).get(url("message", letter.public_id))
    assert response.status_code == 403
    assert CANARY not in text(response)
    entry = AuditEntry.objects.get(action="message.content_refused")
    assert (entry.actor, entry.subject) == (str(otto.public_id), f"message:{letter.public_id}")


def test_two_people_open_a_message_and_its_owner_reads_who_and_why(letter, otto, olga, alice):
    client_of(otto).post(url("message", letter.public_id), {"grund": "Gerichtliche Anordnung 3 K 17/26"})
    look = EmergencyLook.objects.get()
    client_of(olga).post(url("answer", look.public_id), {"erlauben": "1"})
    assert CANARY in text(client_of(otto).post(url("read", look.public_id)))
    entry = log.page(alice).entries[0]
    assert str(entry.what) == "im Notzugriff gelesen"
    assert entry.why == "Gerichtliche Anordnung 3 K 17/26"
    page = text(client_of(alice).get(reverse("mailbox:log")))
    assert "Gerichtliche Anordnung 3 K 17/26" in page and "Betrieb des Portals" in page
    letter.refresh_from_db()
    assert letter.first_read_at is None


def test_nobody_allows_their_own_look(letter, otto):
    look = looks.ask(letter, reason="Notfall", by=otto)
    client_of(otto).post(url("answer", look.public_id), {"erlauben": "1"})
    page = text(client_of(otto).post(url("read", look.public_id), follow=True))
    assert CANARY not in page
    assert AuditEntry.objects.filter(action="message.content_refused").exists()


def test_the_database_refuses_one_person_in_both_places(letter, otto):
    look = looks.ask(letter, reason="Notfall", by=otto)
    with pytest.raises(IntegrityError, match="look_takes_two_people"), transaction.atomic():
        EmergencyLook.objects.filter(pk=look.pk).update(answered_by=otto, answered_at=clock.now(), allowed=True)


def test_the_reason_lies_sealed(letter, otto):
    looks.ask(letter, reason=CANARY, by=otto)
    with connection.cursor() as cursor:
        cursor.execute("select sealed_reason from mailbox_emergencylook")
        assert b"Kanarienvogel" not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("allowed", [True, False])
def test_a_look_is_answered_once(letter, otto, olga, edda, allowed):
    look = looks.ask(letter, reason="Notfall", by=otto)
    looks.answer(look, allowed=allowed, by=olga)
    with pytest.raises(looks.Refused):
        looks.answer(look, allowed=not allowed, by=edda)


def test_after_an_hour_it_is_over_and_only_the_one_who_asked_reads(letter, otto, olga):
    look = looks.ask(letter, reason="Notfall", by=otto)
    looks.answer(look, allowed=True, by=olga)
    with pytest.raises(looks.Refused):
        looks.read(look, by=olga)
    with clock.frozen(clock.now() + looks.OPEN_FOR + dt.timedelta(seconds=1)), pytest.raises(looks.Refused):
        looks.read(look, by=otto)


@pytest.mark.parametrize("reason", ["", " \r\n "])
def test_there_is_no_look_without_a_reason(letter, otto, reason):
    response = client_of(otto).post(url("message", letter.public_id), {"grund": reason})
    assert response.status_code == 422
    assert not EmergencyLook.objects.exists()


@pytest.mark.parametrize("who", ["alice", "clara", "theo", "edda"])
def test_only_operators_know_these_pages(letter, who, request):
    client = client_of(request.getfixturevalue(who))
    for address in (url("overview"), url("message", letter.public_id)):
        assert client.get(address).status_code in (302, 404)
