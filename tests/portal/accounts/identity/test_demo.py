"""The demo's BayernID and BundID, spoken to over HTTP; and pysaml2's own identity provider as a second opinion."""

import base64
import re
import zlib
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.core.management import CommandError, call_command
from django.test import Client
from lxml import etree
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.response import IncorrectlySigned
from saml2.saml import NAMEID_FORMAT_TRANSIENT, NameID
from saml2.server import Server

from portal.accounts.identity import providers, saml
from portal.accounts.identity.demo import keys
from portal.accounts.identity.demo.server import DemoIdentity
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.common import clock
from tests.portal.accounts.identity.peer import ORIGIN, Peer

AKDB = "{https://www.akdb.de/request/2018/09}"


def _configure(settings, folder: keys.Folder) -> None:
    settings.SAML_KEY_FILE, settings.SAML_CERTIFICATE_FILE = folder.key("portal"), folder.certificate("portal")
    settings.SAML_METADATA = {name: folder.metadata(name) for name in keys.PROVIDERS}


@pytest.fixture(params=["Redirect", "POST"])
def demo(request, settings, tmp_path, key_folder, db):
    """Running, with the keys made once for all tests."""
    for name in (keys.PORTAL, *keys.PROVIDERS):
        for path in (key_folder.key(name), key_folder.certificate(name)):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    running = DemoIdentity(tmp_path, settings.PUBLIC_URL, binding=request.param)
    _configure(settings, running.folder)
    running.start()
    yield running
    running.stop()


def _fields(page: str) -> dict[str, str]:
    return {unescape(n): unescape(v) for n, v in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)}


def _target(page: str) -> str:
    return unescape(re.findall(r'<form method="post" action="([^"]+)"', page)[-1])


def _to_provider(client, name: str = "bayernid") -> tuple[str, dict[str, str], requests.Response]:
    """What a browser without JavaScript does: address and fields of the provider's form, and its page."""
    response = client.post(f"/konto/identitaet/{name}/anmelden/")
    if response.status_code == 302:
        return response["Location"], {}, requests.get(response["Location"], timeout=10)
    page = response.content.decode()
    page = page[page.index("Sie verlassen jetzt") :]
    return _target(page), _fields(page), requests.post(_target(page), _fields(page), timeout=10)


def _choose(address, fields, **choices) -> requests.Response:
    return requests.post(
        address, {**fields, "person": "erika", "weg": "ausweis", "aktion": "anmelden", **choices}, timeout=10
    )


@pytest.mark.sample(4)
@pytest.mark.parametrize("name", keys.PROVIDERS)
def test_a_person_walks_through_without_javascript(client, demo, name):
    address, fields, page = _to_provider(client, name)
    assert f"Demo-{providers.NAMES[name]} – nur zum Ausprobieren" in page.text
    back = _choose(address, fields)
    assert _target(back.text) == f"http://127.0.0.1:8000/konto/identitaet/{name}/antwort/"
    client.post(f"/konto/identitaet/{name}/antwort/", _fields(back.text), follow=True)
    assert User.objects.get().get_full_name() == "Erika Ebner"
    assert client.session["identity_sign_ins"][0]["level"] == TrustLevel.HIGH


@pytest.mark.sample(2)
def test_turning_back_there_is_no_sign_in_here(client, demo):
    address, fields, _ = _to_provider(client)
    back = _choose(address, fields, aktion="abbrechen")
    response = client.post("/konto/identitaet/bayernid/antwort/", _fields(back.text))
    assert response.status_code == 400 and not User.objects.exists()
    assert AuditEntry.objects.get().data == {"reason": "assertion_count"}


@pytest.mark.parametrize("choices", [{"person": ""}, {"weg": ""}, {"person": "niemand"}])
def test_an_incomplete_choice_is_asked_again(client, demo, choices):
    address, fields, _ = _to_provider(client)
    back = _choose(address, fields, **choices)
    assert back.status_code == 422 and "Wählen Sie eine Person" in back.text


@pytest.mark.slow
def test_ways_below_the_level_asked_for_are_not_offered(client, demo):
    client.post("/konto/identitaet/bayernid/anmelden/")
    address, fields, _ = _to_provider(client)
    client.post(
        "/konto/identitaet/bayernid/antwort/", _fields(_choose(address, fields, weg="passwort").text), follow=True
    )
    session = client.session
    session["identity_demand"] = {"next": "/", "level": 3, "seconds": None}
    session.save()
    response = client.post("/konto/identitaet/bayernid/nachweisen/")
    if response.status_code == 302:
        page = requests.get(response["Location"], timeout=10).text
    else:
        text = response.content.decode()
        text = text[text.index("Sie verlassen jetzt") :]
        page = requests.post(_target(text), _fields(text), timeout=10).text
    assert "Online-Ausweis" in page and "Benutzername" not in page


def test_the_demo_answers_only_signed_questions_of_this_portal(client, demo):
    address, fields, _ = _to_provider(client)
    if fields:
        document = base64.b64decode(fields["SAMLRequest"]).replace(b"minimum", b"maximum")
        page = requests.post(address, {**fields, "SAMLRequest": base64.b64encode(document)}, timeout=10)
    else:
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()} | {"RelayState": "x"}
        page = requests.get(f"{address.split('?')[0]}?{urlencode(query)}", timeout=10)
    assert page.status_code == 400


