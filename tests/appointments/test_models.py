"""What the database refuses, whoever writes: these tests go around the actions."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from appointments.models import Appointment, AppointmentEvent, Counter, Offering
from appointments.states import State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now")]


def _insert(offering, holder, start, minutes=15, **fields):
    counter = Counter.objects.get(office=offering.office, number=fields.pop("number_of_counter", 1))
    values = {"subject": f"case:{start}", "idempotency_key": str(start), "number": "1-1"} | fields
    during = (start, start + dt.timedelta(minutes=minutes))
    return Appointment.objects.create(offering=offering, counter=counter, holder=holder, during=during, **values)


@pytest.mark.parametrize("shift", [-14, 0, 14])
@pytest.mark.parametrize("state", [State.BOOKED, State.ELAPSED])
def test_a_double_booking_is_refused_to_the_minute(offering, alice, bob, monday, shift, state):
    _insert(offering, alice, monday(9), state=state)
    with pytest.raises(IntegrityError, match="appointment_no_double_booking"), transaction.atomic():
        _insert(offering, bob, monday(9) + dt.timedelta(minutes=shift))
    assert Appointment.objects.count() == 1


def test_neighbours_other_counters_and_freed_times_are_fine(three_counters, alice, monday):
    _insert(three_counters, alice, monday(9))
    _insert(three_counters, alice, monday(9, 15))
    _insert(three_counters, alice, monday(9), number_of_counter=2, subject="a", idempotency_key="a")
    Appointment.objects.filter(subject="a").update(state=State.CANCELLED)
    _insert(three_counters, alice, monday(9), number_of_counter=2, subject="b", idempotency_key="b")
    assert Appointment.objects.occupying().count() == 3


def test_a_cancelled_appointment_cannot_come_back_over_another(offering, alice, bob, monday):
    old = _insert(offering, alice, monday(9), state=State.CANCELLED)
    _insert(offering, bob, monday(9, 5))
    with pytest.raises(IntegrityError, match="appointment_no_double_booking"), transaction.atomic():
        Appointment.objects.filter(pk=old.pk).update(state=State.BOOKED)
    assert Appointment.objects.get(pk=old.pk).state == State.CANCELLED


def test_a_subject_has_one_live_appointment_per_offering(offering, alice, monday):
    _insert(offering, alice, monday(9), subject="case:1")
    with pytest.raises(IntegrityError, match="appointment_one_live_per_subject"), transaction.atomic():
        _insert(offering, alice, monday(10), subject="case:1")
    Appointment.objects.update(state=State.CANCELLED)
    _insert(offering, alice, monday(10), subject="case:1")


def test_a_key_books_once_even_after_it_was_cancelled(offering, alice, monday):
    _insert(offering, alice, monday(9), subject="case:1", idempotency_key="k", state=State.CANCELLED)
    with pytest.raises(IntegrityError, match="appointment_one_per_key"), transaction.atomic():
        _insert(offering, alice, monday(10), subject="case:1", idempotency_key="k")


@pytest.mark.parametrize("during", ["empty", "[2026-11-30,)", "(,2026-11-30)", "(2026-11-30,2026-12-01)"])
def test_a_time_is_a_stretch_with_a_start_and_an_end(offering, alice, monday, during):
    appointment = _insert(offering, alice, monday(9))
    with (
        pytest.raises(IntegrityError, match="appointment_during_is_a_stretch"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("update appointments_appointment set during = %s::tstzrange", [during])
    appointment.refresh_from_db()
    assert appointment.starts == monday(9)


@pytest.mark.parametrize(
    ("model", "values", "name"),
    [
        (Appointment, {"state": "lost"}, "appointment_state_known"),
        (Offering, {"minutes": 4}, "offering_minutes_5_to_480"),
        (Offering, {"horizon_days": 0}, "offering_horizon_1_to_365"),
        (Counter, {"number": 0}, "counter_number_from_1"),
        (Counter, {"number": 2}, "counter_number_once_per_office"),
    ],
)
def test_values_out_of_range_are_refused(three_counters, alice, monday, model, values, name):
    _insert(three_counters, alice, monday(9))
    rows = model.objects.filter(number=1) if name == "counter_number_once_per_office" else model.objects.all()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        rows.update(**values)


def test_an_offering_exists_once_per_office(offering):
    with pytest.raises(IntegrityError, match="offering_slug_once_per_office"), transaction.atomic():
        Offering.objects.create(office=offering.office, slug=offering.slug, title="X", minutes=15)


@pytest.mark.parametrize(
    "statement", ["update appointments_appointmentevent set actor = 'x'", "delete from appointments_appointmentevent"]
)
def test_events_are_never_changed(book, monday, statement):
    book(monday(9))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AppointmentEvent.objects.exclude(actor="x").count() == 1


def test_an_unknown_event_is_refused(book, monday):
    appointment = book(monday(9))
    with pytest.raises(IntegrityError, match="appointment_event_kind_known"), transaction.atomic():
        AppointmentEvent.objects.create(
            appointment=appointment, kind="lost", actor="x", counter_number=1, during=appointment.during
        )
