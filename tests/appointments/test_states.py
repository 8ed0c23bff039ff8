"""One writer of the state, and only along the allowed moves."""

import pytest

from appointments.models import Appointment
from appointments.states import ALLOWED, IllegalMove, State, advance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now")]


@pytest.mark.parametrize("to", sorted(ALLOWED[State.BOOKED]))
def test_every_allowed_move_is_written_and_counted(book, monday, to):
    appointment = book(monday(9))
    assert advance(appointment, to)
    assert (appointment.state, appointment.version) == (to, 1)


@pytest.mark.parametrize("state", [State.CANCELLED, State.WITHDRAWN, State.ELAPSED])
@pytest.mark.parametrize("to", State)
def test_no_way_leads_out_of_an_end(book, monday, state, to):
    appointment = book(monday(9))
    advance(appointment, state)
    with pytest.raises(IllegalMove):
        advance(appointment, to)
    assert Appointment.objects.get().state == state


def test_the_slower_of_two_sees_that_it_was_slower(book, monday):
    book(monday(9))
    fast, slow = Appointment.objects.get(), Appointment.objects.get()
    assert advance(fast, State.CANCELLED)
    assert not advance(slow, State.WITHDRAWN)
    assert slow.state == State.CANCELLED
