"""Something came on paper, by mail or from another system and belongs to a case: it is in its file from now on."""

from collections.abc import Sequence

from django.db import transaction

from forms_engine.cases import events
from forms_engine.cases.models import Case, CaseDocument, DocumentRequest
from forms_engine.cases.states import IllegalTransition, Status, advance
from portal.accounts.models import User
from portal.common import clock
from portal.documents.models import StoredFile
from portal.documents.scans import queue as scans

RECORDED_AS = "system:intake"


class Disposed(Exception):
    """The case was destroyed: nothing can be filed in it any more."""


@transaction.atomic
def take_in(
    case: Case,
    files: Sequence[tuple[StoredFile, str]],
    *,
    source: str,
    request: DocumentRequest | None = None,
    by: User | None = None,
) -> None:
    """File them in one transaction: documents, an entry in the timeline, and the case is the clerk's turn again.

    `request`: the one that the return code names. It is answered by this, if it still waits. `by` is the clerk who
    filed it, None if it filed itself. Raises Disposed.
    """
    case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    if case.wrapped_key is None:
        raise Disposed
    answered = request if request is not None and _answer(case, request) else None
    for stored, name in files:
        document = CaseDocument(case=case, stored=stored, added_by=by, request=answered)
        document.name_sealed = case.envelope.seal(name.encode(), case.place(f"document:{document.public_id}"))
        document.save(force_insert=True)
    scans.hold(stored for stored, _name in files)
    Case.objects.filter(pk=case.pk).update(changed_at=clock.now())
    actor = str(by.public_id) if by else RECORDED_AS
    events.note(case, "post_filed", actor, source=source, files=len(files))


def _answer(case: Case, request: DocumentRequest) -> bool:
    """Close the request that was waited for, so that the case stands in the clerks' queue again."""
    open_ones = DocumentRequest.objects.filter(pk=request.pk, case=case, answered_at=None)
    try:
        if not open_ones.exists() or not advance(
            Case.objects.filter(pk=case.pk), Status.IN_REVIEW, expected=frozenset({Status.WAITING_FOR_CITIZEN})
        ):
            return False
    except IllegalTransition:  # decided or withdrawn meanwhile: filed all the same
        return False
    return bool(open_ones.update(answered_at=clock.now()))
