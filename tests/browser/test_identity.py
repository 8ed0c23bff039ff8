"""Signing in with the demo's BayernID, showing more, linking: in a real browser, with and without JavaScript."""

import copy
import re

import pytest
from playwright.sync_api import expect

from portal.accounts.identity.demo import keys
from portal.accounts.identity.demo.server import DemoIdentity
from tests.browser.conftest import axe

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["Redirect", "POST"])
def demo(request, settings, live_server, tmp_path, visit):
    """The providers, with this live server as their portal."""
    settings.PUBLIC_URL = live_server.url
    running = DemoIdentity(tmp_path / "identity", live_server.url, binding=request.param)
    settings.SAML_KEY_FILE = running.folder.key("portal")
    settings.SAML_CERTIFICATE_FILE = running.folder.certificate("portal")
    settings.SAML_METADATA = {name: running.folder.metadata(name) for name in keys.PROVIDERS}
    policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"].append(running.url)
    settings.CONTENT_SECURITY_POLICY = policy
    visit.guests.add(running.url)
    running.start()
    yield running
    running.stop()


def _through(page, visit, binding_posts: bool, person: str = "Erika Ebner", way: str = "Online-Ausweis") -> None:
    """From the button on our page to the button on the provider's last page."""
    if binding_posts:
        axe(page)
        page.get_by_role("button", name="Weiter", exact=True).click()
    expect(page.get_by_text("nur zum Ausprobieren")).to_be_visible()
    visit.look(page)
    axe(page)
    page.get_by_label(person).check()
    page.get_by_label(way).check()
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("button", name="Weiter zum Portal")).to_be_visible()  # the page before is gone
    visit.look(page)
    axe(page)
    page.get_by_role("button", name="Weiter zum Portal").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_person_signs_in_and_out_and_in_again(visit, demo, request, javascript):
    posts = "POST" in request.node.name
    page = visit("/konto/login/", javascript=javascript)
    for arrival in ("identitaet/adresse", "uebersicht"):  # asked for a mail address the first time
        page.get_by_role("button", name="Mit BayernID anmelden").click()
        if javascript:
            _through(page, visit, posts)
        else:
            _walk_without_axe(page, posts)
        expect(page).to_have_url(re.compile(f"/konto/{arrival}/$"))
        page = visit("/konto/profil/", javascript=javascript)
        for part in ("Erika", "Ebner"):
            expect(page.get_by_role("main").get_by_text(re.compile(f"^{part}")).first).to_be_visible()
        page.get_by_role("main").get_by_role("button", name="Abmelden").click()
        page = visit("/konto/login/", javascript=javascript)


def _walk_without_axe(page, posts: bool) -> None:
    """axe itself is a script."""
    if posts:
        page.get_by_role("button", name="Weiter", exact=True).click()
    page.get_by_label("Erika Ebner").check()
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("button", name="Weiter zum Portal").click()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (320, True)])
def test_linking_parting_and_a_refusal_look_right(visit, demo, request, alice, width, dark):
    page = visit("/konto/login/", width=width, dark=dark)
    axe(page)
    page.get_by_role("button", name="Mit BundID anmelden").click()
    _through(page, visit, "POST" in request.node.name, "Milan Đorđević", "Benutzername und Passwort")
    page = visit("/konto/identitaet/", width=width, dark=dark)
    axe(page)
    page.get_by_role("button", name="Verknüpfung mit BundID lösen").click()
    expect(page.get_by_text("Legen Sie zuerst ein Passwort fest")).to_be_visible()
    page.get_by_role("button", name="Mit BayernID verknüpfen").click()
    _through(page, visit, "POST" in request.node.name, "Milan Đorđević", "ELSTER-Zertifikat")
    expect(page.get_by_text("jetzt mit der BayernID verknüpft")).to_be_visible()
    visit.look(page)
    axe(page)
    axe(visit("/konto/identitaet/abschluss/?abholung=falsch", width=width, dark=dark, status=400))
