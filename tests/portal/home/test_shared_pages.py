"""Kept pages: the same for everybody, new at once after every change, and nothing of anybody inside."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.common import clock
from portal.directory import editions, search_index
from portal.directory.models import Edition, EmptySearch, Organisation, Service, Synonym, Topic
from portal.home import shared_pages

PAGE, START, LIST, SEARCH = "/leistungen/hund/", "/", "/leistungen/?buchstabe=H", "/leistungen/?suche=Hund"


committed = pytest.mark.django_db(transaction=True)  # the triggers fire when a transaction ends


@pytest.fixture(autouse=True)
def hund(request, db) -> Service:
    shared_pages.shelf.clear()
    if not request.node.get_closest_marker("django_db"):
        Edition.objects.create(id=1, value=clock.uuid(), transaction="")
    kvr = Organisation.objects.create(short="KVR", name="Kreisverwaltungsreferat")
    service = Service.objects.create(slug="hund", title="Hund anmelden", organisation=kvr)
    search_index.refresh([service])
    return service


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", [PAGE, START, LIST, SEARCH])
def test_the_second_stranger_costs_one_statement_and_sees_the_same(path):
    first = Client().get(path)
    assert _queries(Client(), path) == 1
    second = Client().get(path)
    assert second.content == first.content and dict(second.items()) == dict(first.items())


def test_a_kept_page_carries_the_security_headers():
    Client().get(PAGE)
    kept = Client().get(PAGE)
    assert "default-src 'none'" in kept["Content-Security-Policy"] and kept["X-Frame-Options"] == "DENY"


@pytest.mark.slow
@committed
@pytest.mark.parametrize("path", [PAGE, LIST, SEARCH])
def test_a_change_shows_at_once(path, hund):
    Client().get(path)
    Service.objects.filter(pk=hund.pk).update(title="Hund neu anmelden")  # whoever writes: the database tells
    assert "Hund neu anmelden" in Client().get(path).content.decode()


@pytest.mark.slow
@committed
def test_every_kind_of_row_that_pages_show_makes_a_new_edition(hund):
    seen = {editions.present()}
    topic = Topic.objects.create(slug="tiere", title="Tiere")
    seen.add(editions.present())
    topic.services.add(hund)
    seen.add(editions.present())
    Synonym.objects.create(term="Wauwau", meaning="Hund")
    seen.add(editions.present())
    topic.delete()
    seen.add(editions.present())
    assert len(seen) == 5


@pytest.mark.slow
@committed
def test_one_transaction_makes_one_edition_when_it_commits(hund):
    before = editions.present()
    with transaction.atomic():
        Service.objects.update(title="A")
        Service.objects.update(title="B")
        assert editions.present() == before
    assert editions.present() != before


def test_who_is_signed_in_never_sees_nor_leaves_a_kept_page(alice):
    signed_in = Client()
    signed_in.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert "Abmelden" in signed_in.get(PAGE).content.decode()
    stranger = Client().get(PAGE).content.decode()
    assert "Abmelden" not in stranger and "Anmelden" in stranger
    assert "Abmelden" in signed_in.get(PAGE).content.decode()


@pytest.mark.parametrize("cookie", ["portal_sitzung", "messages", "portal_terminal", "django_language", "fremd"])
def test_any_cookie_of_ours_leads_past_the_kept_pages(cookie):
    Client().get(PAGE)
    client = Client()
    client.cookies[cookie] = "x"
    assert _queries(client, PAGE) > 1


def test_nothing_kept_holds_a_token_or_a_cookie():
    for path in (PAGE, START, LIST, SEARCH):
        Client().get(path)
        kept = Client().get(path)
        assert not kept.cookies and b"csrfmiddlewaretoken" not in kept.content


def test_hosts_languages_and_parameters_are_told_apart():
    Client().get(PAGE)
    assert _queries(Client(headers={"host": "localhost"}), PAGE) > 1
    assert _queries(Client(headers={"accept-language": "en"}), PAGE) > 1
    assert _queries(Client(), f"{PAGE}?fremd=1") > 1


def test_a_search_in_vain_is_counted_each_time_and_a_name_is_not_kept():
    for _ in range(2):
        Client().get("/leistungen/?suche=Einhorn")
    assert EmptySearch.objects.get().count == 2
    path = "/leistungen/?suche=Hund+von+Erika+Mustermann"
    Client().get(path)
    assert _queries(Client(), path) > 1


def test_an_error_and_a_post_are_not_kept():
    for _ in range(2):
        assert Client().get("/leistungen/gibt-es-nicht/").status_code == 404
    Client().get(PAGE)
    assert Client().post(PAGE).status_code == 405


def test_a_kept_page_grows_old_even_if_nothing_changes():
    Client().get(PAGE)
    with clock.frozen(clock.now() + shared_pages.KEEP + dt.timedelta(seconds=1)):
        assert _queries(Client(), PAGE) > 1


def test_the_shelf_forgets_the_oldest(monkeypatch):
    monkeypatch.setattr(shared_pages, "MOST_PAGES", 2)
    for path in (PAGE, START, LIST):
        Client().get(path)
    assert _queries(Client(), LIST) == 1
    assert _queries(Client(), PAGE) > 1
