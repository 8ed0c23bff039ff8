"""Providers that are set up wrongly, or belong to the demo, are found before the portal starts."""

import pytest

from portal.accounts.identity.demo import keys
from tests.portal.production import environment
from tests.portal.test_checks import _found

ORIGIN = "https://id.land.example"
OIDC = {
    "PORTAL_OIDC_ISSUER": "https://konto.example",
    "PORTAL_OIDC_CLIENT": "portal",
    "PORTAL_OIDC_SECRET": "geheim",
    "PORTAL_OIDC_LEVELS": "urn:a=basic,urn:b=high",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return keys.prepare(tmp_path_factory.mktemp("identity"), ORIGIN)


@pytest.fixture
def production(tmp_path, folder):
    return environment(tmp_path) | folder.environment() | OIDC | {"PORTAL_IDENTITY_ORIGINS": ORIGIN}


def test_complete_providers_have_no_problem(production):
    assert _found(production) == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("PORTAL_BAYERNID_METADATA", "/gibt/es/nicht.xml", 29),
        ("PORTAL_BUNDID_METADATA", __file__, 29),
        ("PORTAL_BAYERNID_SIGNED", "response", 60),
        ("PORTAL_BUNDID_SIGNED", "none", 60),
        ("PORTAL_SAML_CBC", "bundid,elster", 61),
        ("PORTAL_SAML_OTHER_KEY_FILE", "/gibt/es/nicht.pem", 62),
        ("PORTAL_SAML_OTHER_CERTIFICATE_FILE", "/gibt/es/nicht.pem", 62),
        ("PORTAL_OIDC_LEVELS", "urn:a=sehr hoch", 34),
        ("PORTAL_OIDC_LEVELS", "", 35),
        ("PORTAL_OIDC_CLIENT", "", 35),
        ("PORTAL_OIDC_SECRET", "", 35),
        ("PORTAL_OIDC_ISSUER", "http://konto.example", 36),
    ],
)
def test_each_wrong_value_is_found_alone(production, name, value, number):
    assert _found(production | {name: value}) == [number]


@pytest.mark.parametrize(
    ("name", "value"), [("PORTAL_SAML_KEY_FILE", ""), ("PORTAL_SAML_CERTIFICATE_FILE", "/gibt/es/nicht.pem")]
)
def test_our_own_key_that_is_missing_is_found(production, name, value):
    assert _found(production | {name: value}) == [31, 62]


def test_a_certificate_of_another_key_is_found(production, folder):
    assert _found(production | {"PORTAL_SAML_CERTIFICATE_FILE": str(folder.certificate("bundid"))}) == [62]


def test_two_pairs_of_keys_are_allowed(production, folder):
    pair = {
        "PORTAL_SAML_OTHER_KEY_FILE": str(folder.key("bundid")),
        "PORTAL_SAML_OTHER_CERTIFICATE_FILE": str(folder.certificate("bundid")),
    }
    assert _found(production | pair) == []


def test_pages_that_the_browser_may_not_be_sent_to_are_found(production):
    assert _found(production | {"PORTAL_IDENTITY_ORIGINS": ""}) == [33, 33]


@pytest.mark.sample(3)
@pytest.mark.parametrize("origin", ["http://127.0.0.1:8002", "https://127.0.0.1:8002", "http://id.land.example"])
def test_the_demos_providers_are_refused_in_production(production, tmp_path, origin):
    demo = keys.prepare(tmp_path / "demo", origin)
    assert _found(production | demo.environment() | {"PORTAL_IDENTITY_ORIGINS": origin}) == [30, 30]


def test_without_the_program_for_signatures_nothing_starts(production, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert _found(production) == [32]
