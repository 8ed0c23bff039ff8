"""Editors keep the master data; two wrong rows at once are told, not crashed on."""

import re

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.directory import empty_searches, search_index
from portal.directory.models import EmptySearch, Office, Service, Topic
from portal.directory.search import search

pytestmark = pytest.mark.django_db
ROW = {"weekday": "1", "opens": "08:00", "closes": "12:00"}


@pytest.fixture
def editor(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("edda@stadt.invalid", "ein gutes Kennwort"))
    return client


def _data(office, *rows):
    data = {name: getattr(office, name) for name in ("slug", "name", "street", "postcode", "place")}
    data |= {"organisation": office.organisation_id, "closures-TOTAL_FORMS": 0, "closures-INITIAL_FORMS": 0}
    data |= {"hours-TOTAL_FORMS": len(rows), "hours-INITIAL_FORMS": 0}
    return data | {f"hours-{i}-{name}": value for i, row in enumerate(rows) for name, value in row.items()}


def _save(editor, office, *rows):
    return editor.post(f"/verwaltung/directory/office/{office.id}/change/", _data(office, *rows))


def test_hours_are_saved(editor, office):
    assert _save(editor, office, ROW).status_code == 302
    assert office.hours.filter(weekday=1).count() == 1


def test_a_new_office_gets_its_hours_at_once(editor, office):
    data = _data(office, ROW) | {"slug": "neu", "name": "Neue Stelle"}
    assert editor.post("/verwaltung/directory/office/add/", data).status_code == 302
    assert Office.objects.get(slug="neu").hours.count() == 1


def test_two_new_rows_that_overlap_are_told(editor, office):
    response = _save(editor, office, ROW, ROW | {"opens": "11:00", "closes": "13:00"})
    assert "Zwei Öffnungszeiten desselben Tages überschneiden sich" in response.content.decode()
    assert office.hours.filter(weekday=1).count() == 0


def test_a_row_that_overlaps_a_saved_one_is_told(editor, office):
    response = _save(editor, office, ROW | {"weekday": "0"})
    assert "Zwei Öffnungszeiten desselben Tages überschneiden sich" in response.content.decode()
    assert office.hours.count() == 2


@pytest.mark.parametrize("model", ["organisation", "office", "closure", "service"])
def test_every_list_and_form_opens(editor, office, model):
    assert editor.get(f"/verwaltung/directory/{model}/").status_code == 200
    assert editor.get(f"/verwaltung/directory/{model}/add/").status_code == 200


def test_citizens_stay_outside(alice, office):
    client = Client()
    client.force_login(alice)
    assert client.get(f"/verwaltung/directory/office/{office.id}/change/").status_code == 302
    assert Office.objects.count() == 1


def test_a_saved_service_is_cleaned_and_found(editor, kvr):
    service = Service.objects.create(slug="s", title="Alt", organisation=kvr)
    data = {
        "title": "Drohne",
        "slug": "s",
        "organisation": kvr.pk,
        "public": "on",
        "description": "<p onclick=x>Text</p>",
    }
    response = editor.post(f"/verwaltung/directory/service/{service.pk}/change/", data | {"links": "[]"})
    assert response.status_code == 302
    assert search("Drohnen").hits[0].service.description == "<p>Text</p>"


def test_one_click_makes_a_synonym_of_a_search_in_vain(editor, kvr):
    service = Service.objects.create(slug="s", title="Verwarnung", organisation=kvr)
    search_index.refresh([service])
    empty_searches.note("Strafzettel")
    page = editor.get("/verwaltung/directory/emptysearch/").content.decode()
    assert "/verwaltung/directory/synonym/add/?term=Strafzettel" in page
    form = editor.get("/verwaltung/directory/synonym/add/?term=Strafzettel").content.decode()
    assert 'value="Strafzettel"' in form
    editor.post("/verwaltung/directory/synonym/add/", {"term": "Strafzettel", "meaning": "Verwarnung"})
    assert search("Strafzettel").hits[0].service == service
    assert not EmptySearch.objects.exists()


def _topic(editor, services: str):
    data = {"title": "Hunde", "slug": "hunde", "order": 1, "services": services}
    return editor.post("/verwaltung/directory/topic/add/", data)


def test_a_topic_gets_its_services_by_their_slugs_one_a_line(editor, office):
    for slug in ("steuer", "leine"):
        Service.objects.create(slug=slug, title=slug.title(), organisation=office.organisation)
    assert _topic(editor, " steuer\r\n\r\nleine\r\nsteuer").status_code == 302
    topic = Topic.objects.get(slug="hunde")
    assert set(topic.services.values_list("slug", flat=True)) == {"steuer", "leine"}
    page = editor.get(f"/verwaltung/directory/topic/{topic.pk}/change/").content.decode()
    assert re.search(r"<textarea[^>]*>\s*leine\s+steuer</textarea>", page)


@pytest.mark.parametrize("slug", ["katze", "ste\0uer", "x" * 3000])
def test_an_unknown_slug_is_named_kept_and_stores_nothing(editor, office, slug):
    Service.objects.create(slug="steuer", title="Steuer", organisation=office.organisation)
    answer = _topic(editor, f"steuer\n{slug}").content.decode()
    assert ("gibt es nicht" in answer or "Nullzeichen" in answer) and "steuer\n" in answer
    assert not Topic.objects.filter(slug="hunde").exists()
