"""Two names, two houses: what answers at one does not exist at the other, and no session fits both."""

import pytest
from django.contrib.auth import get_user
from django.test import Client

from portal.accounts import demo_factor
from tests.portal.accounts.test_second_factor import PASSWORD, code

pytestmark = pytest.mark.django_db
STAFF, PUBLIC = "intern.stadt.test", "portal.stadt.test"


@pytest.fixture(autouse=True)
def _two(settings):
    settings.STAFF_HOST = STAFF
    settings.ALLOWED_HOSTS = [STAFF, PUBLIC]


def at(host: str) -> Client:
    return Client(headers={"host": host})


@pytest.mark.parametrize(
    "path", ["/verwaltung/", "/verwaltung/login/", "/verwaltung/vorgaenge/", "/verwaltung/cases/case/"]
)
def test_the_citizens_host_knows_no_administration(path):
    assert at(PUBLIC).get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/konto/uebersicht/", "/konto/signup/", "/leistungen/", "/postfach/", "/vorgaenge/", "/gibt-es-nicht/"]
)
def test_the_staffs_host_knows_no_page_of_citizens(path):
    answer = at(STAFF).get(path)
    assert answer.status_code == 404
    assert "Leichte Sprache" not in answer.content.decode()


def test_both_hosts_say_that_they_are_ready():
    assert {at(host).get("/bereit/").status_code for host in (STAFF, PUBLIC)} == {200}


def test_the_front_page_of_the_staffs_host_is_the_administration():
    assert at(STAFF).get("/").url == "/verwaltung/"


def signed_in(user) -> Client:
    demo_factor.set_up(user)
    client = at(STAFF)
    client.post("/verwaltung/login/", {"username": user.email, "password": PASSWORD})
    client.post("/konto/2fa/authenticate/", {"code": code(demo_factor.SECRET)})
    return client


def test_staff_sign_in_at_their_host_with_a_cookie_of_its_own_name(clara, settings):
    client = signed_in(clara)
    assert f'href="{settings.PUBLIC_URL}">Website anzeigen' in client.get("/verwaltung/").content.decode()
    assert client.get("/verwaltung/vorgaenge/").status_code == 200
    assert "portal_verwaltung" in client.cookies and "portal_sitzung" not in client.cookies
    assert client.cookies["portal_verwaltung"]["httponly"] and client.cookies["portal_verwaltung"]["samesite"] == "Lax"


def test_a_citizens_session_carried_to_the_staffs_host_is_nobody(clara):
    """Even under the right name, and even of somebody of staff who has shown the second factor there."""
    client = at(PUBLIC)
    client.force_login(clara)  # no request, so as if at the staff's host; take the mark away as the house would
    session = client.session
    del session["staff_since"]
    session.save()
    thief = at(STAFF)
    thief.cookies["portal_verwaltung"] = client.cookies["portal_sitzung"].value
    assert thief.get("/verwaltung/vorgaenge/").status_code == 302


def test_a_citizens_cookie_is_not_read_at_the_staffs_host(clara):
    client = signed_in(clara)
    thief = at(STAFF)
    thief.cookies["portal_sitzung"] = client.cookies["portal_verwaltung"].value
    assert thief.get("/verwaltung/vorgaenge/").status_code == 302


def test_a_clerks_session_carried_to_the_citizens_host_is_nobodys(clara):
    client = signed_in(clara)
    thief = at(PUBLIC)
    thief.cookies["portal_sitzung"] = client.cookies["portal_verwaltung"].value
    assert thief.get("/konto/uebersicht/").status_code == 302
    assert client.get("/verwaltung/").status_code == 200  # and the clerk's own one lives on


def test_signing_in_at_the_citizens_host_makes_no_staff_session(clara):
    demo_factor.set_up(clara)
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=clara, email=clara.email, primary=True, verified=True)
    client = at(PUBLIC)
    client.post("/konto/login/", {"login": clara.email, "password": PASSWORD})
    client.post("/konto/2fa/authenticate/", {"code": code(demo_factor.SECRET)})
    assert get_user(client) == clara
    assert "staff_since" not in client.session
    assert 'href="/verwaltung/"' not in client.get("/konto/uebersicht/").content.decode()


def test_clerks_have_their_rooms_at_their_host(clara):
    client = signed_in(clara)
    assert 'href="/austausch/">Datenaustausch' in client.get("/verwaltung/").content.decode()
    page = client.get("/austausch/neu/", {"anlass": "KVR-2026-000042-7"}).content.decode()
    assert 'value="KVR-2026-000042-7"' in page and 'href="/verwaltung/"' in page
    opened = client.post("/austausch/neu/", {"purpose": "Pläne", "days": "7"})
    room = client.get(opened.url)
    assert room.status_code == 200 and "Pläne" in room.content.decode()


def test_rooms_at_the_staffs_host_take_the_second_factor(clara):
    demo_factor.set_up(clara)
    client = at(STAFF)
    assert client.get("/austausch/").url == "/verwaltung/login/?next=%2Faustausch%2F"
    client.post("/verwaltung/login/", {"username": clara.email, "password": PASSWORD})
    assert client.get("/austausch/").status_code == 302
    client.post("/konto/2fa/authenticate/", {"code": code(demo_factor.SECRET)})
    assert client.get("/austausch/").status_code == 200


def test_a_citizens_session_finds_no_rooms_at_the_staffs_host(alice):
    client = at(STAFF)
    client.force_login(alice)
    assert client.get("/austausch/").url == "/verwaltung/login/?next=%2Faustausch%2F"


def test_guests_come_in_at_the_citizens_host_only():
    assert at(STAFF).get("/austausch/einladung/").status_code == 404
    assert at(PUBLIC).get("/austausch/einladung/").status_code != 404
