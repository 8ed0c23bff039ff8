"""A time for a service without an application before it."""

import pytest

from appointments import actions, queries
from appointments.models import Appointment, Offering
from portal.common import clock
from portal.directory.models import Service
from tests import sown
from tests.portal.home.test_pages import check

pytestmark = pytest.mark.django_db
WHERE, WHEN = "/leistungen/meldebescheinigung/termin/", "/leistungen/meldebescheinigung/termin/buergerbuero-pasing/"


@pytest.fixture(autouse=True)
def seeded(db) -> None:
    sown.directory()
    actions.seed_demo()
    Service.objects.filter(slug="meldebescheinigung").update(form_slug="")  # with a form the time is booked there


def _first_free() -> str:
    offering = Offering.objects.get(slug="meldebescheinigung", office__slug="buergerbuero-pasing")
    return queries.free_starts(offering, clock.today(), offering.horizon_days)[0].isoformat()


@pytest.mark.slow
def test_the_page_of_the_service_leads_to_the_offices_and_to_a_booked_time(client, alice):
    assert f'href="{WHERE}"' in check(client.get("/leistungen/meldebescheinigung/"))
    assert f'href="{WHEN}"' in check(client.get(WHERE))
    assert client.get(WHEN)["Location"].startswith("/konto/login/")
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    check(client.get(WHEN))
    booked = client.post(WHEN, {"start": _first_free(), "key": "a"})
    assert "Ihr Termin ist gebucht" in check(client.get(booked["Location"]))
    assert Appointment.objects.get().holder == alice
    assert client.get(WHEN)["Location"] == booked["Location"]


@pytest.mark.slow
def test_two_people_book_the_same_service_and_each_has_one(client, alice, bob):
    for person in (alice, bob):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        for key in ("a", "b"):
            client.post(WHEN, {"start": _first_free(), "key": key})
    assert Appointment.objects.filter(holder=alice).count() == Appointment.objects.filter(holder=bob).count() == 1


def test_without_an_offer_the_page_says_so_honestly(client):
    assert "lässt sich hier kein Termin buchen" in check(client.get("/leistungen/fuehrungszeugnis/termin/"))
    Offering.objects.filter(slug="meldebescheinigung").update(active=False)
    assert "lässt sich hier kein Termin buchen" in check(client.get(WHERE))
    assert WHERE not in client.get("/leistungen/meldebescheinigung/").content.decode()


def test_an_office_that_does_not_offer_it_is_not_there(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/leistungen/meldebescheinigung/termin/parkausweise/").status_code == 404


def test_what_is_no_longer_offered_cannot_be_booked(client):
    Service.objects.filter(slug="meldebescheinigung").update(retired_on=clock.today())
    assert client.get(WHERE).status_code == 404
    page = check(client.get("/leistungen/meldebescheinigung/"))
    assert "nicht mehr an" in page and WHERE not in page
