"""Where a case stands, what may follow, and what each status means to the citizen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

from portal.common import clock

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from forms_engine.cases.models import Case


class Status(models.TextChoices):
    AWAITING_PAYMENT = "awaiting_payment", _lazy("Zahlung offen")
    IN_REVIEW = "in_review", _lazy("In Prüfung")
    WAITING_FOR_CITIZEN = "waiting_for_citizen", _lazy("Sie sind am Zug")
    IN_APPROVAL = "in_approval", _lazy("In Prüfung")  # a second clerk has to sign
    DECIDED = "decided", _lazy("Entschieden")
    IN_REVISION = "in_revision", _lazy("Entschieden")  # a second clerk has to sign a new version of the decision
    CLOSED = "closed", _lazy("Abgeschlossen")
    DONE = "done", _lazy("Erledigt")  # answered: nothing was to be decided
    WITHDRAWN = "withdrawn", _lazy("Zurückgezogen")


ALLOWED: dict[Status, frozenset[Status]] = {
    Status.AWAITING_PAYMENT: frozenset({Status.IN_REVIEW, Status.WITHDRAWN}),
    Status.IN_REVIEW: frozenset(
        {Status.WAITING_FOR_CITIZEN, Status.IN_APPROVAL, Status.DECIDED, Status.DONE, Status.WITHDRAWN}
    ),
    Status.WAITING_FOR_CITIZEN: frozenset(
        {Status.IN_REVIEW, Status.IN_APPROVAL, Status.DECIDED, Status.DONE, Status.WITHDRAWN}
    ),
    Status.IN_APPROVAL: frozenset({Status.IN_REVIEW, Status.DECIDED, Status.WITHDRAWN}),
    # In review again: the decision is withdrawn unread (withdrawing.py).
    Status.DECIDED: frozenset({Status.CLOSED, Status.IN_REVISION, Status.IN_REVIEW}),
    Status.IN_REVISION: frozenset({Status.DECIDED, Status.CLOSED}),
    # A new version of the decision (revising.py), or as above.
    Status.CLOSED: frozenset({Status.DECIDED, Status.IN_REVISION, Status.IN_REVIEW}),
    Status.DONE: frozenset(),
    Status.WITHDRAWN: frozenset(),
}
FINAL = frozenset({Status.CLOSED, Status.DONE, Status.WITHDRAWN})
OPEN = frozenset(ALLOWED) - FINAL
REVISABLE = frozenset({Status.DECIDED, Status.CLOSED})
ENDED = FINAL | {Status.DECIDED}  # for the clerks: nothing is left to judge, even if the letter is on its way
DECIDABLE = frozenset(status for status, following in ALLOWED.items() if Status.DONE in following)  # by the first clerk
TO_SIGN = frozenset({Status.IN_APPROVAL, Status.IN_REVISION})  # by the second clerk
WITHDRAWABLE = frozenset(status for status, following in ALLOWED.items() if Status.WITHDRAWN in following)


@dataclass(frozen=True)
class Meaning:
    """One plain sentence for the citizen, and who acts next: „Sie“, „Wir“ or nobody."""

    sentence: StrOrPromise
    next_actor: str


MEANING: dict[Status, Meaning] = {
    Status.AWAITING_PAYMENT: Meaning(_lazy("Ihr Antrag ist da. Wir prüfen ihn, sobald die Gebühr bezahlt ist."), "Sie"),
    Status.IN_REVIEW: Meaning(_lazy("Wir prüfen Ihren Antrag. Sie müssen im Moment nichts tun."), "Wir"),
    Status.WAITING_FOR_CITIZEN: Meaning(_lazy("Wir brauchen noch etwas von Ihnen. Danach geht es weiter."), "Sie"),
    Status.IN_APPROVAL: Meaning(_lazy("Wir prüfen Ihren Antrag. Sie müssen im Moment nichts tun."), "Wir"),
    Status.DECIDED: Meaning(_lazy("Wir haben entschieden. Ihr Bescheid ist gleich in Ihrem Postfach."), "Wir"),
    Status.IN_REVISION: Meaning(
        _lazy("Wir prüfen unsere Entscheidung noch einmal. Ihr Bescheid gilt, bis Sie einen neuen bekommen."), "Wir"
    ),
    Status.CLOSED: Meaning(_lazy("Ihr Bescheid liegt in Ihrem Postfach. Der Vorgang ist abgeschlossen."), ""),
    Status.DONE: Meaning(_lazy("Wir haben Ihnen geantwortet. Der Vorgang ist abgeschlossen."), ""),
    Status.WITHDRAWN: Meaning(_lazy("Sie haben den Antrag zurückgezogen. Wir bearbeiten ihn nicht weiter."), ""),
}


# The same where nothing is applied for or decided.
REPORT_MEANING: dict[Status, Meaning] = {
    Status.IN_REVIEW: Meaning(_lazy("Wir prüfen Ihre Meldung. Sie müssen im Moment nichts tun."), "Wir"),
    Status.WITHDRAWN: Meaning(_lazy("Sie haben die Meldung zurückgezogen. Wir bearbeiten sie nicht weiter."), ""),
}


class IllegalTransition(Exception):
    """The case is not where the caller believed. Nothing was changed."""


def advance(case: QuerySet[Case], to: Status, *, expected: frozenset[Status] | None = None) -> bool:
    """Move the one case of this query to `to` if it stands where `to` may follow: a conditional update.

    This is the only writer of a status. True when this call moved it. False when it already stands there (a
    repetition: announce nothing). Raises IllegalTransition when it stands elsewhere.
    """
    origins = [status for status, following in ALLOWED.items() if to in following and status in (expected or ALLOWED)]
    now = clock.now()
    stamps = {"changed_at": now, "closed_at": None if to in OPEN else now}
    if case.filter(status__in=origins).update(status=to, **stamps):
        return True
    if case.filter(status=to).exists():
        return False
    raise IllegalTransition(f"not from here to {to}")
