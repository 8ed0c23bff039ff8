"""The only doors through which a view gets a case."""

import uuid

from django.http import Http404

from forms_engine.cases.models import PAPER_SLUGS, Case, CaseDocument, Paper, PaperState
from forms_engine.submissions.models import SubmissionFile
from portal.accounts.access import has_role
from portal.accounts.models import Role, User


def case_for_party(user: User, public_id: uuid.UUID) -> Case:
    """A case of the person, or one they may see for somebody else today. Raises Http404 for any other."""
    case = Case.objects.for_pages().open_to(user).filter(public_id=public_id).first()
    if case is None:
        raise Http404
    return case


def case_for_clerk(user: User, public_id: uuid.UUID) -> Case:
    """A case that a clerk may work on: never the clerk's own (VwVfG § 20 (1) no. 1). Raises Http404."""
    case = None
    if has_role(user, Role.CLERK, Role.TEAM_LEAD):
        case = Case.objects.for_pages().not_of(user).filter(public_id=public_id).first()
    if case is None:
        raise Http404
    return case


def submission_file(case: Case, public_id: uuid.UUID) -> SubmissionFile:
    """A file that came with the submission of a case obtained above."""
    found = (
        SubmissionFile.objects.select_related("stored")
        .filter(submission=case.submission_id, public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def case_document(case: Case, public_id: uuid.UUID) -> CaseDocument:
    found = CaseDocument.objects.select_related("stored").filter(case=case, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def paper(case: Case, slug: str) -> Paper:
    """The newest finished paper of a kind, by the German word in the address."""
    kind = {word: key for key, word in PAPER_SLUGS.items()}.get(slug)
    found = (
        Paper.objects.select_related("stored", "decision")
        .filter(case=case, kind=kind, state=PaperState.ISSUED)
        .order_by("-id")
        .first()
    )
    if found is None:
        raise Http404
    return found
