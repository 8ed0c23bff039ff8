"""The end of a case: offered -> answered -> approved by a second person -> destroyed by key, and a record stays.

Each verb is one transaction and a conditional update; what is held, open or waiting is left alone at every step.
"""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from forms_engine.cases import queries, retention
from forms_engine.cases.models import (
    Case,
    CaseDocument,
    CaseEvent,
    CaseParty,
    DocumentRequest,
    OpenReply,
    Paper,
    Proposal,
)
from forms_engine.cases.models.retention import ArchiveAnswer, Disposal, DisposalRecord, Stage
from forms_engine.submissions import disposal as submissions
from mailbox import leaving as mailbox
from mailbox.models import Attachment
from portal.accounts.models import User
from portal.common import clock
from portal.documents import store
from portal.documents.models import StoredFile
from portal.outbox import relay


@transaction.atomic
def offer(disposal: Disposal, *, by: User) -> bool:
    """Put it on the list for the archive, or straight to approval where it need not be offered. False if not due."""
    to = {"stage": Stage.OFFERED} if disposal.offer else {"stage": Stage.CLEARED, "answer": ArchiveAnswer.NOT_ASKED}
    if not _only(disposal, Stage.KEPT).update(offered_by=by, offered_at=clock.now(), **to):
        return False
    retention.told(disposal, "offered", str(by.public_id))
    return True


@transaction.atomic
def answer(disposal: Disposal, *, wanted: bool, by: User) -> bool:
    """What the archive said. False when nobody waits for that answer."""
    facts: dict[str, Any] = {"stage": Stage.WANTED, "answered_at": clock.now()}
    if not wanted:
        facts |= {"stage": Stage.CLEARED, "answer": ArchiveAnswer.WAIVED}
    if not _only(disposal, Stage.OFFERED).update(**facts):
        return False
    retention.told(disposal, "wanted" if wanted else "waived", str(by.public_id))
    return True


@transaction.atomic
def handed_over(disposal: Disposal, *, by: User) -> bool:
    """The archive has confirmed that it holds the case (message 0506 of xdomea, or on paper)."""
    if not _only(disposal, Stage.WANTED).update(stage=Stage.CLEARED, answer=ArchiveAnswer.HANDED_OVER):
        return False
    retention.told(disposal, "handed_over", str(by.public_id))
    return True


@transaction.atomic
def approve(disposal: Disposal, *, by: User) -> bool:
    """The second person lets it go. False for who offered it, and for what is not cleared."""
    rows = _only(disposal, Stage.CLEARED).exclude(offered_by=by)
    if not rows.update(stage=Stage.APPROVED, approved_by=by, approved_at=clock.now()):
        return False
    retention.told(disposal, "approved", str(by.public_id))
    return True


@transaction.atomic
def hold(disposal: Disposal, *, reason: str, by: User) -> bool:
    """Nothing happens to the case until the hold is lifted, whatever was approved: a lawsuit, an audit."""
    rows = Disposal.objects.filter(pk=disposal.pk, held_at=None).exclude(stage=Stage.DESTROYED)
    if not rows.update(held_at=clock.now(), held_by=by, hold_reason=reason):
        return False
    retention.told(disposal, "held", str(by.public_id))
    return True


@transaction.atomic
def lift(disposal: Disposal, *, by: User) -> bool:
    """End the hold. An approval from before does not count any more: the whole way begins anew."""
    rows = Disposal.objects.filter(pk=disposal.pk, held_at__isnull=False)
    if not rows.update(held_at=None, held_by=None, hold_reason="", **retention.ANEW):
        return False
    retention.told(disposal, "lifted", str(by.public_id))
    return True


def approved() -> QuerySet[Disposal]:
    """What the next run destroys."""
    return retention.ripe().filter(stage=Stage.APPROVED).select_related("case__submission__form_version__form")


@transaction.atomic
def destroy(disposal: Disposal) -> DisposalRecord | None:
    """Destroy one approved case: its keys, sealed fields and files. None when it is not due (any more).

    One transaction: killed in between, nothing has happened; done twice, the second finds nothing to do. The files go
    after commit; what a crash leaves of them is sweeping.orphans(), unreadable without the key.
    """
    row = Disposal.objects.select_for_update(of=("self",)).filter(pk=disposal.pk, stage=Stage.APPROVED).first()
    case = Case.objects.for_pages().select_for_update(of=("self",), no_key=True).get(pk=disposal.case_id)
    if row is None or not approved().filter(pk=row.pk).exists():
        return None
    gone, left = _destroy_files(case)
    record = _record(row, case, gone, left)
    party = case.party
    _wipe(case)
    if party is not None and not party.is_active and not queries.with_letters_of(party):
        mailbox.forget(party, keep_messages=False)  # a deleted account's letters were kept for this file
    Disposal.objects.filter(pk=row.pk).update(stage=Stage.DESTROYED, destroyed_at=record.destroyed_at)
    CaseEvent.objects.create(case=case, kind="disposed", actor=retention.RECORDED_AS)
    retention.told(row, "destroyed", retention.RECORDED_AS, files=gone)
    relay.publish("case.disposed", case.public_id)
    return record


def _record(row: Disposal, case: Case, gone: int, left: int) -> DisposalRecord:
    if not (row.offered_by and row.approved_by and row.approved_at and row.until and case.closed_at):
        raise ValueError("approved by nobody")
    return DisposalRecord.objects.create(
        number=case.number,
        form=case.form_slug,
        closed_on=clock.local(case.closed_at).date(),
        kept_until=row.until,
        basis=row.basis,
        answer=row.answer,
        offered_by=str(row.offered_by.public_id),
        approved_by=str(row.approved_by.public_id),
        approved_at=row.approved_at,
        files=gone,
        kept_files=left,
    )


def _destroy_files(case: Case) -> tuple[int, int]:
    """How many files went, and how many stay because they lie in a citizen's postbox: those are theirs."""
    of_case = Q(pk__in=CaseDocument.objects.filter(case=case).values("stored"))
    of_case |= Q(pk__in=Paper.objects.filter(case=case, stored__isnull=False).values("stored"))
    of_case |= Q(pk__in=submissions.files_of(case.submission).values("stored"))
    files = StoredFile.objects.filter(of_case, destroyed_at=None)
    living = Attachment.objects.filter(message__mailbox__user__is_active=True)
    posted = files.filter(pk__in=living.values("stored"))
    left = posted.count()
    gone = sum(store.destroy(stored) for stored in files.exclude(pk__in=posted.values("pk")).order_by("pk"))
    return gone, left


def _wipe(case: Case) -> None:
    """The key first of all: what stays sealed in frozen rows opens for nobody. Then everything that names a person."""
    DocumentRequest.objects.filter(case=case).update(text_sealed=b"")
    CaseDocument.objects.filter(case=case).update(name_sealed=b"", added_by=None)
    Proposal.objects.filter(case=case).update(explanation_sealed=b"", note_sealed=b"")
    CaseParty.objects.filter(case=case).update(sealed=b"")
    OpenReply.objects.filter(case=case).delete()
    submissions.dispose(case.submission)
    Case.objects.filter(pk=case.pk).update(
        wrapped_key=None,
        answer_sealed=b"",
        status_code_hash="",
        notice_due_at=None,
        applicant=None,
        assigned_to=None,
        receivable=None,
        appointment=None,
    )


def _only(disposal: Disposal, stage: Stage) -> QuerySet[Disposal]:
    """The row, if it stands at this stage and its case is due in every respect."""
    return Disposal.objects.filter(pk__in=retention.ripe().filter(pk=disposal.pk, stage=stage).values("pk"))