@pytest.mark.parametrize(
    "path", ["", "bayernid/", "andere/anmelden", "bayernid/anmelden", "bundid/anmelden?SAMLRequest=x"]
)
def test_other_addresses_of_the_demo_show_a_page(demo, path):
    assert requests.get(f"{demo.url}/{path}", timeout=10).status_code in (400, 404)


def test_the_demo_does_not_start_in_production(settings, tmp_path):
    settings.DEMO = settings.DEBUG = False
    with pytest.raises(CommandError, match="PORTAL_DEMO=1"):
        call_command("demoidentity", folder=tmp_path)


# --- what we ask ------------------------------------------------------------------------------------------------------


@pytest.fixture
def foreign(bayernid: Peer) -> Server:
    """pysaml2's identity provider with the keys of BayernID and our published metadata."""
    ours = bayernid.folder.path / "ours.xml"
    ours.write_bytes(Client().get("/konto/identitaet/metadaten/").content)
    service = {"single_sign_on_service": [(f"{ORIGIN}/bayernid/anmelden", BINDING_HTTP_REDIRECT)]}
    config = {
        "entityid": keys.entity_id(ORIGIN, "bayernid"),
        "key_file": str(bayernid.folder.key("bayernid")),
        "cert_file": str(bayernid.folder.certificate("bayernid")),
        "metadata": {"local": [str(ours)]},
        "service": {"idp": {"endpoints": service, "want_authn_requests_signed": True, "sign_response": True}},
    }
    return Server(config=IdPConfig().load(config))


def _question(client) -> dict[str, str]:
    query = urlsplit(client.post("/konto/identitaet/bayernid/anmelden/")["Location"]).query
    return {name: values[0] for name, values in parse_qs(query).items()}


def test_pysaml2_reads_our_question_and_its_signature(client, foreign, bayernid):
    query = _question(client)
    asked = foreign.parse_authn_request(
        query["SAMLRequest"], BINDING_HTTP_REDIRECT, query["RelayState"], query["SigAlg"], query["Signature"]
    )
    assert asked.message.assertion_consumer_service_url == bayernid.provider.answer_url
    assert asked.message.requested_authn_context.comparison == "minimum"
    with pytest.raises(IncorrectlySigned):
        foreign.parse_authn_request(
            query["SAMLRequest"], BINDING_HTTP_REDIRECT, "other", query["SigAlg"], query["Signature"]
        )


@pytest.mark.slow
def test_an_answer_that_pysaml2_made_and_signed_is_believed(client, foreign, bayernid):
    question, relay = bayernid.ask(client)
    response = foreign.create_authn_response(
        {"1.3.6.1.4.1.25484.494450.3": ["pseudonym-1"]},
        question.request_id,
        bayernid.provider.answer_url,
        providers.entity_id(),
        name_id=NameID(format=NAMEID_FORMAT_TRANSIENT, text="x"),
        authn={"class_ref": "STORK-QAA-Level-3"},
        sign_response=True,
        sign_assertion=True,
        sign_alg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        digest_alg="http://www.w3.org/2001/04/xmlenc#sha256",
    )
    assert bayernid.send(client, str(response).encode(), relay).status_code == 200
    assert User.objects.get().identities.get().subject == "pseudonym-1"


@pytest.mark.parametrize(("level", "methods"), [(1, 7), (2, 5), (3, 2)])
def test_the_question_carries_the_extension_of_bayernid(client, bayernid, settings, level, methods):
    settings.SAML_SERVICE_ID = "BMI-1234"
    sending = saml.ask(bayernid.provider, "_q", "r", TrustLevel(level), clock.now(), anew=True)
    packed = base64.b64decode(parse_qs(urlsplit(sending.url).query)["SAMLRequest"][0])
    root = etree.fromstring(zlib.decompress(packed, -15))
    extension = root.find(f".//{AKDB}AuthenticationRequest")
    assert (root.get("ForceAuthn"), extension.get("Version")) == ("true", "2")
    assert len(extension.find(f"{AKDB}AuthnMethods")) == methods
    wanted = {node.get("Name"): node.get("RequiredAttribute") for node in extension.iter(f"{AKDB}RequestedAttribute")}
    assert wanted["urn:oid:1.3.6.1.4.1.25484.494450.3"] == "true" and len(wanted) == 16
    assert [node.text for node in extension.iter("{*}OnlineServiceId")] == ["BMI-1234"]


def test_our_metadata_name_key_and_addresses(client, bayernid, settings):
    root = etree.fromstring(client.get("/konto/identitaet/metadaten/").content)
    assert root.get("entityID") == f"{settings.PUBLIC_URL}/konto/identitaet/metadaten/"
    services = root.findall(".//{*}AssertionConsumerService")
    assert {service.get("Location") for service in services} == {p.answer_url for p in providers.offered()}
    assert {service.get("Binding") for service in services} == {BINDING_HTTP_POST}
