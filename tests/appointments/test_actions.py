"""Booking, moving, cancelling: what is refused changes nothing, what is repeated happens once."""

import datetime as dt

import pytest
from django.db import transaction

from appointments import actions, queries
from appointments.models import Appointment, AppointmentEvent, Counter, Offering
from appointments.states import State
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.directory.actions import seed_munich
from portal.directory.models import Closure, Office, OpeningHours
from portal.outbox.models import OutboxMessage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now")]


def _told() -> list[tuple[str, str]]:
    return list(OutboxMessage.objects.order_by("id").values_list("topic", "key"))


def _nothing_happened() -> bool:
    return not (Appointment.objects.exists() or OutboxMessage.objects.exists() or AppointmentEvent.objects.exists())


def test_a_booking_is_a_row_an_event_and_an_entry(book, monday, alice):
    appointment = book(monday(9, 30))
    assert (appointment.starts, appointment.ends) == (monday(9, 30), monday(9, 45))
    assert (appointment.number, appointment.counter.number) == ("1-114", 1)
    assert _told() == []
    entry = AuditEntry.objects.get(action="appointment.booked")
    assert (entry.actor, entry.subject) == (str(alice.public_id), f"appointment:{appointment.public_id}")
    assert appointment.events.get().kind == "booked"


def test_the_same_key_gives_the_same_appointment(book, monday):
    first = book(monday(9), key="k")
    assert book(monday(9), key="k") == first
    assert book(monday(10), key="k") == first
    assert Appointment.objects.get().events.count() == 1


def test_the_same_key_still_answers_when_the_time_is_over(book, monday):
    first = book(monday(9), key="k")
    with clock.frozen(monday(11)):
        assert book(monday(9), key="k") == first


def test_a_copied_key_opens_no_foreign_appointment(book, monday, bob):
    first = book(monday(9), key="k")
    assert book(monday(10), bob, "case:2", key="k") != first


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        ((6, 45), "schon vorbei"),
        ((7, 45), "beginnt zu bald"),
        ((12, 0), "Zu dieser Zeit ist die Dienststelle geschlossen"),
        ((11, 50), "Wählen Sie eine Zeit aus der Liste"),
        ((9, 7), "Wählen Sie eine Zeit aus der Liste"),
        ((9, 0, 5), "Zu dieser Zeit ist die Dienststelle geschlossen"),  # Saturday
        ((9, 0, 61), "So weit im Voraus"),
        ((9, 0, 37), "An diesem Tag ist die Dienststelle geschlossen"),  # Heilige Drei Könige
        ((9, 0, 1), "An diesem Tag ist die Dienststelle geschlossen"),  # closure
    ],
)
def test_times_that_are_not_offered_are_refused_with_a_sentence(book, monday, office, start, sentence):
    day = monday(9, 0, 1).date()
    Closure.objects.create(office=office, first_day=day, last_day=day, reason="Umzug")
    with pytest.raises(actions.NotOffered, match=sentence):
        book(monday(*start))
    assert _nothing_happened()


def test_an_offering_that_is_switched_off_takes_nobody(book, monday, offering):
    offering.active = False
    with pytest.raises(actions.NotOffered, match="zurzeit keine Termine"):
        book(monday(9))
    assert _nothing_happened()


def test_a_taken_time_comes_with_the_five_nearest_free_ones(book, monday, bob):
    book(monday(9))
    with pytest.raises(actions.SlotTaken) as refused:
        book(monday(9), bob, "case:2")
    assert refused.value.alternatives == [monday(8, 15), monday(8, 30), monday(8, 45), monday(9, 15), monday(9, 30)]
    assert Appointment.objects.count() == 1


def test_the_nearest_times_may_lie_on_the_day_before(book, monday, bob):
    OpeningHours.objects.filter(weekday=1).update(closes=dt.time(8, 15))
    book(monday(8, 0, 1))
    with pytest.raises(actions.SlotTaken) as refused:
        book(monday(8, 0, 1), bob, "case:2")
    assert refused.value.alternatives == [monday(10, 45) + dt.timedelta(minutes=15 * n) for n in range(5)]


def test_alternatives_are_sought_in_the_whole_period_when_the_weeks_around_are_full(book, monday, bob, office):
    first, last = monday(9, 0, 1).date(), monday(9, 0, 30).date()
    Closure.objects.create(office=office, first_day=first, last_day=last, reason="Umzug")
    for quarter in range(12):
        book(monday(9) + dt.timedelta(minutes=15 * quarter), subject=f"case:{quarter}")
    with pytest.raises(actions.SlotTaken) as refused:
        book(monday(11), bob, "case:b")
    assert refused.value.alternatives[:4] == [monday(8), monday(8, 15), monday(8, 30), monday(8, 45)]
    assert refused.value.alternatives[4].date() > last


def test_counters_are_filled_in_the_order_of_their_numbers(three_counters, book, monday):
    numbers = [book(monday(9), subject=f"case:{n}").counter.number for n in range(3)]
    assert numbers == [1, 2, 3]
    with pytest.raises(actions.SlotTaken):
        book(monday(9), subject="case:4")


def test_a_closed_counter_takes_no_new_appointment(three_counters, book, monday):
    Counter.objects.filter(number__lt=3).update(active=False)
    assert book(monday(9)).counter.number == 3


def test_a_second_appointment_for_one_subject_is_refused_and_named(book, monday):
    first = book(monday(9))
    with pytest.raises(actions.AlreadyBooked) as refused:
        book(monday(10))
    assert refused.value.appointment == first
    assert Appointment.objects.count() == 1


