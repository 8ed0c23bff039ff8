"""After an application the portal asks whether decisions may come by postbox alone: once, and refusing is easy."""

import uuid

import pytest
from django.urls import reverse

from portal.accounts import consents
from tests.forms_engine.submissions.conftest import client_of

pytestmark = pytest.mark.django_db
QUESTION = "Bescheide nur im Postfach bekommen?"


def received(case):
    return reverse("cases:received", args=[case.public_id])


def asks(client, case) -> bool:
    return QUESTION in client.get(received(case)).content.decode()


def answer(client, case, said):
    address = reverse("account:consent", args=[consents.ANNOUNCEMENT])
    return client.post(address, {"antwort": said, "vorgang": case.public_id if case else ""})


@pytest.mark.parametrize(("said", "told"), [("ja", "Einwilligung ist erteilt"), ("nein", "Ihr Nein ist gespeichert")])
def test_the_answer_counts_and_leads_back(case, alice, said, told):
    hers = client_of(alice)
    assert asks(hers, case)
    page = answer(hers, case, said)
    assert page["Location"] == received(case)
    assert told in hers.get(page["Location"]).content.decode()
    assert bool(consents.given(alice, consents.ANNOUNCEMENT)) == (said == "ja")
    assert not asks(hers, case)


def test_nothing_but_a_case_is_led_back_to(alice):
    hers = client_of(alice)
    address = reverse("account:consent", args=[consents.ANNOUNCEMENT])
    for strange in ("//boese.example", "https://boese.example/", "x", ""):
        gone = hers.post(address, {"antwort": "ja", "vorgang": strange})
        assert gone["Location"] == reverse("account:privacy")
    foreign = hers.post(address, {"antwort": "ja", "vorgang": str(uuid.uuid4())}, follow=True)
    assert foreign.status_code == 404


def test_whoever_has_answered_in_the_profile_is_not_asked(case, alice):
    consents.answer(alice, consents.ANNOUNCEMENT, given=False)
    assert not asks(client_of(alice), case)
