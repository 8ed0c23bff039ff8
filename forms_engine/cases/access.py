"""The only doors through which a view gets a case."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from forms_engine.cases.models import PAPER_SLUGS, Case, CaseDocument, CaseQuerySet, Paper, PaperState
from forms_engine.submissions.models import SubmissionFile
from portal.accounts.access import has_role
from portal.accounts.models import Role, User
from portal.directory.teams import queries as teams


def case_for_party(user: User, public_id: uuid.UUID) -> Case:
    """A case of the person, or one they may see for somebody else today. Raises Http404 for any other."""
    case = Case.objects.for_pages().open_to(user).filter(public_id=public_id).first()
    if case is None:
        raise Http404
    return case


def case_for_clerk(user: User, public_id: uuid.UUID) -> Case:
    """A case of the clerk's teams, never the clerk's own (VwVfG § 20 (1) no. 1). Raises Http404."""
    case = desk(user).for_pages().filter(public_id=public_id).first()
    if case is None:
        raise Http404
    return case


def desk(user: User | AnonymousUser) -> CaseQuerySet:
    """Every case that a person may see as a clerk: for lists, searches, counts and the admin alike."""
    if isinstance(user, User) and has_role(user, Role.CLERK, Role.TEAM_LEAD):
        return Case.objects.handled_by(user)
    return Case.objects.none()


def leads(user: User, case: Case) -> bool:
    """Whether the person leads a team that handles this case, and so may give it to a colleague."""
    if not has_role(user, Role.TEAM_LEAD):
        return False
    teams_here = teams.led_by(user).filter(forms__slug=case.form_slug)
    return (teams_here if case.office_id is None else teams_here.filter(office=case.office_id)).exists()


def colleagues(user: User, case: Case) -> list[User]:
    """Whom the lead `user` may give this case to; empty for others. Nobody gets their own case."""
    if not leads(user, case):
        return []
    own = {case.applicant_id, case.submission.acting_for_id}
    return [person for person in teams.colleagues(case.form_slug, case.office) if person.pk not in own]


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
        Paper.objects.select_related("stored", "decision", "case__submission__form_version")
        .filter(case=case, kind=kind, state=PaperState.ISSUED)
        .order_by("-id")
        .first()
    )
    if found is None:
        raise Http404
    return found
