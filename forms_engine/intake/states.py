"""Where something that arrived stands. received = filed + waiting + set aside + duplicates, at every moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from portal.common import clock

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from forms_engine.intake.models import InboundItem


class State(models.TextChoices):
    RECEIVED = "received", "eingegangen"  # raw bytes are stored, nobody has looked at them
    PARSED = "parsed", "zerlegt"  # its parts wait for their scan
    TRIAGE = "triage", "zu sichten"
    QUARANTINED = "quarantined", "in Quarantäne"
    FILED = "filed", "abgelegt"
    DUPLICATE = "duplicate", "doppelt"
    SET_ASIDE = "set_aside", "aussortiert"


ALLOWED: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.PARSED, State.TRIAGE, State.QUARANTINED}),
    State.PARSED: frozenset({State.FILED, State.TRIAGE, State.QUARANTINED}),
    State.TRIAGE: frozenset({State.FILED, State.SET_ASIDE}),
    State.QUARANTINED: frozenset({State.RECEIVED, State.PARSED, State.SET_ASIDE}),  # back to work: a false alarm
    State.SET_ASIDE: frozenset({State.TRIAGE}),  # somebody looked again
    State.FILED: frozenset(),
    State.DUPLICATE: frozenset(),
}
AT_WORK = frozenset({State.RECEIVED, State.PARSED})
WAITING = AT_WORK | {State.TRIAGE, State.QUARANTINED}


class IllegalTransition(Exception):
    """The item is not where the caller believed. Nothing was changed."""


def advance(item: QuerySet[InboundItem], to: State, **facts: Any) -> bool:
    """Move the one item of this query to `to`, with `facts` about the step. The only writer of a state.

    True when this call moved it, False when it stands there already. Raises IllegalTransition.
    """
    origins = [state for state, following in ALLOWED.items() if to in following]
    if item.filter(state__in=origins).update(state=to, changed_at=clock.now(), **facts):
        return True
    if item.filter(state=to).exists():
        return False
    raise IllegalTransition(f"not from here to {to}")
