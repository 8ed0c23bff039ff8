"""The pages of the account beyond signing in: on a screen, on a phone, in the dark, with errors, without a script."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction

from forms_engine.cases import flow
from forms_engine.cases.models import Case
from mailbox import actions as mailbox
from portal.accounts import mandates, profile
from portal.accounts.levels import TrustLevel
from portal.accounts.models import MandateKind, Scope
from portal.accounts.parties import companies, wards
from portal.common import clock
from tests import make
from tests.browser.conftest import axe
from tests.portal.accounts.parties.test_companies import FACTS, joined

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PAGES = [
    *("/konto/profil/", "/konto/profil/adresse/", "/konto/profil/sprache-und-hinweise/", "/konto/daten/"),
    *("/konto/daten/zugriffe/", "/konto/vertretung/", "/konto/vertretung/neu/", "/konto/uebersicht/"),
    *("/konto/vertretung/kind/", "/konto/unternehmen/neu/", "/stand/"),
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


def _work() -> None:
    make.work()
    connection.close()


@pytest.fixture
def busy(known, bob, clara, settings, tmp_path):
    """Alice with a case that waits for her, a company, a child, and more of some things than the overview shows."""
    settings.FILE_STORE = tmp_path / "files"
    make.catalogue()
    case = make.case(known)
    with ThreadPoolExecutor(
        1
    ) as pool:  # the browser's event loop runs in this thread, and the seal needs one of its own
        pool.submit(_work).result()
    Case.objects.update(status="in_review")
    flow.request_documents(Case.objects.for_pages().get(), text="Bitte die Rückseite des Fahrzeugscheins.", by=clara)
    for number in range(7):
        with transaction.atomic():
            mailbox.post(recipient=known, sender="Amt", subject=f"Gruß {number}", body="Hallo", thread=f"x{number}")
    company = companies.found(known, "Bäckerei Ammer", FACTS)
    joined(company, bob)
    wards.declare_child(known, "Anna", "Ammer", clock.today() - dt.timedelta(days=3000))
    case.company = company.account.public_id
    return case


SETTINGS = [{"width": 1280}, {"width": 320}, {"width": 320, "dark": True}]


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_a_full_account_is_free_of_barriers(visit, busy, known, setting):
    base = f"/konto/unternehmen/{busy.company}/"
    paths = [f"/vorgaenge/{busy.public_id}/", "/konto/uebersicht/", "/konto/vertretung/", base, f"{base}einladen/"]
    for path in [*paths, f"{base}schliessen/", "/konto/daten/zugriffe/"]:
        axe(visit(path, user=known, **setting))


@pytest.mark.parametrize("javascript", [True, False])
def test_the_status_page_tells_where_the_case_stands(visit, busy, javascript):
    page = visit("/stand/", width=320, javascript=javascript)
    page.get_by_role("button", name="Stand ansehen").click()
    visit.look(page)
    assert page.locator("#fehler a").all_inner_texts() == [
        "Geben Sie das Aktenzeichen ein",
        "Geben Sie den Statuscode ein",
    ]
    page.get_by_label("Aktenzeichen").fill(busy.number)
    page.get_by_label("Statuscode").fill(busy.fresh_code.lower())
    page.get_by_role("button", name="Stand ansehen").click()
    visit.look(page)
    assert page.get_by_role("heading", level=1).inner_text() == "So weit ist der Antrag"
    assert page.locator("[aria-current=step]").count() == 1
    if javascript:
        axe(page)


def test_f31_an_empty_company_names_each_question(visit, known):
    page = visit("/konto/unternehmen/neu/", user=known, width=320)
    page.get_by_role("button", name="Unternehmen anlegen").click()
    visit.look(page)
    axe(page)
    assert page.locator("#fehler a").first.inner_text() == "Geben Sie den Namen des Unternehmens ein"


def test_a_new_status_code_is_shown_once_on_the_case_page(visit, busy, known):
    page = visit(f"/vorgaenge/{busy.public_id}/", user=known)
    page.get_by_role("button", name="Neuen Statuscode anzeigen").click()
    visit.look(page)
    assert page.locator(".c-code strong").inner_text().count("-") == 2
    page.reload()
    assert page.locator(".c-code").count() == 0
