"""Counters and offerings can be edited; appointments can only be looked at."""

import pytest
from django.test import Client

from appointments.models import Appointment
from appointments.states import State
from portal.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now")]


@pytest.fixture
def editor(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("edda@stadt.invalid", "ein gutes Kennwort"))
    return client


@pytest.mark.parametrize("page", ["counter/", "counter/add/", "offering/", "offering/add/", "appointment/"])
def test_lists_and_forms_open(editor, book, monday, page):
    book(monday(9))
    assert editor.get(f"/verwaltung/appointments/{page}").status_code == 200


def test_not_even_the_highest_role_writes_a_state(editor, book, monday):
    path = f"/verwaltung/appointments/appointment/{book(monday(9)).pk}"
    assert editor.get(f"{path}/change/").status_code == 200
    assert editor.post(f"{path}/change/", {"state": "cancelled"}).status_code == 403
    assert editor.post(f"{path}/delete/", {"post": "yes"}).status_code == 403
    assert Appointment.objects.get().state == State.BOOKED


@pytest.mark.parametrize("minutes", ["0", "4", "481"])
def test_an_impossible_length_is_told(editor, offering, minutes):
    data = {"office": offering.office_id, "slug": "x", "title": "X", "minutes": minutes, "lead_minutes": 0}
    response = editor.post("/verwaltung/appointments/offering/add/", data | {"horizon_days": 10})
    assert response.status_code == 200
    assert offering.office.offerings.count() == 1
