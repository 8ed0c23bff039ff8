"""The life of an appointment. advance() is the only writer of a state."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _lazy

from portal.common import clock

if TYPE_CHECKING:
    from appointments.models import Appointment


class State(models.TextChoices):
    BOOKED = "booked", "gebucht"
    CANCELLED = "cancelled", _lazy("von Ihnen abgesagt")
    WITHDRAWN = "withdrawn", _lazy("von der Dienststelle abgesagt")
    ELAPSED = "elapsed", "vorbei"


ALLOWED: dict[State, frozenset[State]] = {
    State.BOOKED: frozenset({State.CANCELLED, State.WITHDRAWN, State.ELAPSED}),
    State.CANCELLED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.ELAPSED: frozenset(),
}
# These keep a counter busy: the exclusion constraint counts them. An elapsed one still proves nobody was doubled.
OCCUPYING = (State.BOOKED, State.ELAPSED)


class IllegalMove(Exception):
    """The state machine knows no way from the one state to the other: a mistake in our code."""


def advance(appointment: "Appointment", to: State) -> bool:
    """Conditional update from the state the caller saw. False when someone else was faster; the row is refreshed."""
    if to not in ALLOWED[State(appointment.state)]:
        raise IllegalMove(f"{appointment.state} -> {to}")
    rows = type(appointment).objects.filter(pk=appointment.pk, state=appointment.state)
    changed = rows.update(state=to, version=F("version") + 1, changed_at=clock.now())
    appointment.refresh_from_db(fields=["state", "version", "changed_at"])
    return bool(changed)
