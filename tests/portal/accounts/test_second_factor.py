"""The second factor: apps with codes, recovery codes, and what a thief of password or database gets."""

import base64
import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth import get_user

from portal.accounts import keys, second_factor
from portal.accounts.models import SignIn
from portal.common.crypto import CannotOpen

PASSWORD = "ein gutes Kennwort"


def code(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def proven(client, alice):
    """Alice signed in, her address confirmed, her password asked a moment ago."""
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client.post("/konto/login/", {"login": alice.email, "password": PASSWORD})
    client.post("/konto/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def secret(proven) -> str:
    """The secret of the app that Alice has just set up; she has seen her recovery codes and signed out."""
    page = proven.get("/konto/2fa/totp/activate/").content.decode()
    found = re.search(r"Schlüssel: <span[^>]*>([A-Z2-7 ]+)<", page)[1].replace(" ", "")
    response = proven.post("/konto/2fa/totp/activate/", {"code": code(found, -1)})
    assert response.url == "/konto/2fa/recovery-codes/"
    return found


def sign_in(client, email="alice@stadt.invalid"):
    client.post("/konto/logout/")
    return client.post("/konto/login/", {"login": email, "password": PASSWORD})


def test_the_password_alone_signs_nobody_in_any_more(client, secret):
    assert sign_in(client).url == "/konto/2fa/authenticate/"
    assert not get_user(client).is_authenticated
    assert client.get("/konto/uebersicht/").status_code == 302


def test_password_and_code_sign_in_and_the_history_says_so(client, alice, secret):
    sign_in(client)
    response = client.post("/konto/2fa/authenticate/", {"code": code(secret)})
    assert response.url == "/konto/uebersicht/"
    assert get_user(client) == alice
    latest = SignIn.objects.latest("pk")
    assert (latest.method, latest.second_factor) == ("password", True)


def test_a_code_counts_once_even_when_the_cache_was_flushed(client, secret):
    from django.core.cache import cache

    now = code(secret)
    sign_in(client)
    client.post("/konto/2fa/authenticate/", {"code": now})
    sign_in(client)
    cache.clear()
    page = client.post("/konto/2fa/authenticate/", {"code": now}).content.decode()
    assert "Warten Sie auf den nächsten Code in der App" in page
    assert not get_user(client).is_authenticated


def test_the_sixth_guess_is_refused_also_with_the_right_code_and_a_flushed_cache(client, secret):
    from django.core.cache import cache

    sign_in(client)
    for _ in range(5):
        assert "Der Code stimmt nicht" in client.post("/konto/2fa/authenticate/", {"code": "000000"}).content.decode()
        cache.clear()
    page = client.post("/konto/2fa/authenticate/", {"code": code(secret)}).content.decode()
    assert "Das waren zu viele Versuche" in page
    assert not get_user(client).is_authenticated


def shown_codes(client) -> list[str]:
    page = client.get("/konto/2fa/recovery-codes/").content.decode()
    return [text.replace(" ", "") for text in re.findall(r'<li class="p-code">([\d ]+)</li>', page)]


def test_recovery_codes_are_shown_once_and_never_again(client, secret):
    assert len(shown_codes(client)) == 10
    assert shown_codes(client) == []
    assert client.get("/konto/2fa/recovery-codes/download/").status_code == 403


def test_a_recovery_code_signs_in_once(client, alice, secret):
    first, *_ = shown_codes(client)
    sign_in(client)
    client.post("/konto/2fa/authenticate/", {"code": first})
    assert get_user(client) == alice
    sign_in(client)
    client.post("/konto/2fa/authenticate/", {"code": first})
    assert not get_user(client).is_authenticated


def test_the_database_holds_no_secret_in_the_clear(alice, secret):
    for authenticator in Authenticator.objects.filter(user=alice):
        assert secret not in str(authenticator.data)
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert stored.startswith(str(alice.public_id))
    assert secret.encode() not in base64.b64decode(stored.partition(":")[2])


def test_a_secret_moved_to_another_person_does_not_open(alice, bob, secret):
    stored = Authenticator.objects.get(type="totp").data["secret"].partition(":")[2]
    keys.envelope(bob)
    with pytest.raises(CannotOpen):
        second_factor.MFAAdapter().decrypt(f"{bob.public_id}:{stored}")


def test_setting_up_asks_for_the_password_first(client, alice):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client.post("/konto/login/", {"login": alice.email, "password": PASSWORD})
    assert client.get("/konto/2fa/totp/activate/").url.startswith("/konto/reauthenticate/")


def test_switching_off_needs_the_button_and_tells_the_person(client, secret, mailoutbox):
    mailoutbox.clear()
    assert "Möchten Sie die App abschalten?" in client.get("/konto/2fa/totp/deactivate/").content.decode()
    assert second_factor.is_on(get_user(client))
    client.post("/konto/2fa/totp/deactivate/")
    assert not second_factor.is_on(get_user(client))
    assert not Authenticator.objects.exists()
    assert mailoutbox[0].subject == "App mit Codes abgeschaltet"
    assert "IP" not in mailoutbox[0].body


def test_the_qr_code_is_our_own_picture(client, proven):
    page = proven.get("/konto/2fa/totp/activate/").content.decode()
    svg = base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)[1]).decode()
    assert svg.startswith(("<?xml", "<svg"))
    assert "<script" not in svg


def test_the_admins_own_page_is_no_way_around_the_second_factor(client, clara):
    Authenticator.objects.create(user=clara, type="totp", data={"secret": "x"})
    answer = client.post("/verwaltung/login/", {"username": clara.email, "password": PASSWORD})
    assert answer.url == "/konto/2fa/authenticate/"
    assert not get_user(client).is_authenticated
