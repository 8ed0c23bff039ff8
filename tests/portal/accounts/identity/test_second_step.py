"""Who wants a second factor is asked for it after a weak sign-in at a provider, too; after a strong one not."""

import pytest
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth import get_user

from portal.accounts.models import SignIn, User

BACK = "/postfach/"


@pytest.fixture
def codes(client, bayernid):
    """Somebody of BayernID with an app and recovery codes; signed out again."""
    bayernid.sign_in(client)
    user = User.objects.get()
    with context.request_context(client.get("/konto/profil/").wsgi_request):
        seal = get_adapter().encrypt
        Authenticator.objects.create(user=user, type="totp", data={"secret": seal("JBSWY3DPEHPK3PXP")})
        data = {"seed": seal("0123456789abcdef"), "used_mask": 0}
        unused = RecoveryCodes(
            Authenticator.objects.create(user=user, type="recovery_codes", data=data)
        ).get_unused_codes()
    client.logout()
    return unused


@pytest.mark.slow
def test_a_weak_sign_in_waits_for_the_second_factor(client, bayernid, codes):
    response = bayernid.sign_in(client, way=0, next=BACK)
    assert response.redirect_chain[-1][0].startswith("/konto/2fa/authenticate/")
    assert not get_user(client).is_authenticated


@pytest.mark.slow
def test_with_it_the_person_is_in_and_the_level_is_that_of_the_provider(client, bayernid, codes):
    bayernid.sign_in(client, way=0, next=BACK)
    response = client.post("/konto/2fa/authenticate/", {"code": codes[0]}, follow=True)
    assert response.redirect_chain[-1][0] == BACK
    assert [(row["provider"], row["level"]) for row in client.session["identity_sign_ins"]] == [("bayernid", 1)]
    assert SignIn.objects.latest("pk").provider == "bayernid"


@pytest.mark.slow
def test_a_wrong_code_opens_nothing(client, bayernid, codes):
    bayernid.sign_in(client, way=0)
    client.post("/konto/2fa/authenticate/", {"code": "00000000"})
    assert not get_user(client).is_authenticated
    assert client.get("/konto/identitaet/zweiter-schritt/")["Location"].startswith("/konto/login/")


@pytest.mark.slow
@pytest.mark.parametrize("way", [1, 2])
def test_a_strong_sign_in_needs_no_second_factor_of_ours(client, bayernid, codes, way):
    bayernid.sign_in(client, way=way)
    assert get_user(client).is_authenticated


@pytest.mark.slow
def test_what_was_held_for_one_person_is_never_given_to_another(client, bayernid, codes, alice):
    bayernid.sign_in(client, way=0)
    held = client.session["identity_second_step"]
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["identity_second_step"] = held
    session.save()
    client.get("/konto/identitaet/zweiter-schritt/")
    assert "identity_sign_ins" not in client.session
