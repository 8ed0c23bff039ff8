"""A second key to an account: only with both sign-ins new, never by likeness, and taken away again."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from portal.accounts.identity.models import ExternalIdentity, PendingSignIn, Purpose, UsedAssertion
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.common import clock
from tests.portal.accounts.identity.peer import password_sign_in

LINK = "/konto/identitaet/{}/verknuepfen/"
PART = "/konto/identitaet/{}/trennen/"


def _link(client, peer, **told):
    question, relay = peer.ask(client, LINK.format(peer.name))
    return peer.send(client, peer.signed(peer.told(question.request_id, **told)), relay)


@pytest.mark.slow
def test_with_both_sign_ins_new_the_account_has_a_second_key(client, bayernid, alice):
    password_sign_in(client, alice)
    response = _link(client, bayernid)
    assert "jetzt mit der BayernID verknüpft" in response.content.decode()
    assert alice.identities.get().level == TrustLevel.HIGH
    client.logout()
    bayernid.sign_in(client)
    assert client.session["_auth_user_id"] == str(alice.pk)


@pytest.mark.slow
def test_both_sides_are_in_the_audit_log(client, bayernid, alice):
    password_sign_in(client, alice)
    _link(client, bayernid)
    client.post(PART.format("bayernid"))
    actions = (
        AuditEntry.objects.filter(subject=f"user:{alice.public_id}").order_by("id").values_list("action", flat=True)
    )
    assert list(actions) == ["identity.linked", "identity.stepped_up", "identity.unlinked"]


def test_with_an_old_sign_in_here_the_link_is_not_even_asked_for(client, bayernid, alice):
    password_sign_in(client, alice)
    with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
        response = client.post(LINK.format("bayernid"))
    assert response["Location"] == "/konto/identitaet/nachweis/"
    assert not PendingSignIn.objects.exists()


def test_with_an_old_sign_in_there_the_link_is_refused(client, bayernid, alice):
    password_sign_in(client, alice)
    assert _link(client, bayernid, signed_in_at=clock.now() - dt.timedelta(minutes=5)).status_code == 400
    assert not alice.identities.exists()


@pytest.mark.slow
def test_a_key_is_added_only_by_whoever_shows_as_much_as_was_ever_shown(client, bayernid, bundid, alice):
    """Or a stolen password would turn into an identity card."""
    password_sign_in(client, alice)
    _link(client, bayernid)
    client.logout()
    password_sign_in(client, alice)
    assert client.post(LINK.format("bundid"))["Location"] == "/konto/identitaet/nachweis/"
    assert not ExternalIdentity.objects.filter(provider="bundid").exists()


@pytest.mark.slow
def test_a_key_of_another_account_is_not_taken_from_it(client, bayernid, alice, bob):
    password_sign_in(client, alice)
    _link(client, bayernid)
    client.logout()
    password_sign_in(client, bob)
    assert _link(client, bayernid).redirect_chain[-1][0] == "/konto/zusammenlegen/"
    assert ExternalIdentity.objects.get().user == alice


@pytest.mark.slow
def test_one_account_has_one_key_of_each_provider(client, bayernid, alice):
    password_sign_in(client, alice)
    _link(client, bayernid)
    response = client.post(LINK.format("bayernid"), follow=True)
    assert "lässt sich nicht" in response.content.decode()


def test_clerks_accounts_take_no_key(client, bayernid, clara):
    password_sign_in(client, clara)
    client.post(LINK.format("bayernid"))
    assert not PendingSignIn.objects.exists()


@pytest.mark.slow
def test_a_link_begun_by_one_person_is_not_finished_by_another(client, bayernid, alice, bob):
    password_sign_in(client, alice)
    question, relay = bayernid.ask(client, LINK.format("bayernid"))
    client.logout()
    password_sign_in(client, bob)
    assert bayernid.send(client, bayernid.signed(bayernid.told(question.request_id)), relay).status_code == 400
    assert not ExternalIdentity.objects.exists()


@pytest.mark.slow
def test_a_link_is_bound_to_the_account_even_in_the_same_browser_session(client, bayernid, alice, bob):
    password_sign_in(client, alice)
    question, relay = bayernid.ask(client, LINK.format("bayernid"))
    browser = client.session["identity_browser"]
    client.logout()
    password_sign_in(client, bob)
    session = client.session
    session["identity_browser"] = browser
    session.save()
    assert bayernid.send(client, bayernid.signed(bayernid.told(question.request_id)), relay).status_code == 400
    assert not ExternalIdentity.objects.exists()


@pytest.mark.slow
def test_a_link_can_be_parted_and_leaves_the_session_without_its_level(client, bayernid, alice):
    password_sign_in(client, alice)
    _link(client, bayernid)
    client.post(PART.format("bayernid"))
    assert not alice.identities.exists()
    assert client.session["identity_sign_ins"] == []


@pytest.mark.slow
def test_the_only_key_is_not_taken_away(client, bayernid):
    bayernid.sign_in(client)
    response = client.post(PART.format("bayernid"), follow=True)
    assert "Legen Sie zuerst ein Passwort fest" in response.content.decode()
    assert ExternalIdentity.objects.count() == 1


def test_the_page_of_links_shows_only_ones_own(client, bayernid, alice, bob):
    ExternalIdentity.objects.create(user=bob, provider="bayernid", subject="b", level=TrustLevel.HIGH)
    client.force_login(alice)
    page = client.get("/konto/identitaet/").content.decode()
    assert "Mit BayernID verknüpfen" in page and "Verknüpft seit" not in page


# --- the database refuses, whatever the code does ---------------------------------------------------------------------


def _refused_by_database(name: str, model, **values):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.create(**values)


def test_one_pseudonym_opens_one_account(alice, bob):
    ExternalIdentity.objects.create(user=alice, provider="bayernid", subject="x", level=3)
    _refused_by_database(
        "identity_belongs_to_one_account", ExternalIdentity, user=bob, provider="bayernid", subject="x", level=3
    )


def test_one_account_has_one_pseudonym_of_each_provider(alice):
    ExternalIdentity.objects.create(user=alice, provider="bayernid", subject="x", level=3)
    _refused_by_database(
        "identity_once_per_provider", ExternalIdentity, user=alice, provider="bayernid", subject="y", level=3
    )


@pytest.mark.parametrize("level", [0, 4, 99])
def test_an_identity_has_a_level_that_we_know(alice, level):
    _refused_by_database("identity_level_known", ExternalIdentity, user=alice, provider="x", subject="x", level=level)


def test_an_identity_has_a_pseudonym(alice):
    _refused_by_database("identity_subject_given", ExternalIdentity, user=alice, provider="x", subject="", level=1)


def test_an_assertion_is_used_once(db):
    UsedAssertion.objects.create(provider="x", assertion_id="a", expires_at=clock.now())
    _refused_by_database("assertion_used_once", UsedAssertion, provider="x", assertion_id="a", expires_at=clock.now())


def _pending(**changes):
    usual = {"request_id": "_a", "provider": "x", "purpose": Purpose.SIGN_IN, "level": 1, "browser_hash": "b"}
    return {**usual, "relay_hash": "r", "expires_at": clock.now(), **changes}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("pending_sign_in_purpose_known", {"purpose": "other", "user_id": "alice"}),
        ("pending_sign_in_level_known", {"level": 0}),
        ("pending_sign_in_of_somebody", {"purpose": Purpose.LINK}),
        ("pending_sign_in_taken_is_empty", {"taken_at": clock.now(), "answered_at": clock.now(), "sealed": b"x"}),
    ],
)
def test_a_question_is_what_it_says(alice, name, changes):
    changes = {key: alice.pk if value == "alice" else value for key, value in changes.items()}
    _refused_by_database(name, PendingSignIn, **_pending(**changes))


def test_an_account_of_a_provider_gets_no_mail(client, bayernid):
    bayernid.sign_in(client)
    user = User.objects.get()
    assert user.email.endswith(".invalid") and user.mail_address == ""
