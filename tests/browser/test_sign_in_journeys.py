"""Signing in through other houses, showing more without losing a word, joining two accounts, and the end of it."""

import copy
import re

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from portal.accounts.identity.demo import keys
from portal.accounts.identity.demo.server import DemoIdentity
from portal.accounts.identity.models import AccountMerge
from portal.accounts.models import SignIn, User
from tests import make
from tests.browser.conftest import axe
from tests.browser.test_account import sign_in
from tests.browser.test_second_factor import PASSWORD, code, prove
from tests.portal.accounts.identity.foreign import ForeignProvider
from tests.portal.accounts.identity.foreign_saml import ForeignSaml

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.portal.accounts.identity.urls"),
]
HIGH, BASIC = "urn:test:high", "urn:test:basic"


def _allow(settings, visit, origin: str) -> None:
    policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"].append(origin)
    settings.CONTENT_SECURITY_POLICY = policy
    visit.guests.add(origin)


@pytest.fixture
def own_keys(settings, live_server, tmp_path):
    settings.PUBLIC_URL = live_server.url
    folder = keys.prepare(tmp_path / "keys", "http://127.0.0.1:9")
    settings.SAML_KEY_FILE, settings.SAML_CERTIFICATE_FILE = folder.key("portal"), folder.certificate("portal")
    return folder


@pytest.fixture
def samlp(settings, visit, own_keys, tmp_path):
    """A SAML provider of another house in BundID's place; it encrypts."""
    running = ForeignSaml(own_keys)
    settings.SAML_METADATA = {"bayernid": None, "bundid": running.metadata(tmp_path / "foreign.xml")}
    _allow(settings, visit, running.url)
    yield running
    running.stop()


