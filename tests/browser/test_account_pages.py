"""The pages of the account beyond signing in: on a screen, on a phone, in the dark, with errors, without a script."""

import pytest
from allauth.account.models import EmailAddress

from portal.accounts import mandates, profile
from portal.accounts.levels import TrustLevel
from portal.accounts.models import MandateKind, Scope
from tests.browser.conftest import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = [
    *("/konto/profil/", "/konto/profil/adresse/", "/konto/profil/sprache-und-hinweise/", "/konto/daten/"),
    *("/konto/daten/zugriffe/", "/konto/vertretung/", "/konto/vertretung/neu/", "/konto/uebersicht/"),
]


@pytest.fixture
def known(alice, bob):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    said = {"birth_date": ("1985-04-03", TrustLevel.HIGH), "street": ("Fraunhoferstraße 12", TrustLevel.SUBSTANTIAL)}
    profile.record(alice, source="bundid", data=said)
    profile.record_own(alice, {"phone": "089 123456"})
    made = mandates.invite(bob, alice.email, mandates.Terms(MandateKind.PROXY, Scope.ALL))
    mandates.accept(made, by=alice)
    return alice


@pytest.mark.parametrize("setting", [{"width": 320}, {"dark": True}, {"javascript": False}], ids=str)
def test_every_page_of_the_account_is_free_of_barriers(visit, known, setting):
    for path in PAGES:
        page = visit(path, user=known, **setting)
        if setting.get("javascript", True):
            axe(page)


def test_the_switch_is_on_every_page_and_back_again(visit, known):
    page = visit("/konto/vertretung/", user=known, width=320)
    page.get_by_role("button", name="Für Bob Brenner handeln").click()
    visit.look(page)
    axe(page)
    page.goto("/kontakt/")
    assert page.get_by_text("Sie handeln für Bob Brenner.").is_visible()
    page.get_by_role("button", name="Wieder für mich handeln").click()
    assert not page.get_by_text("Sie handeln für").is_visible()


def test_f31_an_empty_invitation_names_each_question(visit, known):
    page = visit("/konto/vertretung/neu/", user=known, javascript=False)
    page.get_by_role("button", name="Einladung schicken").click()
    visit.look(page)
    links = page.locator("#fehler a").all_inner_texts()
    assert links == [
        "Geben Sie die E-Mail-Adresse der Person ein",
        "Wählen Sie, was die Person tun darf",
    ]
    page.locator("#fehler a").nth(1).click()
    assert page.evaluate("document.activeElement.name") == "scope"


def test_f47_deleting_the_account_asks_for_the_password_and_then_for_a_decision(visit, known):
    page = visit("/konto/daten/", user=known, width=320, javascript=False)
    page.get_by_role("main").get_by_role("link", name="Konto löschen").click()
    page.get_by_label("Passwort", exact=True).fill("ein gutes Kennwort")
    page.get_by_role("button", name="Bestätigen").click()
    visit.look(page)
    assert page.get_by_role("heading", level=1).inner_text() == "Möchten Sie Ihr Konto löschen?"
    page.get_by_role("button", name="Konto endgültig löschen").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Ihr Konto ist gelöscht"
