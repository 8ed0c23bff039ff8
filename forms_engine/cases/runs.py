"""Decisions for many cases at once (annual notices): proposed with their cases, approved by a second person, then
worked off by the sweep. The item is the queue: its decision, letter and mark are one transaction, so a killed worker
leaves each case with its letter or with a waiting row, never with two or none.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef

from forms_engine.cases import access, flow, signing
from forms_engine.cases.models import (
    Case,
    CaseQuerySet,
    Decision,
    DecisionKind,
    DecisionRun,
    DecisionRunItem,
    ItemState,
    Paper,
    PaperState,
    RunState,
)
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.post import NoPostbox
from forms_engine.cases.states import REVISABLE
from forms_engine.cases.wording import letter_payload
from forms_engine.cases.wording.engine import TooLong
from forms_engine.definitions.models import Form
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock

KINDS = (DecisionKind.FEE_NOTICE, DecisionKind.CERTIFICATE)
MOST = 50_000  # cases of one run
AHEAD = 100  # letters of runs that may wait before single ones: about eight seconds for everybody else
STANDING = (DecisionKind.GRANTED, DecisionKind.PARTLY, DecisionKind.CERTIFICATE)


class NotNow(Exception):
    """The run is not where the caller believed. Nothing was changed."""


@dataclass(frozen=True)
class Query:
    """Which decided cases of a form: decided from one day to another, valid on a day. None: whatever it is."""

    decided_from: dt.date | None = None
    decided_until: dt.date | None = None
    valid_on: dt.date | None = None


def candidates(form: Form, query: Query, *, lead: User) -> CaseQuerySet:
    """The cases that the lead may see and whose favourable decision stands, the oldest first."""
    rows = Decision.objects.filter(
        case=OuterRef("pk"),
        kind__in=STANDING,
        issued_at__isnull=False,
        withdrawn_at=None,
        replaced_by=None,
        run_item=None,
    )
    if query.decided_from:
        rows = rows.filter(signed_at__date__gte=query.decided_from)
    if query.decided_until:
        rows = rows.filter(signed_at__date__lte=query.decided_until)
    if query.valid_on:
        rows = rows.filter(valid_from__lte=query.valid_on).exclude(valid_until__lt=query.valid_on)
    found = access.desk(lead).filter(submission__form_version__form=form, status__in=REVISABLE, applicant__isnull=False)
    return found.filter(Exists(rows)).order_by("id")


def outcome(run: DecisionRun) -> Outcome:
    """What every case of the run gets."""
    return Outcome(
        DecisionKind(run.kind), explanation=run.explanation, fee_cents=run.fee_cents, template=run.template_id
    )


@transaction.atomic
def propose(run: DecisionRun, query: Query, *, by: User) -> DecisionRun:
    """Keep an unsaved run with its cases. The newest text of its kind is used, also if a newer one follows."""
    template = letter_payload.newest(run.form, run.kind)
    run.author, run.proposed_at, run.template = by, clock.now(), template
    run.save(force_insert=True)
    found = candidates(run.form, query, lead=by).values_list("pk", flat=True)[:MOST]
    items = [DecisionRunItem(run=run, case_id=case_id) for case_id in found]
    DecisionRunItem.objects.bulk_create(items, batch_size=2000)
    _note(run, "proposed", by)
    return run


@transaction.atomic
def approve(run: DecisionRun, *, by: User) -> None:
    """The second person lets it go. Raises flow.SameClerk, NotNow."""
    held = _locked(run)
    if held.author_id == by.pk:
        raise flow.SameClerk
    DecisionRun.objects.filter(pk=run.pk).update(state=RunState.APPROVED, approver=by, approved_at=clock.now())
    _note(run, "approved", by)


@transaction.atomic
def discard(run: DecisionRun, *, by: User) -> None:
    """Nothing is sent. Raises NotNow."""
    _locked(run)
    DecisionRun.objects.filter(pk=run.pk).update(state=RunState.DISCARDED)
    _note(run, "discarded", by)


def _locked(run: DecisionRun) -> DecisionRun:
    held = DecisionRun.objects.select_for_update().get(pk=run.pk)
    if held.state != RunState.PROPOSED:
        raise NotNow
    return held


def _note(run: DecisionRun, what: str, by: User) -> None:
    audit.record(f"run.{what}", f"run:{run.public_id}", str(by.public_id), items=run.items.count())


def sweep_runs(limit: int = AHEAD) -> int:
    """Order the next letters of approved runs, as many as may wait before single ones. Returns how many."""
    waiting = Paper.objects.filter(state=PaperState.QUEUED).count()
    done = 0
    for run in DecisionRun.objects.filter(state=RunState.APPROVED).order_by("id"):
        ids = run.items.filter(state=ItemState.WAITING).order_by("id").values_list("pk", flat=True)
        for item_id in list(ids[: max(0, limit - waiting - done)]):
            done += order_next(item_id)
        if not run.items.filter(state=ItemState.WAITING).exists():
            DecisionRun.objects.filter(pk=run.pk, state=RunState.APPROVED).update(state=RunState.DONE)
    return done


@transaction.atomic
def order_next(item_id: int) -> bool:
    """Decide one case of a run and order its letter, once. False when it was done, or another process is at it."""
    rows = DecisionRunItem.objects.select_for_update(skip_locked=True, of=("self",))
    item = (
        rows.select_related("run__author", "run__approver", "run__form")
        .filter(pk=item_id, state=ItemState.WAITING, run__state=RunState.APPROVED)
        .first()
    )
    if item is None:
        return False
    case = Case.objects.for_pages().select_for_update(of=("self",), no_key=True).get(pk=item.case_id)
    if why := _hindrance(case, item.run):
        DecisionRunItem.objects.filter(pk=item.pk).update(state=ItemState.SKIPPED, why=why)
        return True
    try:
        with transaction.atomic():
            decision = signing.sign(case, outcome(item.run), author=item.run.author, approver=item.run.approver)
    except (TooLong, NoPostbox) as error:
        why = "Das Schreiben wird zu lang" if isinstance(error, TooLong) else "kein Postfach"
        DecisionRunItem.objects.filter(pk=item.pk).update(state=ItemState.SKIPPED, why=why)
        return True
    DecisionRunItem.objects.filter(pk=item.pk).update(state=ItemState.ORDERED, decision=decision)
    return True


def _hindrance(case: Case, run: DecisionRun) -> str:
    """Why this case gets nothing now; "" if it does."""
    if case.status not in REVISABLE:
        return "Der Vorgang wird gerade bearbeitet"
    one = Case.objects.filter(pk=case.pk)
    if run.approver is None or not one.not_of(run.author).not_of(run.approver).exists():
        return "Wer zeichnet, ist selbst beteiligt"
    issued = case.decisions.filter(kind__in=STANDING, issued_at__isnull=False)
    standing = issued.filter(replaced_by=None, withdrawn_at=None)
    return "" if standing.exists() else "Der Bescheid gilt nicht mehr"
