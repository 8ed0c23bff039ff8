"""Forged answers get one neutral page and one audit entry, and leave neither session nor account."""

import base64
import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.identity import pages
from portal.accounts.identity.models import ExternalIdentity, PendingSignIn
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.common import clock
from tests.portal.accounts.identity.attacks import ATTACKS

NEUTRAL = "Die Anmeldung hat nicht geklappt"


def _refused(response, client, reason: str, people: int = 0):
    assert (response.status_code, response.redirect_chain) == (400, [])
    assert NEUTRAL in response.content.decode()
    assert "_auth_user_id" not in client.session
    assert User.objects.count() == ExternalIdentity.objects.count() == people
    assert AuditEntry.objects.filter(action="identity.refused").latest("id").data == {"reason": reason}


def test_the_honest_answer_is_believed(client, bayernid):
    """Or every test below would say nothing."""
    assert bayernid.sign_in(client).status_code == 200
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.sample(60)
def test_a_forged_answer_is_refused(client, bayernid, name):
    forge, reason = ATTACKS[name]
    question, relay = bayernid.ask(client)
    _refused(bayernid.send(client, forge(bayernid, question), relay), client, reason)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wrapping_3", "text_changed_after_signing", "expired"])
def test_a_forged_answer_does_not_use_up_the_question(client, bayernid, name):
    question, relay = bayernid.ask(client)
    bayernid.send(client, ATTACKS[name][0](bayernid, question), relay)
    bayernid.send(client, bayernid.signed(bayernid.told(question.request_id)), relay)
    assert "_auth_user_id" in client.session


@pytest.mark.slow
def test_all_forged_answers_get_the_very_same_page(client, bayernid):
    question, relay = bayernid.ask(client)
    names = ("wrapping_1", "expired", "no_level", "huge")
    pages = {bayernid.send(client, ATTACKS[name][0](bayernid, question), relay).content for name in names}
    assert len(pages) == 1


@pytest.mark.slow
def test_an_answer_sent_again_is_refused(client, bayernid):
    question, relay = bayernid.ask(client)
    document = bayernid.signed(bayernid.told(question.request_id))
    bayernid.send(client, document, relay)
    client.logout()
    _refused(bayernid.send(client, document, relay), client, "answered_twice", people=1)


@pytest.mark.slow
def test_an_assertion_used_for_a_second_question_is_refused(client, bayernid):
    first, relay = bayernid.ask(client)
    bayernid.send(client, bayernid.signed(bayernid.told(first.request_id, assertion_id="_same")), relay)
    client.logout()
    second, relay = bayernid.ask(client)
    document = bayernid.signed(bayernid.told(second.request_id, assertion_id="_same"))
    _refused(bayernid.send(client, document, relay), client, "replay", people=1)


def test_an_answer_for_one_provider_is_refused_at_the_other(client, bayernid, bundid):
    question, relay = bayernid.ask(client)
    document = bayernid.signed(bayernid.told(question.request_id))
    _refused(bundid.send(client, document, relay), client, "signature")


def test_a_provider_cannot_answer_what_another_was_asked(client, bayernid, bundid):
    question, relay = bayernid.ask(client)
    document = bundid.signed(bundid.told(question.request_id))
    _refused(bundid.send(client, document, relay), client, "in_response_to")


@pytest.mark.sample(3)
@pytest.mark.parametrize("relay", ["", "x", "https://boese.example/"])
def test_another_relay_state_is_refused(client, bayernid, relay):
    question, _ = bayernid.ask(client)
    _refused(bayernid.send(client, bayernid.signed(bayernid.told(question.request_id)), relay), client, "relay_state")


def test_the_relay_state_of_another_question_is_refused(client, bayernid):
    question, _ = bayernid.ask(client)
    _, other = bayernid.ask(client)
    _refused(bayernid.send(client, bayernid.signed(bayernid.told(question.request_id)), other), client, "relay_state")


@pytest.mark.slow
def test_an_answer_planted_in_another_browser_signs_nobody_in(client, bayernid):
    """Login CSRF: the attacker's own genuine answer, carried by the victim."""
    attacker, victim = Client(), client
    question, relay = bayernid.ask(attacker)
    victim.get(reverse("account_login"))
    response = bayernid.send(victim, bayernid.signed(bayernid.told(question.request_id)), relay)
    assert response.status_code == 400 and "_auth_user_id" not in victim.session
    assert AuditEntry.objects.latest("id").data == {"reason": "other_browser"}
    assert User.objects.count() == 0


def test_an_answer_waits_only_until_the_question_expires(client, bayernid):
    question, relay = bayernid.ask(client)
    with clock.frozen(question.expires_at + dt.timedelta(seconds=1)):
        document = bayernid.signed(bayernid.told(question.request_id))
        _refused(bayernid.send(client, document, relay), client, "question_expired")


def test_the_pickup_key_works_once(client, bayernid):
    question, relay = bayernid.ask(client)
    document = bayernid.signed(bayernid.told(question.request_id))
    data = {"SAMLResponse": base64.b64encode(document).decode(), "RelayState": relay}
    way = client.post(reverse("identity:answer", args=["bayernid"]), data)["Location"]
    assert client.get(way).status_code == 302
    client.logout()
    assert client.get(way).status_code == 400


@pytest.mark.parametrize("text", ["", "%%%", "a", "ä" * 100, "A" * 300_000])
def test_what_is_no_document_at_all_is_refused(client, bayernid, text):
    _, relay = bayernid.ask(client)
    response = client.post(reverse("identity:answer", args=["bayernid"]), {"SAMLResponse": text, "RelayState": relay})
    assert response.status_code == 400 and NEUTRAL in response.content.decode()
    assert PendingSignIn.objects.get().answered_at is None


def test_a_body_beyond_the_limit_is_not_even_read(client, bayernid):
    response = client.post(reverse("identity:answer", args=["bayernid"]), {"SAMLResponse": "A" * 1_000_000})
    assert response.status_code == 400
    assert AuditEntry.objects.latest("id").data == {"reason": "too_large"}


@pytest.mark.parametrize("host", ["boese.example", "127.0.0.1:8000@boese.example", "a b"])
def test_a_foreign_host_header_is_refused(client, bayernid, host):
    response = client.post(reverse("identity:sign_in", args=["bayernid"]), headers={"host": host})
    assert response.status_code == 400
    assert PendingSignIn.objects.count() == 0


def test_no_page_of_another_site_can_begin_a_sign_in(bayernid):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("identity:sign_in", args=["bayernid"])).status_code == 403


def test_an_answer_needs_no_token_of_ours_but_everything_else(bayernid):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("identity:answer", args=["bayernid"])).status_code == 400


def test_whoever_tries_too_often_waits_and_fills_no_log(client, bayernid, monkeypatch):
    monkeypatch.setattr(pages, "NOTED_PER_MINUTE", 3)
    monkeypatch.setattr(pages, "TRIES_PER_MINUTE", 5)
    statuses = [client.post(reverse("identity:answer", args=["bayernid"])).status_code for _ in range(7)]
    assert statuses == [400] * 5 + [429] * 2
    assert AuditEntry.objects.count() == 3
