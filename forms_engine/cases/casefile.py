"""Keeping the file of a case: notes, tasks, dates, ticks, links, newer files. One transaction each; clerks only.

Each verb leaves an event that names keys and days, never the words: those are sealed with the case's key.
"""

import datetime as dt

from django.db import transaction

from forms_engine.cases import events, flow
from forms_engine.cases.models import (
    Case,
    CaseDate,
    CaseDocument,
    CaseLink,
    CaseNote,
    CaseTask,
    ChecklistTick,
    DateKind,
    Replacement,
)
from portal.accounts.models import User
from portal.common import clock

RULES = "system:rules"


def _sealed(case: Case, text: str, place: str) -> bytes:
    return case.envelope.seal(text.encode(), case.place(place))


def _not_own(case: Case, clerk: User) -> None:
    if not Case.objects.filter(pk=case.pk).not_of(clerk).exists():
        raise flow.OwnCase


@transaction.atomic
def write_note(case: Case, *, text: str, by: User) -> CaseNote:
    _not_own(case, by)
    note = CaseNote(case=case, author=by)
    note.text_sealed = _sealed(case, text, f"note:{note.public_id}")
    note.save(force_insert=True)
    events.note(case, "noted", str(by.public_id))
    return note


@transaction.atomic
def add_task(
    case: Case, *, title: str, due_on: dt.date, to: User | None, by: User | None, actor: str = RULES
) -> CaseTask:
    """`to` None: anybody of the team. `by` None: no person; `actor` says who then, else a rule of the form."""
    for person in filter(None, (to, by)):
        _not_own(case, person)
    task = CaseTask(case=case, assigned_to=to, due_on=due_on, author=by)
    task.title_sealed = _sealed(case, title, f"task:{task.public_id}")
    task.save(force_insert=True)
    events.note(case, "task_added", str(by.public_id) if by else actor, task=str(task.public_id))
    return task


@transaction.atomic
def finish_task(task: CaseTask, *, by: User) -> bool:
    """False when it was done before."""
    _not_own(task.case, by)
    if not CaseTask.objects.filter(pk=task.pk, done_at=None).update(done_at=clock.now(), done_by=by):
        return False
    events.note(task.case, "task_done", str(by.public_id), task=str(task.public_id))
    return True


@transaction.atomic
def set_date(case: Case, *, kind: DateKind, due_on: dt.date, reason: str, by: User | None) -> CaseDate:
    """`by` None: a rule of the form."""
    if by is not None:
        _not_own(case, by)
    row = CaseDate(case=case, kind=kind, due_on=due_on, author=by)
    row.reason_sealed = _sealed(case, reason, f"date:{row.public_id}")
    row.save(force_insert=True)
    events.note(case, "date_set", str(by.public_id) if by else RULES, kind=str(kind), on=due_on.isoformat())
    return row


@transaction.atomic
def finish_date(row: CaseDate, *, by: User) -> bool:
    """False when it was done before."""
    _not_own(row.case, by)
    if not CaseDate.objects.filter(pk=row.pk, done_at=None).update(done_at=clock.now(), done_by=by):
        return False
    events.note(row.case, "date_done", str(by.public_id), kind=row.kind, on=row.due_on.isoformat())
    return True


@transaction.atomic
def relate(case: Case, other: Case, *, by: User) -> bool:
    """Both directions at once. The caller got both cases by access.case_for_clerk. False if they are linked already."""
    _not_own(case, by)
    _not_own(other, by)
    low, high = sorted((case, other), key=lambda held: held.pk)
    if low.pk == high.pk or not CaseLink.objects.get_or_create(low=low, high=high, defaults={"author": by})[1]:
        return False
    for one, two in ((low, high), (high, low)):
        events.note(one, "related", str(by.public_id), number=two.number)
    return True


@transaction.atomic
def unrelate(case: Case, other: Case, *, by: User) -> bool:
    _not_own(case, by)
    low, high = sorted((case, other), key=lambda held: held.pk)
    if not CaseLink.objects.filter(low=low, high=high).delete()[0]:
        return False
    for one, two in ((low, high), (high, low)):
        events.note(one, "unrelated", str(by.public_id), number=two.number)
    return True


@transaction.atomic
def tick(case: Case, keys: frozenset[str], *, known: frozenset[str], by: User) -> int:
    """These points of the checklist are checked, the others of `known` are not. Returns how many have changed."""
    _not_own(case, by)
    Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    held = set(ChecklistTick.objects.filter(case=case).values_list("key", flat=True)) & known
    for key in sorted((keys & known) - held):
        ChecklistTick.objects.create(case=case, key=key, author=by)
        events.note(case, "checked", str(by.public_id), item=key)
    for key in sorted(held - keys):
        ChecklistTick.objects.filter(case=case, key=key).delete()
        events.note(case, "unchecked", str(by.public_id), item=key)
    return len((keys & known) ^ held)


@transaction.atomic
def replace(case: Case, *, old: str, new: CaseDocument, by: User) -> bool:
    """`new` takes the place of the older file with the public id `old`; both stay. False if it cannot.

    The caller knows that both belong to this case.
    """
    _not_own(case, by)
    Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    taken = Replacement.objects.filter(case=case)
    if taken.filter(old=old).exists() or taken.filter(new=new).exists():
        return False
    if CaseDocument.objects.filter(case=case, public_id=old, pk__gte=new.pk).exists():  # what is newer stays newer
        return False
    Replacement.objects.create(case=case, old=old, new=new, author=by)
    events.note(case, "document_replaced", str(by.public_id), old=old, new=str(new.public_id))
    return True
