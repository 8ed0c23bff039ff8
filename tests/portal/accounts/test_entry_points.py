"""Every way in, with what attackers send: a page or a refusal, never an error 500, never a way out of the house."""

import itertools
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from portal.accounts.identity.models import PendingSignIn
from tests.portal.accounts.identity.conftest import bayernid, key_folder, providers_on  # noqa: F401 - fixtures
from tests.portal.accounts.identity.peer import ORIGIN, password_sign_in

PASSWORD = "ein gutes Kennwort"
AWAY = [
    "https://boese.example/",
    "http:boese.example",
    "https:///boese.example",
    "//boese.example",
    "///boese.example",
    "/\\boese.example",
    "\\\\boese.example",
    "/\t/boese.example",
    "\t//boese.example",
    " //boese.example",
    "／／boese.example",
    "https://testserver@boese.example/",
    "https://boese.example#testserver",
    "//testserver:80@boese.example",
    "https://testserver.boese.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "//boese%E3%80%82example",
    "/konto/\x00",
    "/konto/\r\nSet-Cookie: boese=1",
    "/" + "x" * 10_000,
    "\u202e//boese.example",
    "",
]
PUBLIC = [
    "/konto/login/",
    "/konto/signup/",
    "/konto/password/reset/",
    "/konto/confirm-email/",
    "/konto/2fa/authenticate/",
    "/konto/identitaet/abschluss/",
    "/konto/identitaet/abgemeldet/",
    "/konto/oidc/oidc/antwort/",
    "/verwaltung/login/",
]
OWN = [
    "/konto/uebersicht/",
    "/konto/email/",
    "/konto/reauthenticate/",
    "/konto/sicherheit/",
    "/konto/identitaet/",
    "/konto/identitaet/adresse/",
    "/konto/identitaet/nachweis/",
    "/konto/zusammenlegen/",
    "/konto/vertretung/",
    "/konto/2fa/",
    "/konto/password/change/",
]


@pytest.fixture
def careful(client, alice):
    """Alice's browser, signed in."""
    password_sign_in(client, alice)
    return client


@pytest.mark.parametrize("away", AWAY)
@pytest.mark.sample(24)
def test_no_way_back_leads_out_of_the_house(client, alice, bayernid, away):  # noqa: F811 - the fixture above
    password_sign_in(client, alice)
    client.logout()
    query = f"?next={quote(away)}"
    login = {"login": alice.email, "password": PASSWORD}
    posts = [
        ("/konto/login/" + query, login),
        ("/konto/login/", login | {"next": away}),
        ("/konto/reauthenticate/" + query, {"password": PASSWORD}),
        ("/konto/reauthenticate/", {"password": PASSWORD, "next": away}),
        ("/konto/logout/" + query, {}),
        ("/konto/login/", login),
        ("/konto/logout/", {"next": away}),
        ("/konto/signup/" + query, {"email": "neu@stadt.invalid", "password1": "drei nasse Wörter"}),
        ("/verwaltung/login/" + query, {"username": alice.email, "password": PASSWORD, "next": away}),
    ]
    for path, data in posts:
        cache.clear()
        response = client.post(path, data)
        assert response.status_code < 500, path
        location = response.headers.get("Location", "")
        parts = urlsplit(location)
        assert (parts.scheme, parts.netloc) == ("", ""), (path, location)
        assert not unquote(location).startswith(("//", "/\\", "\\", "/\t")), (path, location)
        assert "boese" not in client.cookies


@pytest.mark.parametrize("away", AWAY)
@pytest.mark.sample(4)
def test_no_provider_is_told_of_a_way_out(client, bayernid, away):  # noqa: F811 - the fixture above
    response = client.post("/konto/identitaet/bayernid/anmelden/", {"next": away})
    assert response["Location"].startswith(f"{ORIGIN}/bayernid/anmelden?")
    kept = PendingSignIn.objects.get().next
    assert "boese" not in kept and len(kept) <= 2000 and kept.isprintable()


@pytest.mark.parametrize("path", [*PUBLIC, *OWN])
@pytest.mark.slow
def test_odd_parameters_get_a_normal_page(careful, path):
    for browser, away in itertools.product((Client(), careful), AWAY):
        response = browser.get(path, {"next": away, "abholung": away, "fortsetzen": away, "bei": away, "q": away})
        assert response.status_code in (200, 302, 400, 403, 404, 405), path
        assert "boese" not in urlsplit(response.headers.get("Location", "")).netloc


@pytest.mark.sample(6)
@pytest.mark.parametrize("relay", AWAY[::4])
def test_the_relay_state_is_never_an_address(client, bayernid, relay):  # noqa: F811 - the fixture above
    question, _ = bayernid.ask(client)
    response = bayernid.send(client, bayernid.signed(bayernid.told(question.request_id)), relay)
    assert response.status_code == 400 and "boese" not in response.content.decode()


