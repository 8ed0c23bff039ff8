"""How long each closed case is kept: worked out when it is closed, from its form and decision, never guessed."""

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from appointments.models import Appointment
from forms_engine.cases.models import Case, Decision, DecisionKind, Disposal, DocumentRequest, Paper, PaperState
from forms_engine.cases.models.retention import Stage
from forms_engine.cases.states import OPEN
from forms_engine.definitions.language.form import Retention
from forms_engine.definitions.models import FormVersion
from forms_engine.definitions.queries import current_version
from payments.states import ReceivableState
from portal.audit import actions as audit
from portal.common import clock, rows

RECORDED_AS = "system:retention"
RECENT = dt.timedelta(days=1)
BATCH = 200
ANEW: dict[str, Any] = {
    "stage": Stage.KEPT,
    "offered_by": None,
    "offered_at": None,
    "answer": "",
    "answered_at": None,
    "approved_by": None,
    "approved_at": None,
}


def sweep_closed(limit: int = BATCH) -> int:
    """Give every case closed since yesterday its row, however it was closed. Returns how many.

    The command retention_run looks at all: over a million closed cases that is no question for every five seconds.
    """
    recent = unreckoned().filter(closed_at__gt=clock.now() - RECENT)
    return sum(reckon(case) for case in list(recent[:limit]))


def reckon_all() -> int:
    """The same for every closed case. Returns how many."""
    done = 0
    while found := list(unreckoned()[:BATCH]):
        done += sum(reckon(case) for case in found)
    return done


def unreckoned() -> QuerySet[Case]:
    """Closed cases whose end nobody has worked out yet, or not since a new decision closed them again."""
    stale = Q(disposal__computed_at__lt=F("closed_at")) & ~Q(disposal__stage=Stage.DESTROYED)
    closed = Case.objects.exclude(status__in=sorted(OPEN)).filter(Q(disposal=None) | stale, wrapped_key__isnull=False)
    return closed.select_related("submission__form_version__form").order_by("pk")


def reckon(case: Case) -> bool:
    """Write down until when a closed case is kept. False when that was done before, or it is not closed.

    A case that was closed anew goes the whole way anew: nobody has approved the end of what it holds now.
    """
    if case.closed_at is None:
        return False
    rule = rule_of(case)
    row = Disposal(case=case, until=last_day(case, rule), basis=rule.basis if rule else "")
    row.offer = rule.offer if rule else True
    if rows.insert_once(row):
        return True
    stale = Disposal.objects.filter(case=case, computed_at__lt=case.closed_at).exclude(stage=Stage.DESTROYED)
    facts = {"until": row.until, "basis": row.basis, "offer": row.offer, "computed_at": clock.now()}
    return bool(stale.update(**facts, **ANEW))


def rule_of(case: Case) -> Retention | None:
    """What the case's own version of the form says; versions older than this rule follow the current one."""
    if case.definition.retention is not None:
        return case.definition.retention
    try:
        return current_version(case.form_slug).definition.retention
    except FormVersion.DoesNotExist:
        return None


def last_day(case: Case, rule: Retention | None) -> dt.date | None:
    """The last day of keeping; None where no rule, or no end of what was granted, says when."""
    if rule is None or case.closed_at is None:
        return None
    start: dt.date | None = clock.local(case.closed_at).date()
    if rule.starts == "validity":
        newest = Decision.objects.filter(case=case, withdrawn_at=None).order_by("-revision").first()
        if newest is not None and newest.kind != DecisionKind.REFUSED:
            start = newest.valid_until and max(newest.valid_until, clock.local(case.closed_at).date())
    return start and _years_after(start, rule.years)


def _years_after(day: dt.date, years: int) -> dt.date:
    """The same day, or 28 February for a 29th (§ 188 (3) BGB)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def ripe() -> QuerySet[Disposal]:
    """Whose time is over and with which nothing is going on: closed, not held, nothing owed, asked or on its way."""
    unsent = Paper.objects.filter(case=OuterRef("case")).exclude(state=PaperState.ISSUED)
    asked = DocumentRequest.objects.filter(case=OuterRef("case"), answered_at=None, case__status__in=sorted(OPEN))
    due = Disposal.objects.filter(until__lt=clock.today(), held_at=None).exclude(case__status__in=sorted(OPEN))
    noticed = Decision.objects.filter(case=OuterRef("case"), receivable__state=ReceivableState.OPEN)
    due = due.filter(~Exists(noticed), computed_at__gte=F("case__closed_at"))
    owed = Q(case__receivable__state=ReceivableState.OPEN)
    visit = Appointment.objects.ahead(clock.now()).filter(pk=OuterRef("case__appointment"))
    return due.exclude(owed).filter(~Exists(unsent), ~Exists(asked), ~Exists(visit))


def due() -> QuerySet[Disposal]:
    """What has to be offered, or to be approved where nobody is asked."""
    return ripe().filter(stage=Stage.KEPT)


def told(disposal: Disposal, what: str, actor: str, **data: str | int) -> None:
    audit.record(f"disposal.{what}", f"case:{disposal.case.public_id}", actor, **data)
