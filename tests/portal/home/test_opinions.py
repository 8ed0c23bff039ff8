"""Was the page helpful: one click, a sentence if somebody likes, nothing about the person."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.directory.models import Opinion, Organisation, Service
from tests.portal.home.test_pages import check

pytestmark = pytest.mark.django_db
ADDRESS = "/leistungen/hund/hilfreich/"


@pytest.fixture(autouse=True)
def hund(db) -> Service:
    cache.clear()
    kvr = Organisation.objects.create(short="KVR", name="Kreisverwaltungsreferat")
    return Service.objects.create(slug="hund", title="Hund anmelden", organisation=kvr)


def test_one_click_counts_and_works_without_a_token(client, hund):
    strict = Client(enforce_csrf_checks=True)
    assert "Waren die Informationen hilfreich?" in check(strict.get("/leistungen/hund/"))
    sent = strict.post(ADDRESS, {"hilfreich": "ja"})
    assert "Danke für Ihre Rückmeldung" in check(strict.get(sent["Location"]))
    assert list(Opinion.objects.values_list("service", "helpful", "sentence")) == [(hund.pk, True, "")]


def test_a_sentence_is_added_once_and_without_the_person(client):
    where = client.post(ADDRESS, {"hilfreich": "nein"})["Location"]
    ticket = client.get(where).context["form"].initial["opinion"]
    for sentence in ("Die Gebühr fehlt, schreiben Sie an bob@stadt.invalid", "Noch einer"):
        client.post("/leistungen/hund/hilfreich/danke/", {"sentence": sentence, "opinion": ticket})
    assert Opinion.objects.get().sentence == "Die Gebühr fehlt, schreiben Sie an …"


@pytest.mark.parametrize("ticket", ["", "1", "1:2:3"])
def test_a_made_up_ticket_changes_nothing(client, hund, ticket):
    Opinion.objects.create(service=hund, helpful=True)
    client.post("/leistungen/hund/hilfreich/danke/", {"sentence": "Fremd", "opinion": ticket})
    assert Opinion.objects.get().sentence == ""


def test_other_sites_cannot_click_for_people(client):
    assert client.post(ADDRESS, {"hilfreich": "ja"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.get(ADDRESS).status_code == 405 and not Opinion.objects.exists()


def test_nonsense_and_a_flood_are_not_counted(client):
    assert client.post(ADDRESS, {"hilfreich": "vielleicht"})["Location"] == "/leistungen/hund/"
    answers = [client.post(ADDRESS, {"hilfreich": "ja"}).status_code for _ in range(7)]
    assert answers == [302] * 6 + [429] and Opinion.objects.count() == 6


def test_editors_see_the_share_of_each_service_and_the_sentences(client, hund, clara):
    Opinion.objects.create(service=hund, helpful=True)
    Opinion.objects.create(service=hund, helpful=False, sentence="Die Gebühr fehlt")
    clara.is_superuser = True
    clara.save()
    client.force_login(clara, backend="django.contrib.auth.backends.ModelBackend")
    assert "1 von 2" in client.get(reverse("admin:directory_service_changelist")).content.decode()
    assert "Die Gebühr fehlt" in client.get(reverse("admin:directory_opinion_changelist")).content.decode()