HEADERS = {
    "a host of somebody else": {"host": "boese.example"},
    "a host with a user": {"host": "testserver@boese.example"},
    "a host with a path": {"host": "testserver/boese"},
    "an empty host": {"host": " "},
    "a host of 10,000 letters": {"host": "x" * 10_000},
}
ODD_HEADERS = {
    "a browser's name of 10,000 letters": {"user-agent": "Firefox/" + "x" * 10_000},
    "languages of 10,000 letters": {"accept-language": "de," * 3_000},
    "languages that are none": {"accept-language": "\x01%$;q=x"},
    "a foreign referer": {"referer": "https://boese.example/" + "x" * 10_000},
    "addresses that are none": {"x-forwarded-for": "boese, 1.2.3, ::g", "x-real-ip": "x"},
    "another host behind the proxy": {"x-forwarded-host": "boese.example", "forwarded": "host=boese.example"},
    "a method in a header": {"x-http-method-override": "DELETE"},
    "a hundred headers": {f"x-nummer-{number}": "x" * 80 for number in range(100)},
    "a session that is none": {"cookie": "portal_sitzung=" + "x" * 8_000},
    "a session with NUL": {"cookie": 'portal_sitzung="aaaaaaaaaaaaaaaa\\000bbbbbbbbbbbbbb"; csrftoken="a\\000"'},
    "a terminal with NUL": {"cookie": 'portal_terminal="aaaaaaaaaaaaaaaaaaaaaaaaaaa\\000"'},
    "a thousand cookies": {"cookie": "; ".join(f"c{number}=1" for number in range(1000))},
    "a length that is none": {"content-length": "viel"},
}


@pytest.mark.parametrize("name", HEADERS)
def test_another_host_is_refused(client, db, name):
    for path in PUBLIC:
        assert client.get(path, headers=HEADERS[name]).status_code == 400, path


@pytest.mark.parametrize("name", ODD_HEADERS)
@pytest.mark.sample(4)
def test_odd_headers_get_a_normal_page(db, name, alice, bayernid):  # noqa: F811 - the fixture above
    for path in PUBLIC:
        assert Client().get(path, headers=ODD_HEADERS[name]).status_code in (200, 302, 400, 404), path
    data = {"login": alice.email, "password": "falsch", "SAMLResponse": "x"}
    for path in ("/konto/login/", "/konto/identitaet/bayernid/antwort/", "/konto/identitaet/bayernid/anmelden/"):
        response = Client().post(path, data, headers=ODD_HEADERS[name])
        assert response.status_code in (200, 302, 400, 422, 429), path
        assert "boese" not in response.headers.get("Location", "")


@pytest.mark.parametrize("value", ["\x00", "\ud7ff\ufffe", "x" * 10_000, "'; drop table", "🔑" * 500, "%00", "[]"])
@pytest.mark.sample(9)
def test_odd_form_fields_get_a_sentence(careful, value):
    fields = ["login", "password", "email", "password1", "code", "given_name", "antwort", "next", "kind", "address"]
    data = dict.fromkeys(fields, value)
    paths = ["/konto/login/", "/konto/signup/", "/konto/password/reset/", "/konto/confirm-email/", "/konto/email/",
             "/konto/reauthenticate/", "/konto/vertretung/neu/", "/konto/vertretung/handeln/", "/konto/zusammenlegen/",
             "/konto/password/change/", "/konto/profil/adresse/", "/verwaltung/login/"]  # fmt: skip
    for browser in (Client(), careful):
        for path in paths:
            cache.clear()
            assert browser.post(path, data).status_code in (200, 302, 400, 403, 404, 405, 409, 422, 429), path


@pytest.mark.parametrize(
    "path",
    [
        "/konto/password/reset/key/x-y/",
        "/konto/password/reset/key/%00-%00/",
        "/konto/password/reset/key/" + "z" * 3000 + "-set-password/",
        "/konto/vertretung/annehmen/%00/",
        "/konto/vertretung/annehmen/" + "x" * 5000 + "/",
        "/konto/confirm-email/%00/",
        "/konto/identitaet/%00/anmelden/",
        "/konto/identitaet/bayernid%2f..%2f/anmelden/",
        "/konto/oidc/..%2f..%2f/antwort/",
        "/konto/oidc/andere/antwort/?code=x&state=%00",
        "/konto/%2e%2e/%2e%2e/etc/passwd",
    ],
)
@pytest.mark.sample(3)
def test_odd_addresses_are_not_there_or_say_so(careful, path):
    for browser in (Client(), careful):
        assert browser.get(path).status_code in (200, 302, 400, 404), path


def test_no_address_gets_mail_without_end_though_the_cache_is_flushed(client, alice, mailoutbox):
    password_sign_in(client, alice)
    client.logout()
    answers = set()
    for _ in range(9):
        cache.clear()  # Valkey restarted
        response = Client().post("/konto/password/reset/", {"email": alice.email})
        answers.add((response.status_code, response["Location"]))
    assert (len(mailoutbox), len(answers)) == (5, 1)


def test_signed_in_people_get_the_page_for_what_is_not_there(careful):
    response = careful.get("/das/gibt/es/nicht/")
    assert response.status_code == 404 and "Alice Ammer" in response.content.decode()
