"""Whoever comes through a provider has no mail address here: nothing is blocked, and giving one is one page away."""

import re

import pytest
from allauth.account.models import EmailAddress

from portal.accounts.models import User

ASKED, PAGE = "/konto/identitaet/adresse/", "/konto/email/"


@pytest.fixture
def arrived(client, bayernid):
    """Signed in for the first time, on the way to the postbox."""
    return bayernid.sign_in(client, next="/postfach/")


def _confirm(client, mailoutbox, address="alice@neu.example"):
    client.post(PAGE, {"email": address, "action_add": ""})
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", mailoutbox[-1].body)[0]
    return client.post("/konto/confirm-email/", {"code": code})


@pytest.mark.slow
def test_the_first_sign_in_asks_once_and_leads_on(client, arrived, bayernid):
    assert arrived.redirect_chain[-1][0] == ASKED
    assert 'href="/postfach/"' in arrived.content.decode()
    client.logout()
    assert bayernid.sign_in(client, next="/postfach/").redirect_chain[-1][0] == "/postfach/"


@pytest.mark.slow
def test_without_a_way_back_it_leads_to_the_overview(client, bayernid):
    assert 'href="/konto/uebersicht/"' in bayernid.sign_in(client).content.decode().split("<main")[1]


@pytest.mark.slow
def test_without_an_address_every_page_of_the_account_opens(client, arrived):
    for page in ("/konto/uebersicht/", "/konto/profil/", "/postfach/", "/konto/sicherheit/", "/konto/daten/"):
        assert client.get(page).status_code == 200, page


def test_our_placeholder_is_shown_nowhere(client, arrived):
    for page in (PAGE, "/konto/profil/", "/konto/uebersicht/", "/konto/sicherheit/", "/konto/daten/"):
        assert "ohne-adresse" not in client.get(page).content.decode(), page


def test_an_address_counts_once_it_is_confirmed_and_the_way_goes_on(client, arrived, mailoutbox):
    client.post(PAGE, {"email": "alice@neu.example", "action_add": ""})
    assert User.objects.get().mail_address == ""
    assert _confirm(client, mailoutbox)["Location"] == "/postfach/"
    assert User.objects.get().mail_address == "alice@neu.example"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("alice@neu.example", True)]
    assert client.get(ASKED)["Location"] == "/konto/uebersicht/"


def test_no_mail_is_sent_to_the_placeholder(client, arrived, mailoutbox):
    client.post(PAGE, {"email": User.objects.get().email, "action_send": ""})
    client.post("/konto/password/reset/", {"email": User.objects.get().email})
    assert [mail.to for mail in mailoutbox] == []


def test_an_address_of_another_account_is_not_taken_and_not_told(client, arrived, alice, mailoutbox):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    known = client.post(PAGE, {"email": alice.email, "action_add": ""})
    other = client.post(PAGE, {"email": "niemand@neu.example", "action_add": ""})
    assert (known.status_code, known.headers.get("Location")) == (other.status_code, other.headers.get("Location"))
    assert User.objects.filter(email=alice.email).get() == alice


@pytest.mark.slow
def test_who_has_an_address_is_not_asked(client, bayernid):
    bayernid.sign_in(client)
    User.objects.update(email="alice@neu.example")
    client.logout()
    assert bayernid.sign_in(client).redirect_chain[-1][0] == "/konto/uebersicht/"
