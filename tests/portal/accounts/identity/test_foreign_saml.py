"""BundID's place taken by a SAML provider of another house (npm samlp), spoken to over HTTP by a browser of its own."""

import pytest
import requests

from portal.accounts.identity import providers
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from tests.portal.accounts.identity.foreign_saml import ForeignSaml, fields, target

ANSWER = "/konto/identitaet/bundid/antwort/"
pytestmark = pytest.mark.urls("tests.portal.accounts.identity.urls")


@pytest.fixture(scope="module", params=["in clear", "encrypted"])
def running(request, key_folder):
    provider = ForeignSaml(key_folder, encrypt=request.param == "encrypted")
    yield provider
    provider.stop()


@pytest.fixture(params=["Redirect", "POST"])
def foreign(request, running, providers_on, settings, tmp_path, db):
    """Offered as BundID, by its own metadata with only the one binding."""
    path = running.metadata(tmp_path / "foreign.xml")
    other = "POST" if request.param == "Redirect" else "Redirect"
    lines = path.read_text().replace("><", ">\n<").splitlines()
    path.write_text("\n".join(line for line in lines if not ("SingleSignOn" in line and f"HTTP-{other}" in line)))
    settings.SAML_METADATA = {"bayernid": None, "bundid": path}
    return running


@pytest.fixture
def browser():
    with requests.Session() as session:
        yield session


def _ask(client, browser, path="/konto/identitaet/bundid/anmelden/") -> requests.Response:
    """The button here, and what the provider shows."""
    response = client.post(path)
    if response.status_code == 302:
        return browser.get(response["Location"], timeout=10)
    page = response.content.decode()
    page = page[page.index("Sie verlassen jetzt") :]
    return browser.post(target(page, ""), fields(page), timeout=10)


def _choose(browser, page: requests.Response, person="olga", level="4") -> requests.Response:
    data = {**fields(page.text), "person": person, "level": level}
    return browser.post(target(page.text, page.url), data, timeout=10)


def _bring(client, page: requests.Response):
    assert target(page.text, page.url) == providers.get("bundid").answer_url
    return client.post(ANSWER, fields(page.text), follow=True)


def _sign_in(client, browser, **choices):
    return _bring(client, _choose(browser, _ask(client, browser), **choices))


@pytest.mark.slow
def test_a_person_signs_in(client, foreign, browser):
    response = _sign_in(client, browser)
    assert response.redirect_chain[-1][0] == "/konto/identitaet/adresse/"
    assert User.objects.get().identities.get().subject == "samlp-olga"
    assert client.session["identity_sign_ins"][0]["level"] == TrustLevel.HIGH


@pytest.mark.slow
def test_a_page_that_asks_for_more_gets_it_and_what_was_posted(client, foreign, browser):
    _sign_in(client, browser, level="1")
    assert client.post("/probe/hoch/", {"text": "Mein Text"})["Location"] == "/konto/identitaet/nachweis/"
    page = _ask(client, browser, "/konto/identitaet/bundid/nachweisen/")
    assert "Fremder Anbieter" in page.text, "ForceAuthn: asked again although it knows the person"
    response = _bring(client, _choose(browser, page))
    assert 'value="Mein Text"' in response.content.decode()


@pytest.mark.slow
def test_a_weaker_way_than_asked_for_is_refused(client, foreign, browser):
    _sign_in(client, browser, level="1")
    client.post("/probe/hoch/")
    page = _ask(client, browser, "/konto/identitaet/bundid/nachweisen/")
    assert _bring(client, _choose(browser, page, level="3")).status_code == 400
    assert AuditEntry.objects.latest("id").data == {"reason": "level_too_low"}


@pytest.mark.slow
def test_another_person_there_proves_nothing_here(client, foreign, browser):
    _sign_in(client, browser, level="1")
    client.post("/probe/hoch/")
    page = _ask(client, browser, "/konto/identitaet/bundid/nachweisen/")
    assert _bring(client, _choose(browser, page, person="otto")).status_code == 400
    assert AuditEntry.objects.latest("id").data == {"reason": "other_person"}


@pytest.mark.slow
def test_what_the_foreign_provider_signed_cannot_be_changed(client, foreign, browser):
    page = _choose(browser, _ask(client, browser))
    sent = fields(page.text)
    sent["SAMLResponse"] = sent["SAMLResponse"][:-60] + "A" * 20 + sent["SAMLResponse"][-40:]
    assert client.post(ANSWER, sent).status_code == 400 and not User.objects.exists()


@pytest.mark.sample(4)
def test_the_foreign_provider_knows_our_question_by_its_signature(client, foreign, browser, settings, key_folder):
    settings.SAML_KEY_FILE = key_folder.key("bayernid")
    assert _ask(client, browser).status_code == 400


@pytest.mark.slow
def test_after_the_end_here_the_page_says_that_the_session_there_goes_on(client, foreign, browser):
    _sign_in(client, browser)
    page = client.post("/konto/logout/", follow=True)
    assert "_auth_user_id" not in client.session
    assert "Ihre Anmeldung bei BundID kann noch bestehen" in page.content.decode()
    assert f'href="{foreign.url}/"' in page.content.decode()
    assert 'name="SAMLResponse"' in _ask(client, browser).text, "it does go on: nobody is asked"
    browser.get(f"{foreign.url}/logout", timeout=10)
    assert "Fremder Anbieter" in _ask(client, browser).text


@pytest.mark.slow
def test_at_a_terminal_everybody_is_asked_anew(client, foreign, browser):
    from portal.home.kiosk import COOKIE
    from portal.home.models import Terminal

    _sign_in(client, browser)
    client.post("/konto/logout/")
    secret = "ein langes Geheimnis des Terminals"
    Terminal.objects.create(name="Halle", secret_hash=Terminal.hash_of(secret))
    client.cookies[COOKIE] = secret
    assert "Fremder Anbieter" in _ask(client, browser).text