@pytest.fixture
def openid(settings, visit, live_server):
    running = ForeignProvider(f"{live_server.url}/konto/oidc/oidc/antwort/")
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app = app | {
        "client_id": "portal",
        "secret": "geheim",
        "settings": app["settings"] | {"server_url": running.issuer},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    settings.OIDC_ISSUER, settings.OIDC_NAME = running.issuer, "Unternehmenskonto"
    settings.OIDC_LEVELS = [f"{BASIC}=basic", f"{HIGH}=high"]
    settings.PUBLIC_URL = live_server.url
    _allow(settings, visit, running.issuer)
    yield running
    running.stop()


@pytest.fixture
def demo(settings, visit, live_server, own_keys, tmp_path):
    running = DemoIdentity(tmp_path / "demo", live_server.url)
    settings.SAML_KEY_FILE = running.folder.key("portal")
    settings.SAML_CERTIFICATE_FILE = running.folder.certificate("portal")
    settings.SAML_METADATA = {name: running.folder.metadata(name) for name in keys.PROVIDERS}
    _allow(settings, visit, running.url)
    running.start()
    yield running
    running.stop()


def heading(page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def _there(page, person: str, level: str, *, javascript: bool) -> None:
    """The pages of the SAML provider."""
    expect(page.get_by_role("heading", name="Fremder Anbieter")).to_be_visible()
    page.get_by_label("Person").fill(person)
    page.get_by_label("Stufe").select_option(level)
    page.get_by_role("button", name="Anmelden").click()
    if not javascript:
        page.get_by_role("button", name="Submit").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_saml_provider_of_another_house_and_a_text_that_survives_showing_more(visit, samlp, javascript):
    page = visit("/konto/login/", javascript=javascript)
    page.get_by_role("button", name="Mit BundID anmelden").click()
    _there(page, "olga", "1", javascript=javascript)
    page.wait_for_url("**/konto/identitaet/adresse/")
    page.get_by_role("link", name="Weiter ohne E-Mail-Adresse").click()
    page.wait_for_url("**/konto/uebersicht/")
    page.goto("/probe/formular/")
    page.get_by_label("Text").fill("Mein langer Text")
    page.get_by_role("button", name="Absenden").click()
    page.get_by_role("main").get_by_role("button", name=re.compile("BundID")).click()
    _there(page, "olga", "4", javascript=javascript)
    expect(page.get_by_role("heading", name="Ihre Eingaben sind noch da")).to_be_visible()
    visit.look(page)
    page.get_by_role("button", name="Weiter mit meinen Eingaben").click()
    expect(page.get_by_text("Seite hoch")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (320, True)])
def test_the_end_here_is_honest_about_the_session_there(visit, samlp, width, dark):
    page = visit("/konto/login/", width=width, dark=dark)
    page.get_by_role("button", name="Mit BundID anmelden").click()
    _there(page, "olga", "4", javascript=True)
    page.wait_for_url("**/konto/identitaet/adresse/")
    visit.look(page)
    axe(page)
    page = visit("/konto/profil/", width=width, dark=dark)
    page.get_by_role("main").get_by_role("button", name="Abmelden").click()
    expect(page.get_by_text("Ihre Anmeldung bei BundID kann noch bestehen")).to_be_visible()
    visit.look(page)
    axe(page)


@pytest.mark.parametrize("javascript", [True, False])
def test_an_openid_provider_of_another_house(visit, openid, javascript):
    page = visit("/konto/login/?next=/postfach/", javascript=javascript)
    page.get_by_role("button", name="Mit Unternehmenskonto anmelden").click()
    page.get_by_label("Person").fill("olga")
    page.get_by_label("Stufe").fill(HIGH)
    page.get_by_role("button", name="Anmelden").click()
    page.wait_for_url("**/konto/identitaet/adresse/")
    page.get_by_role("link", name="Weiter ohne E-Mail-Adresse").click()
    page.wait_for_url("**/postfach/")
    assert SignIn.objects.get().provider == "oidc"


def test_a_recovery_code_stands_in_for_the_app_once(visit, alice):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    page = visit("/konto/login/?next=/konto/2fa/", javascript=False)
    sign_in(page, alice.email, PASSWORD)
    page.get_by_role("link", name="App einrichten").click()
    prove(page)
    secret = re.search(r"Schlüssel: ([A-Z2-7 ]+)", page.get_by_role("main").inner_text())[1].replace(" ", "")
    page.get_by_label("Code aus der App").fill(code(secret))
    page.get_by_role("button", name="App einrichten").click()
    recovery = page.locator(".p-codes li").first.inner_text()
    for expected in ("Guten Tag, Alice Ammer", "Zweiter Schritt der Anmeldung"):
        page.get_by_role("banner").get_by_role("button", name="Abmelden").click()
        page.goto("/konto/login/")
        sign_in(page, alice.email, PASSWORD)
        page.get_by_label("Code", exact=True).fill(recovery)
        page.get_by_role("button", name="Anmelden", exact=True).click()
        assert heading(page) == expected
        if expected.startswith("Zweiter"):
            break


def _through(page) -> None:
    page.get_by_label("Erika Ebner").check()
    page.get_by_label("Online-Ausweis").check()
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("button", name="Weiter zum Portal").click()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (320, True)])
def test_two_accounts_become_one_and_two_again(visit, demo, alice, width, dark):
    page = visit("/konto/login/", width=width, dark=dark)
    page.get_by_role("button", name="Mit BayernID anmelden").click()
    _through(page)
    page.wait_for_url("**/konto/identitaet/adresse/")
    make.permit()
    other = User.objects.exclude(pk=alice.pk).get()
    make.submissions.start_draft(other, make.current_version(make.FORM))
    page = visit("/konto/uebersicht/", width=width, dark=dark)
    page.context.clear_cookies()
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    page.goto("/konto/login/?next=/konto/identitaet/")
    sign_in(page, alice.email, PASSWORD)
    page.get_by_role("button", name="Mit BayernID verknüpfen").click()
    _through(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Möchten Sie Ihre zwei Konten zusammenlegen?")
    visit.look(page)
    axe(page)
    page.get_by_role("button", name="Konten zusammenlegen").click()
    expect(page.get_by_text("Die Konten sind zusammengelegt.")).to_be_visible()
    visit.look(page)
    axe(page)
    page.get_by_role("button", name="Rückgängig machen").click()
    expect(page.get_by_text("Die Konten sind wieder getrennt.")).to_be_visible()
    assert AccountMerge.objects.get().undone_at


def test_accounts_that_cannot_be_joined_say_why(visit, demo, alice, settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"
    page = visit("/konto/login/", width=320)
    page.get_by_role("button", name="Mit BayernID anmelden").click()
    _through(page)
    page.wait_for_url("**/konto/identitaet/adresse/")
    make.case(User.objects.exclude(pk=alice.pk).get())
    page.context.clear_cookies()
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    page.goto("/konto/login/?next=/konto/identitaet/")
    sign_in(page, alice.email, PASSWORD)
    page.get_by_role("button", name="Mit BayernID verknüpfen").click()
    _through(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Diese Konten lassen sich nicht zusammenlegen")
    visit.look(page)
    axe(page)
