"""The directory's pages: found in one search, everything known before applying, nothing that is not public."""

import json

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.directory import search_index
from portal.directory.models import EmptySearch, Office, Organisation, Service, Topic
from tests import make, sown
from tests.forms_engine.cases import catalogue

SEARCH, PAGE = 6, 8  # most queries of a page, whatever the number of services


@pytest.fixture(autouse=True)
def seeded(db) -> None:
    sown.directory()
    make.permit()  # one published form is enough here


def _queries(client, path) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def _many(count: int = 60) -> None:
    kvr = Organisation.objects.get(short="KVR")
    rows = [Service(slug=f"probe-{n}", title=f"Parkausweis Probe {n}", organisation=kvr) for n in range(count)]
    search_index.refresh(Service.objects.bulk_create(rows))


def test_an_everyday_word_leads_to_the_service_and_says_why(client):
    page = client.get("/leistungen/?suche=Anwohnerparken").content.decode()
    assert page.index('href="/leistungen/bewohnerparkausweis/"') < page.index(
        'Gefunden: <span lang="de">„Anwohnerparken“'
    )
    assert "Online möglich" in page


@pytest.mark.parametrize(
    "path",
    ["?suche=parkausweis+für+bewohner", "?suche=qqqq", "?suche=parken&online=1", "?buchstabe=P", "", "?online=1"],
)
@pytest.mark.sample(3)
def test_a_search_costs_the_same_whatever_the_size_of_the_directory(client, path):
    before = _queries(client, f"/leistungen/{path}")
    _many()
    assert _queries(client, f"/leistungen/{path}") <= max(before, 5) <= SEARCH


def test_a_service_page_costs_the_same_with_many_offices(client):
    service = Service.objects.get(slug="meldebescheinigung")
    assert _queries(client, "/leistungen/meldebescheinigung/") <= PAGE
    service.offices.set(Office.objects.all()[:1])
    assert _queries(client, "/leistungen/meldebescheinigung/") <= PAGE


def test_the_service_page_shows_the_place_its_hours_and_the_next_step(client):
    page = client.get("/leistungen/bewohnerparkausweis/").content.decode()
    assert 'href="/antrag/bewohnerparkausweis/"' in page and "Online beantragen" in page
    assert "Implerstraße 11" in page and "07:30–13:00" in page
    assert "99108001000000" in page and "8. Juni 2026" in page


@pytest.mark.parametrize(
    ("slug", "button", "account"),
    [
        ("bewohnerparkausweis", "Online beantragen", "ja, mit Konto"),
        ("maengelmeldung", "Online ausfüllen", "ja, ohne Konto"),
        ("umfrage-buergerbuero", "Zur Umfrage", "ja, ohne Konto"),
    ],
)
def test_the_service_page_says_whether_an_account_is_needed(client, slug, button, account):
    if slug != "bewohnerparkausweis":
        catalogue.publish(slug)
    page = client.get(f"/leistungen/{slug}/").content.decode()
    assert button in page and account in page
    assert ("Sie brauchen kein Konto." in page) == (account == "ja, ohne Konto")


def test_without_a_published_form_nothing_says_online(client):
    Service.objects.filter(slug="meldebescheinigung").update(form_slug="gibt-es-nicht")
    page = client.get("/leistungen/meldebescheinigung/").content.decode()
    assert "Online beantragen" not in page
    listed = client.get("/leistungen/?online=1").content.decode()
    assert "/leistungen/bewohnerparkausweis/" in listed and "/leistungen/meldebescheinigung/" not in listed


def test_what_is_not_public_is_shown_nowhere(client):
    Service.objects.filter(slug="bewohnerparkausweis").update(public=False)
    assert client.get("/leistungen/bewohnerparkausweis/").status_code == 404
    shown = ("/leistungen/?suche=bewohnerparkausweis", "/leistungen/?buchstabe=B", "/leistungen/?online=1")
    for path in (
        *shown,
        "/themen/parken-und-verkehr/",
        "/lebenslagen/umzug/",
        "/dienststellen/parkausweise/",
        "/auskunft/?frage=Bewohnerparkausweis",
    ):
        assert 'href="/leistungen/bewohnerparkausweis/' not in client.get(path).content.decode().split("<footer")[0]
    suggested = client.get("/leistungen/vorschlaege/?suche=bewohnerparkausweis").json()
    assert "/leistungen/bewohnerparkausweis/" not in {row["url"] for row in suggested}


