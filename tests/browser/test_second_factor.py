"""Passkeys with Chromium's virtual authenticator, and an app with codes without any script."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from portal.accounts.models import SignIn
from tests.browser.conftest import axe
from tests.browser.test_account import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PASSWORD = "ein gutes Kennwort"


@pytest.fixture
def alice(alice):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    return alice


def fingerprint_reader(page):
    """A device that holds passkeys and always finds the right finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def prove(page):
    page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Bestätigen").click()


def heading(page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def code(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def test_a_person_makes_a_passkey_and_signs_in_with_it_alone(visit, alice):
    page = visit("/konto/login/?next=/konto/sicherheit/")
    fingerprint_reader(page)
    sign_in(page, alice.email, PASSWORD)
    page.get_by_role("link", name=re.compile("^Einrichten")).click()
    visit.look(page)
    axe(page)
    page.get_by_role("link", name="Passkey anlegen").click()
    prove(page)
    visit.look(page)
    axe(page)
    page.get_by_label("Name des Passkeys").fill("Mein Telefon")
    page.get_by_role("button", name="Passkey anlegen").click()
    page.wait_for_url("**/recovery-codes/")
    assert page.locator(".p-codes li").count() == 10
    visit.look(page)
    axe(page)
    page.get_by_role("link", name="Ich habe die Codes aufgeschrieben").click()
    assert page.get_by_role("main").get_by_text("Mein Telefon", exact=True).is_visible()
    visit.look(page)
    page.get_by_role("banner").get_by_role("button", name="Abmelden").click()
    page.goto("/konto/login/?next=/konto/sicherheit/")
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    page.get_by_role("heading", name="Sicherheit", level=1).wait_for()
    assert SignIn.objects.latest("pk").method == "passkey"
    visit.look(page)
    axe(page)


def test_after_the_password_a_passkey_is_the_second_step(visit, alice):
    page = visit("/konto/2fa/webauthn/add/", user=alice)
    fingerprint_reader(page)
    prove(page)
    page.get_by_role("button", name="Passkey anlegen").click()
    page.wait_for_url("**/recovery-codes/")
    page.get_by_role("banner").get_by_role("button", name="Abmelden").click()
    page.goto("/konto/login/")
    sign_in(page, alice.email, PASSWORD)
    assert heading(page) == "Zweiter Schritt der Anmeldung"
    visit.look(page)
    axe(page)
    page.get_by_role("button", name="Mit Passkey fortfahren").click()
    page.wait_for_url("**/konto/uebersicht/")


def test_a_device_without_the_passkey_says_so_in_german(visit, alice):
    page = visit("/konto/login/", width=320)
    session, device = fingerprint_reader(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    trouble = page.locator("[data-passkey-trouble]")
    trouble.wait_for()
    assert trouble.inner_text() == "Das hat nicht geklappt. Versuchen Sie es noch einmal."
    axe(page)


def test_without_a_script_passkeys_are_not_offered_but_codes_work(visit, alice):
    page = visit("/konto/login/?next=/konto/2fa/", width=320, javascript=False)
    assert not page.get_by_role("button", name="Mit Passkey anmelden").is_visible()
    sign_in(page, alice.email, PASSWORD)
    page.get_by_role("link", name="App einrichten").click()
    prove(page)
    visit.look(page)
    secret = re.search(r"Schlüssel: ([A-Z2-7 ]+)", page.get_by_role("main").inner_text())[1].replace(" ", "")
    page.get_by_role("button", name="App einrichten").click()
    page.locator("#fehler").wait_for()
    assert page.locator("#fehler a").all_inner_texts() == ["Geben Sie den Code aus der App ein"]
    visit.look(page)
    secret = re.search(r"Schlüssel: ([A-Z2-7 ]+)", page.get_by_role("main").inner_text())[1].replace(" ", "")
    page.get_by_label("Code aus der App").fill(code(secret))
    page.get_by_role("button", name="App einrichten").click()
    assert heading(page) == "Schreiben Sie Ihre Ersatzcodes auf"
    page.get_by_role("link", name="Ich habe die Codes aufgeschrieben").click()
    page.get_by_role("banner").get_by_role("button", name="Abmelden").click()
    page.goto("/konto/login/")
    sign_in(page, alice.email, PASSWORD)
    page.get_by_label("Code", exact=True).fill(code(secret, 1))
    page.get_by_role("button", name="Anmelden", exact=True).click()
    assert heading(page) == "Guten Tag, Alice Ammer"


def test_the_security_page_in_the_dark_and_on_a_phone(visit, alice):
    axe(visit("/konto/sicherheit/", user=alice, dark=True))
    axe(visit("/konto/sicherheit/", user=alice, width=320))
    axe(visit("/konto/2fa/", user=alice, dark=True))
