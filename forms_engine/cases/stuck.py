"""What does not move: papers that are held or late, proposals without a second signature, cases that lie still."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from forms_engine.cases.models import Case, DecisionRun, Paper, PaperState, Proposal, RunState
from forms_engine.cases.states import Status
from portal.common import clock

LATE = dt.timedelta(minutes=15)  # a letter takes seconds; a full queue some minutes
UNSIGNED = dt.timedelta(days=3)
STILL = dt.timedelta(days=21)
WORKED_ON = (Status.IN_REVIEW, Status.IN_APPROVAL, Status.IN_REVISION, Status.DECIDED)


@dataclass(frozen=True)
class Stuck:
    """`what`: paper, proposal, run or case. `since` is aware. `why` is German. No personal datum in any of it."""

    what: str
    number: str
    since: dt.datetime
    why: str


def found(*, still: dt.timedelta = STILL, unsigned: dt.timedelta = UNSIGNED, limit: int = 500) -> list[Stuck]:
    """Everything, at most `limit` of each sort, the longest waiting first."""
    now = clock.now()
    rows = [*_papers(now, limit), *_proposals(now - unsigned, limit), *_runs(now - unsigned, limit)]
    return sorted([*rows, *_cases(now - still, limit)], key=lambda row: (row.since, row.number))


def _papers(now: dt.datetime, limit: int) -> Iterator[Stuck]:
    late = Q(state=PaperState.QUEUED, due_at__lt=now - LATE)
    rows = Paper.objects.filter(late | Q(state=PaperState.PARKED)).select_related("case").defer("payload_sealed")
    for paper in rows.order_by("ordered_at", "id")[:limit]:
        held = paper.state == PaperState.PARKED
        why = f"angehalten: {paper.last_error}" if held else f"überfällig, {paper.attempts} Versuche"
        yield Stuck("paper", paper.case.number, paper.ordered_at, f"{paper.get_kind_display()} {why}")


def _proposals(before: dt.datetime, limit: int) -> Iterator[Stuck]:
    rows = Proposal.objects.filter(answered_at=None, signed_at__lt=before).select_related("case")
    for proposal in rows.order_by("signed_at", "id")[:limit]:
        yield Stuck("proposal", proposal.case.number, proposal.signed_at, "wartet auf die zweite Unterschrift")


def _runs(before: dt.datetime, limit: int) -> Iterator[Stuck]:
    rows = DecisionRun.objects.filter(state=RunState.PROPOSED, proposed_at__lt=before)
    for run in rows.order_by("proposed_at", "id")[:limit]:
        yield Stuck("run", str(run.public_id), run.proposed_at, "Serienbescheid wartet auf die Freigabe")


def _cases(before: dt.datetime, limit: int) -> Iterator[Stuck]:
    rows = Case.objects.filter(status__in=WORKED_ON, changed_at__lt=before).exclude(events__at__gte=before)
    for case in rows.only("number", "status", "changed_at", "due_on", "assigned_to").order_by("changed_at", "id")[
        :limit
    ]:
        late = ", Frist versäumt" if case.due_on < clock.today() and case.status != Status.DECIDED else ""
        held = "nicht übernommen" if case.assigned_to_id is None else "übernommen"
        yield Stuck("case", case.number, case.changed_at, f"liegt still ({held}){late}")
