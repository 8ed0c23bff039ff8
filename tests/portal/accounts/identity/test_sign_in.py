"""Signing in with BayernID and BundID: who becomes who."""

import pytest

from portal.accounts.adapter import AFTER_ADDRESS
from portal.accounts.identity import sessions
from portal.accounts.identity.models import PendingSignIn
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.audit.models import AuditEntry


def _session_sign_in(client):
    return client.session[sessions._KEY][0]


@pytest.mark.slow
def test_a_first_sign_in_opens_an_account_named_after_the_person(client, bayernid):
    response = bayernid.sign_in(client)
    assert response.redirect_chain[-1] == ("/konto/identitaet/adresse/", 302)
    user = User.objects.get()
    assert (user.get_full_name(), user.mail_address, user.has_usable_password()) == ("Alice Ammer", "", False)
    assert user.identities.get().subject == "demo-bayernid-alice"
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.slow
def test_a_second_sign_in_opens_the_same_account(client, bayernid):
    bayernid.sign_in(client)
    client.logout()
    bayernid.sign_in(client)
    assert User.objects.count() == 1


@pytest.mark.slow
def test_another_person_gets_another_account(client, bayernid):
    bayernid.sign_in(client)
    client.logout()
    bayernid.sign_in(client, person=1)
    assert User.objects.count() == 2


@pytest.mark.slow
def test_the_same_name_and_address_open_no_account_that_exists(client, bayernid, alice):
    User.objects.filter(pk=alice.pk).update(email="alice@post.invalid")
    bayernid.sign_in(client)
    assert client.session["_auth_user_id"] != str(alice.pk)
    assert not alice.identities.exists()


@pytest.mark.slow
def test_the_same_pseudonym_at_another_provider_is_another_person(client, bayernid, bundid):
    bayernid.sign_in(client)
    client.logout()
    pending, relay = bundid.ask(client)
    told = bundid.told(pending.request_id, attributes=bayernid.told("_").attributes)
    bundid.send(client, bundid.signed(told), relay)
    assert User.objects.count() == 2


@pytest.mark.sample(3)
@pytest.mark.parametrize(("way", "level"), [(0, TrustLevel.BASIC), (1, TrustLevel.SUBSTANTIAL), (2, TrustLevel.HIGH)])
def test_the_session_knows_provider_level_and_time(client, bayernid, way, level):
    bayernid.sign_in(client, way=way)
    known = _session_sign_in(client)
    assert (known["provider"], known["level"]) == ("bayernid", level)
    assert known["at"]


@pytest.mark.slow
def test_the_way_back_is_kept(client, bayernid):
    bayernid.sign_in(client, next="/postfach/")
    assert client.session[AFTER_ADDRESS] == "/postfach/"


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    "back", ["https://boese.example/", "//boese.example", "/\\boese.example", "javascript:alert(1)"]
)
def test_the_way_back_never_leads_elsewhere(client, bayernid, back):
    bayernid.sign_in(client, next=back)
    assert client.session[AFTER_ADDRESS] == "/konto/uebersicht/"


def test_nothing_of_the_answer_stays_in_the_row(client, bayernid):
    bayernid.sign_in(client)
    pending = PendingSignIn.objects.get()
    assert pending.taken_at and pending.sealed is None


@pytest.mark.slow
def test_every_step_leaves_an_audit_entry_without_names(client, bayernid):
    bayernid.sign_in(client)
    entries = AuditEntry.objects.order_by("id")
    assert [entry.action for entry in entries] == ["identity.account_opened", "identity.signed_in"]
    assert "Ammer" not in str([entry.data for entry in entries]) and "demo-bayernid" not in str(entries.values())


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": True}])
def test_closed_and_clerks_accounts_are_not_opened(client, bayernid, change):
    bayernid.sign_in(client)
    client.logout()
    User.objects.update(**change)
    response = bayernid.sign_in(client)
    assert response.status_code == 400
    assert "_auth_user_id" not in client.session


def test_the_session_number_changes_with_the_sign_in(client, bayernid):
    pending, relay = bayernid.ask(client)
    before = client.session.session_key
    bayernid.send(client, bayernid.signed(bayernid.told(pending.request_id)), relay)
    assert client.session.session_key != before


def test_a_provider_that_is_not_configured_is_not_there(client, db):
    assert client.post("/konto/identitaet/bayernid/anmelden/").status_code == 404
    assert "BayernID" not in client.get("/konto/login/").content.decode()


def test_the_sign_in_page_offers_both(client, bayernid):
    page = client.get("/konto/login/").content.decode()
    assert "Mit BayernID anmelden" in page and "Mit BundID anmelden" in page
