"""Several cases at once: asked before, done one by one, told which not."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from forms_engine.cases import flow
from forms_engine.cases.models import Case, CaseDate, DocumentRequest
from portal.common import clock
from tests import make

pytestmark = pytest.mark.django_db
TOMORROW = clock.today() + dt.timedelta(days=1)


@pytest.fixture
def two(alice, bob):
    made = [make.case(alice), make.case(bob)]
    Case.objects.update(status="in_review")
    return made


def send(person, what, cases, **data):
    client = Client()
    client.force_login(person)
    chosen = {"aktion": what, "vorgang": [str(case.public_id) for case in cases]}
    return client.post(reverse("workplace:bulk"), chosen | data)


def test_nothing_happens_before_it_is_confirmed(two, clara):
    page = send(clara, "uebernehmen", two).content.decode()
    assert all(case.number in page for case in two) and "Übernehmen (2)" in page
    assert not Case.objects.filter(assigned_to=clara).exists()


def test_cases_are_taken_and_what_was_not_is_told(two, clara, theo):
    flow.claim(two[0], by=theo)
    page = send(clara, "uebernehmen", two, bestaetigt="1").content.decode()
    assert "Erledigt (1)" in page and "Nicht erledigt (1)" in page and "schon übernommen" in page
    assert list(Case.objects.filter(assigned_to=clara)) == [two[1]]


def test_only_the_lead_hands_over(two, clara, theo):
    chosen = {"bestaetigt": "1", "alle-to": str(clara.public_id)}
    assert send(clara, "zuteilen", two, **chosen).status_code == 422
    assert not Case.objects.filter(assigned_to=clara).exists()
    assert "Erledigt (2)" in send(theo, "zuteilen", two, **chosen).content.decode()
    assert Case.objects.filter(assigned_to=clara).count() == 2


def test_a_follow_up_is_set_for_all(two, clara):
    data = {"alle-due_on": TOMORROW.isoformat(), "alle-reason": "Nachsehen"}
    send(clara, "wiedervorlage", two, bestaetigt="1", **data)
    assert CaseDate.objects.filter(kind="follow_up", due_on=TOMORROW).count() == 2


def test_a_missing_reason_is_asked_for(two, clara):
    assert send(clara, "wiedervorlage", two, bestaetigt="1").status_code == 422
    assert not CaseDate.objects.exists()


@pytest.mark.slow
def test_all_are_asked_for_the_same_document(two, clara):
    Case.objects.filter(pk=two[0].pk).update(status="awaiting_payment")
    page = send(clara, "nachfordern", two, bestaetigt="1", **{"alle-text": "Bitte den Schein."}).content.decode()
    assert "Erledigt (1)" in page and "nicht in Prüfung" in page
    assert DocumentRequest.objects.get().case == two[1]


@pytest.mark.sample(4)
@pytest.mark.parametrize("what", ["uebernehmen", "wiedervorlage", "nachfordern", "erfunden"])
def test_cases_of_others_are_left_alone_in_silence(what, two, clara):
    own = make.case(clara)
    Case.objects.filter(pk=own.pk).update(status="in_review")
    page = send(clara, what, [own], bestaetigt="1")
    assert page.status_code == 422 and own.number not in page.content.decode()
    assert Case.objects.get(pk=own.pk).assigned_to is None


@pytest.mark.parametrize("ids", [[], ["x"], ["00000000-0000-4000-8000-000000000000"]])
def test_nonsense_is_nothing_chosen(ids, clara):
    client = Client()
    client.force_login(clara)
    answer = client.post(reverse("workplace:bulk"), {"aktion": "uebernehmen", "vorgang": ids})
    assert answer.status_code == 422 and "mindestens einen Vorgang" in answer.content.decode()
