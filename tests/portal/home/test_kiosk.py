"""Public terminals: only the browser with the key, a short session, an end that wipes."""

import datetime as dt
import io

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from portal.accounts import roles
from portal.common import clock
from portal.home import actions, kiosk
from portal.home.models import Terminal
from tests.portal.home.test_pages import visible_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


@pytest.fixture
def key():
    return actions.add_terminal("Stadtbibliothek, Gerät 2")


@pytest.fixture
def at(client, key):
    client.cookies[kiosk.COOKIE] = key
    return client


def test_the_key_makes_a_browser_a_terminal(client, key):
    assert client.post("/terminal/", {"key": key})["Location"] == "/"
    cookie = client.cookies[kiosk.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    assert "Stadtbibliothek, Gerät 2" in client.get("/").content.decode()


@pytest.mark.parametrize("wrong", ["", "x", "x" * 43, "x" * 201, "a\0" * 20])
def test_a_wrong_key_makes_nothing(client, key, wrong):
    assert client.post("/terminal/", {"key": wrong}).status_code == 422
    assert kiosk.COOKIE not in client.cookies
    client.cookies[kiosk.COOKIE] = wrong.replace("\0", "")
    assert "kiosk" not in client.get("/").content.decode()


def test_keys_cannot_be_tried_without_end(client, key):
    for _ in range(5):
        client.post("/terminal/", {"key": "x" * 43})
    assert client.post("/terminal/", {"key": key}).status_code == 429


def test_a_terminal_taken_out_of_service_is_a_browser_like_any_other(at):
    Terminal.objects.update(is_active=False)
    assert "kiosk" not in at.get("/").content.decode()


def test_the_key_is_not_in_the_database(key):
    assert key not in str(Terminal.objects.values_list().get())


@pytest.mark.parametrize("path", ["/", "/konto/uebersicht/", "/leistungen/bewohnerparkausweis/"])
def test_every_page_of_a_terminal_has_the_end_and_leaves_no_copy(at, alice, path):
    at.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = at.get(path)
    assert answer["Cache-Control"] == "no-store"
    assert "Beenden und löschen" in visible_text(answer.content.decode())


def test_the_session_of_a_terminal_is_short_and_each_page_extends_it(at, alice):
    at.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    at.get("/konto/uebersicht/")
    session = Session.objects.get()
    assert dt.timedelta(seconds=170) < session.expire_date - clock.now() <= dt.timedelta(seconds=180)
    Session.objects.update(expire_date=clock.now() + dt.timedelta(seconds=5))
    assert at.post("/terminal/weiter/", HTTP_ACCEPT="application/json").status_code == 204
    assert Session.objects.get().expire_date > clock.now() + dt.timedelta(seconds=170)


def test_the_end_signs_out_and_wipes(at, alice):
    at.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    for _ in range(2):  # a second click changes nothing
        answer = at.post("/terminal/beenden/")
        assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.exists()
    assert at.get("/konto/uebersicht/").status_code == 302
    assert "Auf diesem Gerät ist nichts von Ihnen gespeichert" in at.get("/terminal/beendet/").content.decode()
    assert at.cookies[kiosk.COOKIE].value  # it stays a terminal
    assert Terminal.objects.get().ended_count == 2


def test_a_browser_that_is_no_terminal_keeps_its_hour(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/konto/uebersicht/")
    assert "kiosk" not in answer.content.decode()
    assert Session.objects.get().expire_date > clock.now() + dt.timedelta(minutes=50)


def test_the_command_shows_a_key_that_works(client):
    out = io.StringIO()
    call_command("terminal_add", "Rathaus, Gerät 1", stdout=out)
    key = out.getvalue().splitlines()[0].rpartition(" ")[2]
    assert client.post("/terminal/", {"key": key}).status_code == 302


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["A", "--office", "x"], "Die Dienststelle „x“ gibt es nicht"),
        (["Stadtbibliothek, Gerät 2"], "existiert bereits"),
    ],
)
def test_the_command_refuses_with_a_sentence(key, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("terminal_add", *arguments)
    assert Terminal.objects.count() == 1


@pytest.mark.parametrize("change", [{"warn_seconds": 19}, {"idle_seconds": 60, "warn_seconds": 60}])
def test_the_database_refuses_an_end_without_warning(key, change):
    with pytest.raises(IntegrityError, match="terminal_warns_long_enough"):
        Terminal.objects.update(**change)


def test_an_operator_adds_a_terminal_and_switches_it_off(client, otto):
    roles.seed()
    otto.groups.add(Group.objects.get(name="Betrieb"))
    client.force_login(otto)
    page = client.post("/verwaltung/home/terminal/add/", {"name": "Halle Ost"}, follow=True).content.decode()
    key = page.partition("Der Schlüssel steht nur jetzt hier: ")[2].partition(". Geben")[0]
    made = Terminal.objects.get(name="Halle Ost")
    assert made.secret_hash == Terminal.hash_of(key)
    change = f"/verwaltung/home/terminal/{made.pk}/change/"
    assert key not in client.get(change).content.decode()
    client.post(change, {"name": "Halle Ost", "idle_seconds": 180, "warn_seconds": 60})
    assert not Terminal.objects.get(name="Halle Ost").is_active
