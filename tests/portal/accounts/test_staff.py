"""Sessions of staff: never without a second factor, never too long, never at the wrong address."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user
from django.test import Client

from portal.accounts import demo_factor, second_factor
from portal.accounts.models import SignIn, User
from portal.common import clock
from tests.conftest import _password_only
from tests.portal.accounts.test_second_factor import PASSWORD, code

pytestmark = pytest.mark.django_db
PAGES = ("/verwaltung/", "/verwaltung/vorgaenge/", "/verwaltung/password_change/", "/verwaltung/cases/case/")


def password_only(user: User) -> Client:
    client = Client()
    _password_only(client, user)
    return client


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["clara", "otto"])
def test_the_password_alone_opens_no_page_and_leads_to_setting_up(request, who, path):
    client = password_only(request.getfixturevalue(who))
    answer = client.get(path, follow=True)
    assert answer.redirect_chain[-1][0] == "/konto/2fa/"
    assert "Für die Verwaltung brauchen Sie einen zweiten Nachweis" in answer.content.decode()
    assert client.post(path).status_code == 302


def test_whoever_has_a_factor_is_asked_for_it_and_comes_back(clara):
    demo_factor.set_up(clara)
    client = password_only(clara)
    asked = client.get("/verwaltung/vorgaenge/", follow=True)
    assert (
        asked.redirect_chain[-1][0]
        == "/konto/2fa/reauthenticate/?next=/verwaltung/vorgaenge/".replace("/v", "%2Fv").replace("/", "/")
        or "reauthenticate" in asked.redirect_chain[-1][0]
    )
    back = client.post(
        asked.redirect_chain[-1][0], {"code": code(demo_factor.SECRET), "next": "/verwaltung/vorgaenge/"}
    )
    assert back.url == "/verwaltung/vorgaenge/"
    assert client.get("/verwaltung/vorgaenge/").status_code == 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_opens_the_administration_in_the_same_session(clara):
    client = Client()
    client.post("/verwaltung/login/", {"username": clara.email, "password": PASSWORD})
    client.post("/konto/reauthenticate/", {"password": PASSWORD})
    client.get("/konto/2fa/totp/activate/")
    client.post("/konto/2fa/totp/activate/", {"code": code(client.session["mfa.totp.secret"])})
    assert client.get("/verwaltung/vorgaenge/").status_code == 200


def test_staff_cannot_switch_off_the_last_factor(clara):
    demo_factor.set_up(clara)
    last = Authenticator.objects.get(user=clara)
    assert not second_factor.MFAAdapter().can_delete_authenticator(last)
    Authenticator.objects.create(user=clara, type="webauthn", data={})
    assert second_factor.MFAAdapter().can_delete_authenticator(last)


def test_a_citizen_may_switch_it_off(alice):
    demo_factor.set_up(alice)
    assert second_factor.MFAAdapter().can_delete_authenticator(Authenticator.objects.get(user=alice))


def test_somebody_made_staff_while_signed_in_has_to_sign_in_anew(alice, client):
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    page = client.get("/verwaltung/", follow=True)
    assert page.status_code == 200 and 'name="username"' in page.content.decode()


# --- limits


@pytest.fixture
def at_desk(clara):
    client = Client()
    client.force_login(clara)
    return client


def later(**how: float):
    return clock.frozen(clock.now() + dt.timedelta(**how))


def test_the_page_says_when_the_session_ends(at_desk):
    with later(minutes=5):
        page = at_desk.get("/verwaltung/").content.decode()
        ends = clock.local(clock.now() + dt.timedelta(minutes=30))
    assert "Sitzung endet ohne Eingabe um <time" in page and f"{ends:%H:%M}</time> Uhr, spätestens" in page


def test_after_half_an_hour_without_input_the_session_is_over(at_desk):
    with later(minutes=29):
        assert at_desk.get("/verwaltung/").status_code == 200
    with later(minutes=58):
        assert at_desk.get("/verwaltung/").status_code == 200
    with later(minutes=89):
        answer = at_desk.get("/verwaltung/vorgaenge/")
        assert answer.url == "/verwaltung/login/?next=%2Fverwaltung%2Fvorgaenge%2F"
        assert "Ihre Sitzung ist abgelaufen" in at_desk.get(answer.url).content.decode()
    assert not get_user(at_desk).is_authenticated


@pytest.mark.slow
def test_after_ten_hours_it_is_over_whatever_one_does(at_desk):
    for step in range(1, 30):
        with later(minutes=20 * step):
            assert at_desk.get("/verwaltung/").status_code == 200, step
    with later(minutes=601):
        assert at_desk.get("/verwaltung/").status_code == 302


def test_the_same_holds_on_the_citizens_pages_for_staff(at_desk):
    with later(minutes=31):
        at_desk.get("/konto/uebersicht/")
    assert not get_user(at_desk).is_authenticated


def test_citizens_are_not_touched(client, alice):
    client.force_login(alice)
    with later(minutes=50):
        assert client.get("/konto/uebersicht/").status_code == 200
    assert SignIn.objects.get(user=alice).seen_at is not None


# --- the demo's factor


def test_the_demo_shows_the_code_and_it_opens_the_administration(client, clara):
    demo_factor.set_up(clara)
    client.post("/verwaltung/login/", {"username": clara.email, "password": PASSWORD})
    page = client.get("/konto/2fa/authenticate/").content.decode()
    assert "Code für die Demonstration" in page
    shown = page.partition('name="code" value="')[2][:6]
    client.post("/konto/2fa/authenticate/", {"code": shown})
    assert client.get("/verwaltung/vorgaenge/").status_code == 200


def test_a_used_code_is_not_shown_again(client, clara):
    demo_factor.set_up(clara)
    shown = set()
    for _ in range(2):
        client.post("/verwaltung/login/", {"username": clara.email, "password": PASSWORD})
        page = client.get("/konto/2fa/authenticate/").content.decode()
        shown.add(page.partition('name="code" value="')[2][:6])
        client.post("/konto/2fa/authenticate/", {"code": max(shown, key=lambda c: c in page)})
        client.post("/konto/logout/")
    assert len(shown) == 2


def test_outside_the_demo_its_factor_shows_nothing_and_opens_nothing(client, clara, settings):
    demo_factor.set_up(clara)
    settings.DEMO = False
    client.post("/verwaltung/login/", {"username": clara.email, "password": PASSWORD})
    assert "Demonstration" not in client.get("/konto/2fa/authenticate/").content.decode()
    page = client.post("/konto/2fa/authenticate/", {"code": code(demo_factor.SECRET)}).content.decode()
    assert "gilt nur in der Demonstration" in page
    assert not get_user(client).is_authenticated


def test_the_deploy_check_finds_demo_accounts(clara, settings):
    from portal.deploy_checks import no_demo_factors

    demo_factor.set_up(clara)
    assert no_demo_factors(None, databases=["default"]) == []
    settings.DEMO = False
    assert [error.id for error in no_demo_factors(None, databases=["default"])] == ["portal.E058"]


def test_somebody_with_an_own_factor_keeps_it_when_the_demo_is_seeded(clara):
    Authenticator.objects.create(user=clara, type="totp", data={"secret": "x"})
    demo_factor.set_up(clara)
    assert not demo_factor.is_demo(Authenticator.objects.get(user=clara))
