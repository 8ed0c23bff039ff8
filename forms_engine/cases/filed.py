"""Reads what clerks added to a case file, with its sealed words opened."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import F, Q, QuerySet

from forms_engine.cases import access
from forms_engine.cases.models import (
    Case,
    CaseDate,
    CaseLink,
    CaseNote,
    CaseQuerySet,
    CaseTask,
    ChecklistTick,
    Replacement,
)
from portal.accounts.models import User
from portal.common import clock

SOON = dt.timedelta(days=3)
PAGE = 50
R = TypeVar("R", CaseTask, CaseDate)


@dataclass(frozen=True)
class Light:
    """A traffic light in words: colour alone says nothing to many."""

    colour: str  # danger, warning, success: a word of the badge
    text: str


def light(due_on: dt.date, today: dt.date, *, running: bool = True) -> Light:
    """Red: overdue. Yellow: within three days. Green: all else, and whatever does not run any more."""
    if running and due_on < today:
        return Light("danger", "überfällig")
    if running and due_on <= today + SOON:
        return Light("warning", "heute fällig" if due_on == today else "bald fällig")
    return Light("success", "im Plan")


@dataclass(frozen=True)
class Written:
    row: CaseNote | CaseTask | CaseDate
    text: str
    light: Light | None = None


def _opened(case: Case, sealed: bytes | memoryview, place: str) -> str:
    return case.envelope.open(sealed, case.place(place)).decode()


def notes(case: Case) -> list[Written]:
    """Newest first."""
    rows = CaseNote.objects.filter(case=case).select_related("author").order_by("-id")
    return [Written(row, _opened(case, row.text_sealed, f"note:{row.public_id}")) for row in rows]


def tasks(case: Case) -> list[Written]:
    """Open ones first, by day."""
    rows = CaseTask.objects.filter(case=case).select_related("assigned_to", "author", "done_by")
    return _tasks(rows.order_by("-done_at", "due_on", "id"), case)


def _tasks(rows: Iterable[CaseTask], case: Case | None = None) -> list[Written]:
    today = clock.today()
    return [
        Written(
            row,
            _opened(case or row.case, row.title_sealed, f"task:{row.public_id}"),
            light(row.due_on, today, running=row.done_at is None),
        )
        for row in rows
    ]


def dates(case: Case) -> list[Written]:
    """Open ones first, by day."""
    rows = CaseDate.objects.filter(case=case).select_related("author", "done_by").order_by("-done_at", "due_on", "id")
    return _dates(rows, case)


def _dates(rows: Iterable[CaseDate], case: Case | None = None) -> list[Written]:
    today = clock.today()
    return [
        Written(
            row,
            _opened(case or row.case, row.reason_sealed, f"date:{row.public_id}"),
            light(row.due_on, today, running=row.done_at is None),
        )
        for row in rows
    ]


def related(case: Case, clerk: User) -> list[Case]:
    """Linked cases that this clerk may open, the newest first. Of others not even the number is told."""
    pairs = CaseLink.objects.filter(Q(low=case) | Q(high=case)).values_list("low", "high")
    others = {pk for pair in pairs for pk in pair} - {case.pk}
    return list(access.desk(clerk).for_lines().filter(pk__in=others).order_by("-id")) if others else []


def ticks(case: Case) -> dict[str, ChecklistTick]:
    return {row.key: row for row in ChecklistTick.objects.filter(case=case).select_related("author")}


def replaced(case: Case) -> dict[str, str]:
    """Public id of an older file -> public id of the newer one."""
    rows = Replacement.objects.filter(case=case).select_related("new")
    return {str(row.old): str(row.new.public_id) for row in rows}


# --- the list of tasks ------------------------------------------------------------------------------------------------


def _at_desk(clerk: User) -> CaseQuerySet:
    return access.desk(clerk).open()


def task_list(clerk: User, *, team: bool, after: tuple[dt.date, int] | None = None) -> list[Written]:
    """Open tasks by day, one more than a page: the clerk's own, or those of the team that nobody in particular has.

    The end of a case ends what was to do in it; what came later counts, such as the receipt that a court asks for.
    """
    rows = CaseTask.objects.filter(done_at=None, assigned_to=None if team else clerk, case__in=access.desk(clerk))
    rows = rows.filter(Q(case__closed_at=None) | Q(added_at__gt=F("case__closed_at")))
    return _tasks(_page(rows.select_related("assigned_to", "case"), after))


def date_list(clerk: User, after: tuple[dt.date, int] | None = None) -> list[Written]:
    """Dates that run, of the clerk's own cases, by day, one more than a page."""
    rows = CaseDate.objects.filter(done_at=None, case__in=_at_desk(clerk).filter(assigned_to=clerk))
    return _dates(_page(rows.select_related("case"), after))


def _page(rows: QuerySet[R], after: tuple[dt.date, int] | None) -> list[R]:
    if after:
        rows = rows.filter(Q(due_on__gt=after[0]) | Q(due_on=after[0], id__gt=after[1]), due_on__gte=after[0])
    return list(rows.order_by("due_on", "id")[: PAGE + 1])
