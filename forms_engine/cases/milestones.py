"""What happened in a case and what is still to come, as steps of a timeline. Values in, values out."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forms_engine.cases.states import Status

LATE = _("Das dauert länger als geplant. Wir arbeiten daran.")
# What a page without sign-in may tell: that something happened, in words that name nobody and nothing of the answers.
PUBLIC = frozenset(
    {"submitted", "paid", "documents_requested", "documents_handed_in", "decided", "delivered", "finished", "withdrawn"}
)


@dataclass(frozen=True)
class TimelineEntry:
    """`at`: when it happened, or by when it is to happen (then a date). `state`: done, now or planned."""

    at: dt.datetime | dt.date | None
    title: str | Promise
    text: str | Promise
    state: str = "done"
    who: str = ""  # who did it, where that is not plain


@dataclass(frozen=True)
class Dates:
    """The promises of a case: by when to pay, to answer, to decide. None where there is none.

    `report`: nothing is decided, it ends with an answer.
    """

    pay_by: dt.date | None = None
    answer_by: dt.date | None = None
    decide_by: dt.date | None = None
    report: bool = False


def with_plan(done: Sequence[TimelineEntry], status: Status, dates: Dates, today: dt.date) -> list[TimelineEntry]:
    """The past, its last step marked as the present one, and the plan of an open case."""
    plan = list(_plan(status, dates, today))
    if not plan or not done:
        return list(done)
    return [*done[:-1], replace(done[-1], state="now"), *plan]


def _plan(status: Status, dates: Dates, today: dt.date) -> Iterable[TimelineEntry]:
    delivery = [TimelineEntry(None, _("Bescheid im Postfach"), "", "planned")]
    ending = [_step(_("Entscheidung"), dates.decide_by, today), *delivery]
    if dates.report:
        ending = [_step(_("Unsere Antwort"), dates.decide_by, today)]
    pay = [TimelineEntry(dates.pay_by, _("Gebühr bezahlen"), "", "planned")] if dates.pay_by else []
    match status:
        case Status.WAITING_FOR_CITIZEN:
            return [TimelineEntry(dates.answer_by, _("Ihre Antwort"), "", "planned"), *pay, *ending]
        case Status.AWAITING_PAYMENT | Status.IN_REVIEW | Status.IN_APPROVAL:
            return [*pay, *ending]
        case Status.DECIDED | Status.IN_REVISION:
            return [*delivery, *pay]
    return pay


def _step(title: str | Promise, due: dt.date | None, today: dt.date) -> TimelineEntry:
    """A day that has passed is not promised once more."""
    if due is not None and due < today:
        return TimelineEntry(None, title, LATE, "planned")
    return TimelineEntry(due, title, "", "planned")