def test_an_office_that_is_not_public_is_not_shown(client):
    Office.objects.filter(slug="parkausweise").update(public=False)
    assert client.get("/dienststellen/parkausweise/").status_code == 404
    assert "Implerstraße 11" not in client.get("/leistungen/bewohnerparkausweis/").content.decode()


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "a%00b", "%F0%9F%90%95", "%22%3E%3Cscript%3E", "' or 1=1 --", "%25%25", "%ED%B0%80"]
)
@pytest.mark.sample(3)
def test_no_search_breaks_the_page(client, text):
    for path in (
        "/leistungen/?suche=",
        "/leistungen/vorschlaege/?suche=",
        "/auskunft/?frage=",
        "/leistungen/?buchstabe=",
    ):
        response = client.get(path + text)
        assert response.status_code == 200
        assert "<script>" not in response.content.decode()


def test_an_empty_search_says_what_to_do_and_is_noted_without_the_person(client):
    page = client.get("/leistungen/?suche=Zeppelinlandung Maria Huber 0151 2345").content.decode()
    assert "Nichts gefunden" in page and 'href="tel:115"' in page
    client.get("/leistungen/?suche=Zeppelinlandung Maria Huber 0151 2345")
    row = EmptySearch.objects.get()
    assert (row.text, row.count) == ("Zeppelinlandung …", 2)


def test_suggestions_are_kept_by_the_browser_only_and_limited(client):
    cache.clear()
    answers = [client.get("/leistungen/vorschlaege/?suche=zz") for _ in range(121)]
    assert answers[0]["Cache-Control"] == "private, max-age=60"
    assert [answer.status_code for answer in answers] == [200] * 120 + [429]
    cache.clear()


def test_signs_that_nobody_sees_do_not_hide_a_word(client):
    page = client.get("/leistungen/?suche=%E2%80%AEPer%C2%ADso%E2%80%8F").content.decode()
    assert "Suche nach „Perso“" in page and 'href="/leistungen/personalausweis/"' in page


def test_suggestions_are_titles_with_their_addresses(client):
    rows = client.get("/leistungen/vorschlaege/?suche=bewoh").json()
    assert rows[0] == {"title": "Bewohnerparkausweis", "url": "/leistungen/bewohnerparkausweis/"}
    client.get("/leistungen/vorschlaege/?suche=qqqqq")
    assert not EmptySearch.objects.exists()


def test_letters_fold_umlauts_and_gather_the_rest(client):
    kvr = Organisation.objects.get(short="KVR")
    Service.objects.create(slug="aenderung", title="Änderung", organisation=kvr)
    Service.objects.create(slug="zahl", title="115 anrufen", organisation=kvr)
    assert "/leistungen/aenderung/" in client.get("/leistungen/?buchstabe=a").content.decode()
    assert "/leistungen/zahl/" in client.get("/leistungen/?buchstabe=%23").content.decode()


def test_topics_and_life_events_lead_to_services(client):
    assert "/leistungen/bewohnerparkausweis/" in client.get("/themen/parken-und-verkehr/").content.decode()
    assert "/leistungen/bewohnerparkausweis/" in client.get("/lebenslagen/umzug/").content.decode()
    assert client.get("/themen/gibt-es-nicht/").status_code == 404
    Topic.objects.create(slug="leer", title="Leer")
    assert "noch nichts eingetragen" in client.get("/themen/leer/").content.decode()
    ways = client.get("/leistungen/").content.decode()
    assert "/themen/parken-und-verkehr/" in ways and "/themen/leer/" not in ways


def test_the_command_ranks_and_says_why(capsys):
    call_command("services_search", "Anwohnerparken", "--json")
    first = json.loads(capsys.readouterr().out)[0]
    assert (first["rank"], first["id"], first["name"]) == (1, "1072043", "Bewohnerparkausweis")
    assert first["why"] == "„Anwohnerparken“ bedeutet „Bewohnerparkausweis“ im Titel"
