"""What the overview asks of the database: a few rows per section, and one more that tells whether there are more."""

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model, QuerySet

from appointments import queries as appointment_queries
from appointments.models import Appointment
from forms_engine.cases import queries as case_queries
from forms_engine.cases.models import Case, Decision, Paper
from forms_engine.submissions import queries as submissions
from forms_engine.submissions.models import Draft
from payments import queries as payment_queries
from payments.models import Receivable
from portal.accounts.models import User
from portal.common import clock
from portal.common.written import Written
from portal.directory.models import LifeEvent

SHOWN = 5
TASKS = 10
ENDS_WITHIN = dt.timedelta(days=60)
M = TypeVar("M", bound=Model)


def _asked(build: Callable[[User, User | None], QuerySet[M]]) -> Callable[[User, User | None], list[M]]:
    """Written once for people who look at what is their own; for an agent put together each time."""
    own: Written[M] = Written(lambda user: build(user, None))
    return lambda user, by: own(user) if by is None else list(build(user, by))


@_asked
def waiting(user: User, by: User | None) -> QuerySet[Case]:
    return case_queries.waiting_for(user, by)[: TASKS + 1]


@_asked
def running(user: User, by: User | None) -> QuerySet[Case]:
    return case_queries.running(user, by)[: SHOWN + 1]


@_asked
def drafts(user: User, by: User | None) -> QuerySet[Draft]:
    mine = submissions.open_drafts(by or user).filter(acting_for=user if by else None)
    return mine[: SHOWN + 1]


@_asked
def upcoming(user: User, by: User | None) -> QuerySet[Appointment]:
    return appointment_queries.upcoming(user, by)[: SHOWN + 1]


@_asked
def owed(user: User, by: User | None) -> QuerySet[Receivable]:
    return payment_queries.open_first(payment_queries.for_person(user, by))[: SHOWN + 1]


@_asked
def papers(user: User, by: User | None) -> QuerySet[Paper]:
    return case_queries.papers_of(user, by)[: SHOWN + 1]


def ending(user: User, by: User | None) -> list[Decision]:
    last = clock.today() + ENDS_WITHIN
    return _ending(last, user) if by is None else list(case_queries.ending_by(last, user, by)[:SHOWN])


_ending: Written[Decision] = Written(lambda last, user: case_queries.ending_by(last, user)[:SHOWN])
events: Written[LifeEvent] = Written(lambda: LifeEvent.objects.filled()[:SHOWN])
