"""OpenID Connect against a foreign, certified provider; and what no honest provider says."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.accounts.identity import oidc
from portal.accounts.identity.models import PendingSignIn, Purpose
from portal.accounts.identity.providers import parse_levels
from portal.accounts.identity.refusal import Refused
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from tests.portal.accounts.identity.foreign import ForeignProvider

CALLBACK = "http://testserver/konto/oidc/oidc/antwort/"
BASIC, HIGH, ODD = "urn:test:basic", "urn:test:high", "urn:test:odd"


@pytest.fixture(scope="module")
def foreign():
    provider = ForeignProvider(CALLBACK)
    yield provider
    provider.stop()


def _configure(settings, issuer: str) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app = app | {"client_id": "portal", "secret": "geheim", "settings": app["settings"] | {"server_url": issuer}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    settings.OIDC_ISSUER, settings.OIDC_NAME = issuer, "Unternehmenskonto"
    settings.OIDC_LEVELS = [f"{BASIC}=basic", f"{HIGH}=high"]


@pytest.fixture
def configured(settings, foreign, db):
    _configure(settings, foreign.issuer)
    return foreign


def _sign_in(client, provider, address="/konto/identitaet/oidc/anmelden/", **choices):
    response = client.post(address)
    assert response.status_code == 302 and response["Location"].startswith(provider.issuer), response["Location"]
    return client.get(provider.walk(response["Location"], CALLBACK, **choices), follow=True)


def test_a_person_signs_in_and_the_session_knows_the_level(client, configured):
    _sign_in(client, configured, person="olga", acr=HIGH)
    user = User.objects.get()
    assert (user.get_full_name(), client.session["_auth_user_id"]) == ("Olga Ohm", str(user.pk))
    assert client.session["identity_sign_ins"][0]["level"] == TrustLevel.HIGH


@pytest.mark.slow
def test_the_same_person_comes_back_to_the_same_account(client, configured):
    _sign_in(client, configured, person="olga", acr=BASIC)
    client.logout()
    _sign_in(client, configured, person="olga", acr=HIGH)
    assert User.objects.count() == 1


@pytest.mark.parametrize(("acr", "reason"), [(ODD, "level_unknown"), ("", "level_missing")])
def test_a_level_that_is_not_configured_is_refused(client, configured, acr, reason):
    response = _sign_in(client, configured, person="olga", acr=acr)
    assert response.status_code == 400 and User.objects.count() == 0
    assert AuditEntry.objects.get().data == {"reason": reason}


def test_turning_back_is_no_sign_in(client, configured):
    assert _sign_in(client, configured, person="olga", cancel="1").status_code == 400
    assert "_auth_user_id" not in client.session


def test_the_question_asks_for_the_levels_that_count_and_proves_the_browser(client, configured):
    query = parse_qs(urlsplit(client.post("/konto/identitaet/oidc/anmelden/")["Location"]).query)
    assert query["acr_values"] == [f"{BASIC} {HIGH}"] and query["code_challenge_method"] == ["S256"]
    assert query["nonce"] == [PendingSignIn.objects.get().request_id] and query["state"]


def test_a_step_up_forces_a_new_sign_in_there(client, configured):
    _sign_in(client, configured, person="olga", acr=BASIC)
    session = client.session
    session["identity_demand"] = {"next": "/postfach/", "level": 3, "seconds": None}
    session.save()
    address = "/konto/identitaet/oidc/nachweisen/"
    query = parse_qs(urlsplit(client.post(address)["Location"]).query)
    assert (query["prompt"], query["acr_values"]) == (["login"], [HIGH])
    response = _sign_in(client, configured, address, person="olga", acr=HIGH)
    assert response.redirect_chain[-1][0] == "/postfach/"


def test_an_answer_planted_in_another_browser_signs_nobody_in(client, configured):
    from django.test import Client

    way = configured.walk(
        Client().post("/konto/identitaet/oidc/anmelden/")["Location"], CALLBACK, person="olga", acr=HIGH
    )
    assert client.get(way, follow=True).status_code == 400
    assert User.objects.count() == 0


def test_an_answer_works_once(client, configured):
    response = client.post("/konto/identitaet/oidc/anmelden/")
    way = configured.walk(response["Location"], CALLBACK, person="olga", acr=HIGH)
    client.get(way, follow=True)
    assert client.get(way).status_code == 400


def test_a_provider_that_cannot_be_reached_is_a_page_with_a_sentence(client, settings, db):
    _configure(settings, "http://127.0.0.1:9")
    response = client.post("/konto/identitaet/oidc/anmelden/")
    assert response.status_code == 400 and "hat nicht geklappt" in response.content.decode()


# --- claims -----------------------------------------------------------------------------------------------------------

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def _pending(**changes) -> PendingSignIn:
    usual = {"request_id": "_q", "provider": "oidc", "purpose": Purpose.STEP_UP, "level": 1}
    return PendingSignIn(**{**usual, "asked_at": NOW, "expires_at": NOW, **changes})


def _claims(**changes) -> dict:
    return {"sub": "olga", "nonce": "_q", "acr": HIGH, "auth_time": NOW.timestamp(), **changes}


def test_honest_claims_are_believed(settings):
    _configure(settings, "http://x")
    identity = oidc.read(_pending(), _claims(), {"sub": "olga", "email": "o@x.de"}, NOW)
    assert (identity.subject, identity.level, identity.at) == ("olga", TrustLevel.HIGH, NOW)
    assert identity.attributes == {"email": ("o@x.de", TrustLevel.NONE)}


@pytest.mark.parametrize(
    ("reason", "claims", "user_info"),
    [
        ("subject", {"sub": ""}, {}),
        ("subject", {"sub": None}, {}),
        ("subject", {"sub": "x" * 256}, {}),
        ("subject", {}, {"sub": "somebody else"}),
        ("nonce", {"nonce": "_other"}, {}),
        ("nonce", {"nonce": None}, {}),
        ("level_unknown", {"acr": ODD}, {}),
        ("level_unknown", {"acr": [HIGH]}, {}),
        ("level_missing", {"acr": None}, {}),
        ("sign_in_too_old", {"auth_time": None}, {}),
        ("sign_in_too_old", {"auth_time": NOW.timestamp() - 300}, {}),
        ("not_yet", {"auth_time": NOW.timestamp() + 300}, {}),
        ("moment", {"auth_time": "gestern"}, {}),
        ("moment", {"auth_time": True}, {}),
        ("moment", {"auth_time": -1}, {}),
    ],
)
def test_other_claims_are_refused(settings, reason, claims, user_info):
    _configure(settings, "http://x")
    with pytest.raises(Refused, match=reason):
        oidc.read(_pending(), _claims(**claims), user_info, NOW)


def test_too_low_a_level_is_refused(settings):
    _configure(settings, "http://x")
    with pytest.raises(Refused, match="level_too_low"):
        oidc.read(_pending(level=TrustLevel.HIGH), _claims(acr=BASIC), {}, NOW)


@pytest.mark.parametrize("part", ["", "high", "=high", "a=", "a=none", "a=High"])
def test_levels_are_written_one_way_only(part):
    with pytest.raises(ValueError, match=f"^{part}$"):
        parse_levels([part])


def test_an_acr_may_hold_an_equals_sign():
    assert parse_levels(["a=b=high"]) == {"a=b": TrustLevel.HIGH}
