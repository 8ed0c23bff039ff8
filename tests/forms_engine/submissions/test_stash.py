"""Expired sessions and lost cookies: what was typed is there again after sign-in, for its owner, once."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory

from forms_engine.submissions import actions, queries, stash
from forms_engine.submissions.models import PendingPost
from portal.common import clock
from tests.forms_engine.submissions.conftest import NOON, client_of
from tests.forms_engine.submissions.walk import NEW, Walk, file

TYPED = {"vorname": "Alice Marie", "nachname": ""}
NOTICE = "Ihre Eingaben sind noch da. Bitte prüfen und speichern."


@pytest.fixture
def at_person(walk):
    walk.fill("person")
    return walk


def strict(walk: Walk) -> Walk:
    """The same person in a browser whose form tokens are checked."""
    walk.client = Client(enforce_csrf_checks=True)
    walk.client.force_login(walk.draft.owner)
    return walk


def token_field(walk: Walk, page: str) -> dict[str, str]:
    html = walk.get(page).content.decode()
    return {"csrfmiddlewaretoken": html.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]}


def come_back(location: str, client: Client):
    """Sign in happened elsewhere: follow `next` with this client."""
    return client.get(parse_qs(urlsplit(location).query)["next"][0], follow=True)


def test_a_session_that_ended_between_reading_and_sending_loses_nothing(at_person, alice):
    window = at_person.window("person")
    Session.objects.all().delete()
    response = at_person.post("person", TYPED, window=window)
    assert response["Location"].startswith("/konto/login/?next=")
    assert "Marie" not in response["Location"]
    page = come_back(response["Location"], client_of(alice))
    html = page.content.decode()
    assert NOTICE in html
    assert 'value="Alice Marie"' in html
    assert "<title>Fehler" not in html
    assert queries.contents(at_person.fresh()).answers.get("vorname") is None
    assert PendingPost.objects.count() == 0


def test_lost_cookies_lose_nothing_either(at_person, alice):
    strict(at_person)
    window = at_person.window("person") | token_field(at_person, "person")
    at_person.client.cookies.clear()
    response = at_person.post("person", TYPED, window=window)
    assert 'value="Alice Marie"' in come_back(response["Location"], client_of(alice)).content.decode()


def test_a_stale_form_token_leads_the_owner_straight_back(at_person):
    strict(at_person)
    window = at_person.window("person") | {"csrfmiddlewaretoken": "x" * 64}
    response = at_person.post("person", TYPED, window=window)
    assert response["Location"].startswith(at_person.url("person"))
    assert NOTICE in at_person.client.get(response["Location"], follow=True).content.decode()


def test_what_came_back_is_still_there_after_reloading_until_it_is_saved(at_person, alice):
    window = at_person.window("person")
    at_person.client.logout()
    location = at_person.post("person", TYPED, window=window)["Location"]
    at_person.client = client_of(alice)
    come_back(location, at_person.client)
    assert 'value="Alice Marie"' in at_person.get("person").content.decode()
    assert 'value="Alice Marie"' in come_back(location, at_person.client).content.decode()  # the token is used up
    at_person.post("person", NEW["person"])
    assert 'value="Alice"' in come_back(location, at_person.client).content.decode()


def test_somebody_else_who_signs_in_sees_nothing(at_person, bob):
    window = at_person.window("person")
    at_person.client.logout()
    location = at_person.post("person", TYPED, window=window)["Location"]
    response = come_back(location, client_of(bob))
    assert response.status_code == 404
    assert "Marie" not in response.content.decode()
    assert PendingPost.objects.count() == 1


def test_the_row_alone_opens_nothing_and_shows_nothing(at_person, draft):
    window = at_person.window("person")
    at_person.client.logout()
    location = at_person.post("person", TYPED, window=window)["Location"]
    row = PendingPost.objects.get()
    assert b"Marie" not in bytes(row.sealed)
    token = parse_qs(urlsplit(parse_qs(urlsplit(location).query)["next"][0]).query)[stash.PARAMETER][0]
    assert token not in row.token_hash
    assert not stash.take(row.token_hash, draft, "person")
    assert not stash.take(token, draft, "adresse")
    assert stash.take(token, draft, "person")
    assert not stash.take(token, draft, "person")


def test_files_are_not_kept_and_the_page_says_so(walk, alice):
    walk.fill("unterlagen")
    window = walk.window("unterlagen")
    walk.client.logout()
    location = walk.post("unterlagen", {"zulassung": [file()]}, window=window)["Location"]
    assert "Dateien konnten wir nicht aufbewahren" in come_back(location, client_of(alice)).content.decode()
    assert walk.draft.uploads.count() == 0


def test_it_ends_after_a_day(at_person, draft):
    at_person.client.logout()
    at_person.post("person", TYPED, window={})
    with clock.frozen(NOON + dt.timedelta(hours=23)):
        assert stash.forget_expired() == 0
    with clock.frozen(NOON + dt.timedelta(hours=24)):
        assert actions.sweep_drafts() == 1
    assert PendingPost.objects.count() == 0


def test_an_ended_row_is_not_given_out_even_before_it_is_swept(at_person, alice):
    at_person.client.logout()
    location = at_person.post("person", TYPED, window={})["Location"]
    with clock.frozen(NOON + dt.timedelta(hours=24)):
        assert NOTICE not in come_back(location, client_of(alice)).content.decode()


def test_a_conflict_that_happened_meanwhile_is_noticed(at_person, alice):
    at_person.post("person", NEW["person"])
    window = at_person.window("person")
    at_person.post("person", {**NEW["person"], "vorname": "Anna"})
    at_person.client.logout()
    location = at_person.post("person", {**NEW["person"], "vorname": "Alice Marie"}, window=window)["Location"]
    at_person.client = client_of(alice)
    come_back(location, at_person.client)
    response = at_person.post("person", {**NEW["person"], "vorname": "Alice Marie"})
    assert "In einem anderen Fenster gespeichert" in response.content.decode()


@pytest.mark.parametrize(
    ("page", "data"), [("person", {"vorname": "x" * stash.MAX_BYTES}), ("gibt-es-nicht", {"vorname": "Marie"})]
)
def test_nothing_is_kept_that_is_too_big_or_belongs_to_no_page(at_person, page, data):
    response = Client().post(at_person.url(page), data)
    assert response["Location"].startswith("/konto/login/?next=/antrag/")
    assert stash.PARAMETER not in response["Location"]
    assert PendingPost.objects.count() == 0


def test_strangers_cannot_fill_the_table(at_person, bob, draft):
    for _ in range(stash.MAX_ROWS + 3):
        Client().post(at_person.url("person"), TYPED)
    assert PendingPost.objects.count() == stash.MAX_ROWS
    PendingPost.objects.all().delete()
    request = RequestFactory().post(at_person.url("person"), TYPED)
    request.user = bob
    assert stash.keep(request) is None
    actions.discard(draft, by="test")
    Client().post(at_person.url("person"), TYPED)
    assert PendingPost.objects.count() == 0


def test_the_way_to_the_check_page_survives(at_person, alice):
    at_person.client.logout()
    location = at_person.post("person", NEW["person"], window={}, query="?zurueck=pruefen")["Location"]
    assert come_back(location, client_of(alice)).redirect_chain[-1][0].endswith("?zurueck=pruefen")