def test_an_appointment_that_is_over_makes_room(book, monday):
    first = book(monday(9))
    with clock.frozen(monday(11, 0)):
        second = book(monday(9, 0, 1))
    first.refresh_from_db()
    assert (first.state, second.state) == (State.ELAPSED, State.BOOKED)
    assert first.events.last().actor == "system:appointments"


def test_a_refusal_leaves_the_callers_transaction_whole(book, monday, bob):
    book(monday(9))
    with transaction.atomic():
        with pytest.raises(actions.SlotTaken):
            book(monday(9), bob, "case:2")
        book(monday(10), bob, "case:2")
    assert Appointment.objects.count() == 2


def test_a_failing_caller_takes_the_booking_along(book, monday):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        book(monday(9))
        _ = 1 / 0
    assert _nothing_happened()


def test_the_holder_cancels_once(book, monday, alice):
    appointment = book(monday(9))
    assert actions.cancel(appointment, by=alice)
    assert not actions.cancel(appointment, by=alice)
    assert (appointment.state, appointment.version) == (State.CANCELLED, 1)
    assert _told() == [("appointment.cancelled", str(appointment.public_id))]


def test_a_cancelled_time_is_free_at_once(book, monday, alice, bob):
    actions.cancel(book(monday(9)), by=alice)
    assert book(monday(9), bob, "case:2").state == State.BOOKED


def test_the_office_withdraws(book, monday, clara):
    appointment = book(monday(9))
    actions.cancel(appointment, by=clara)
    assert appointment.state == State.WITHDRAWN
    assert _told() == [("appointment.cancelled", str(appointment.public_id))]


def test_an_appointment_that_has_begun_can_neither_be_cancelled_nor_moved(book, monday, alice):
    appointment = book(monday(9))
    with clock.frozen(monday(9)):
        with pytest.raises(actions.TooLate):
            actions.cancel(appointment, by=alice)
        with pytest.raises(actions.TooLate):
            actions.rebook(appointment, start=monday(11), by=alice)
    assert Appointment.objects.get().state == State.BOOKED
    assert _told() == []


def test_a_move_keeps_the_appointment_and_frees_the_old_time(book, monday, alice, bob):
    old = book(monday(9))
    new = actions.rebook(old, start=monday(10), by=alice)
    assert (new.public_id, new.starts, new.number, new.version) == (old.public_id, monday(10), "1-120", 1)
    assert book(monday(9), bob, "case:2")
    assert [event.kind for event in new.events.all()] == ["booked", "moved"]
    assert _told() == [("appointment.moved", str(new.public_id))]


def test_a_move_to_a_taken_time_leaves_the_old_one(book, monday, alice, bob):
    mine = book(monday(9))
    book(monday(10), bob, "case:2")
    with pytest.raises(actions.SlotTaken) as refused:
        actions.rebook(mine, start=monday(10), by=alice)
    mine.refresh_from_db()
    assert mine.starts == monday(9)
    assert monday(9) not in refused.value.alternatives
    assert monday(9, 45) in refused.value.alternatives


def test_a_move_to_the_same_time_changes_nothing(book, monday, alice):
    mine = book(monday(9))
    assert actions.rebook(mine, start=monday(9), by=alice).version == 0
    assert _told() == []


def test_a_longer_appointment_may_move_into_its_own_shadow(book, monday, alice, offering):
    mine = book(monday(9))
    Appointment.objects.update(during=(monday(9, 10), monday(9, 25)))  # booked under an older grid
    assert actions.rebook(mine, start=monday(9, 15), by=alice).starts == monday(9, 15)


def test_a_move_out_of_hours_is_refused(book, monday, alice):
    mine = book(monday(9))
    with pytest.raises(actions.NotOffered):
        actions.rebook(mine, start=monday(13), by=alice)
    mine.refresh_from_db()
    assert mine.starts == monday(9)


def test_a_cancelled_appointment_cannot_be_moved(book, monday, alice):
    mine = book(monday(9))
    actions.cancel(mine, by=alice)
    with pytest.raises(actions.TooLate):
        actions.rebook(mine, start=monday(10), by=alice)


def test_an_offering_is_ensured_once_and_keeps_what_editors_changed(office):
    make = {"office": office, "slug": "zeigen", "minutes": 15, "counters": 2}
    offering = actions.ensure_offering(title="Alt", **make)
    assert actions.ensure_offering(title="Neu", **make) == offering
    assert (Offering.objects.get().title, Counter.objects.count()) == ("Alt", 2)


def test_the_demo_has_three_counters_at_the_office_for_parking_permits():
    seed_munich()
    offering = actions.seed_demo()
    assert actions.seed_demo() == offering
    assert (offering.slug, offering.minutes, offering.office.slug) == ("unterlagen-zeigen", 15, "parkausweise")
    assert queries.free_counts(offering, clock.today(), 30)
    assert Office.objects.get(slug="parkausweise").counters.count() == 3


def test_with_the_look_before_gone_blind_the_constraint_leads_on_to_the_next_counter(
    three_counters, book, monday, monkeypatch
):
    every = list(Counter.objects.order_by("number").values_list("id", flat=True))
    monkeypatch.setattr(queries, "free_counters", lambda *_, **__: every)
    assert [book(monday(9), subject=f"case:{n}").counter.number for n in range(3)] == [1, 2, 3]
    with pytest.raises(actions.SlotTaken):
        book(monday(9), subject="case:4")
    assert Appointment.objects.count() == 3
