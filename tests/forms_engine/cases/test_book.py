"""An appointment to show documents, booked from the case."""

import pytest
from django.test import Client

from appointments import actions as appointments
from appointments import queries as slots
from appointments.models import Appointment, Counter
from forms_engine.cases.models import Case
from portal.common import clock
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(alice):
    make.catalogue()
    case = make.case(alice)
    client = Client()
    client.force_login(alice)
    client.path = f"/vorgaenge/{case.public_id}/termin/"
    return client


@pytest.fixture
def starts(page):
    return slots.free_starts(appointments.seed_demo(), clock.today(), 60)


@pytest.mark.slow
def test_a_chosen_time_is_booked_and_stands_in_the_case(page, starts):
    assert '<span class="kern-label">Termin buchen</span>' in page.get(page.path).content.decode()
    response = page.post(page.path, {"start": starts[0].isoformat(), "key": "k"})
    made = Appointment.objects.get()
    assert response.url == f"/termine/{made.public_id}/"
    assert (Case.objects.get().appointment, made.subject) == (made, Case.objects.get().thread)
    assert page.get(page.path).url == response.url


@pytest.mark.slow
def test_a_double_click_books_once(page, starts):
    for _ in range(2):
        assert page.post(page.path, {"start": starts[0].isoformat(), "key": "k"}).status_code == 302
    assert Appointment.objects.count() == 1
    assert Case.objects.get().events.filter(kind="appointment_booked").count() == 1


@pytest.mark.slow
def test_a_taken_time_is_answered_with_the_next_free_ones(page, starts, bob):
    offering = appointments.seed_demo()
    Counter.objects.filter(number__gt=1).update(active=False)
    appointments.book(offering=offering, start=starts[0], holder=bob, subject="case:b", idempotency_key="k")
    response = page.post(page.path, {"start": starts[0].isoformat(), "key": "k"})
    assert response.status_code == 422
    assert "Diese Zeit hat gerade jemand anderes gebucht." in response.content.decode()
    assert "Die nächsten freien Termine" in response.content.decode()
    assert Case.objects.get().appointment is None


@pytest.mark.slow
def test_moves_and_cancellations_are_told_in_the_case(page, starts, alice):
    page.post(page.path, {"start": starts[0].isoformat(), "key": "k"})
    appointments.rebook(Appointment.objects.get(), start=starts[4], by=alice)
    appointments.cancel(Appointment.objects.get(), by=alice)
    make.drain()
    case = Case.objects.get()
    kinds = list(case.events.filter(kind__startswith="appointment").order_by("id").values_list("kind", flat=True))
    assert kinds == ["appointment_booked", "appointment_moved", "appointment_cancelled"]
    assert case.appointment is None


def test_where_nobody_offers_it_there_is_no_page(alice):
    case = make.case(alice)
    client = Client()
    client.force_login(alice)
    assert client.get(f"/vorgaenge/{case.public_id}/termin/").status_code == 404
