"""The only doors through which a view gets a case."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from forms_engine.cases.models import (
    PAPER_SLUGS,
    Case,
    CaseDate,
    CaseDocument,
    CaseParty,
    CaseQuerySet,
    CaseTask,
    Disposal,
    Paper,
    PaperKind,
    PaperState,
    SavedFilter,
    TextBlock,
)
from forms_engine.definitions.models import Form
from forms_engine.submissions.models import SubmissionFile
from mailbox.models import Channel, Dispatch, DispatchState, Proof
from portal.accounts.access import has_role
from portal.accounts.models import Role, User
from portal.directory.teams import queries as teams
from portal.documents.models import StoredFile


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


def queue(user: User) -> CaseQuerySet:
    """The same cases as desk(), for long lists: with the keys in its hands the database walks its indexes."""
    if not has_role(user, Role.CLERK, Role.TEAM_LEAD):
        return Case.objects.none()
    handled = teams.handled_by(user)
    keys = dict(Form.objects.filter(slug__in={slug for slug, _office in handled}).values_list("slug", "pk"))
    places: dict[int, set[int]] = {}
    for slug, office in handled:
        if slug in keys:
            places.setdefault(office, set()).add(keys[slug])
    return Case.objects.handled_at(user, places)


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


def paper(case: Case, slug: str, *, withdrawn: bool = False) -> Paper:
    """A finished paper, by the German word in the address: "bescheid" is the first, "bescheid-2" the second one.

    `withdrawn`: also one that was taken back before it counted; only clerks open those. Raises Http404.
    """
    word, _, number = slug.partition("-")
    kind = {name: key for key, name in PAPER_SLUGS.items()}.get(word)
    rows = Paper.objects.select_related("stored", "decision", "message__mailbox", "case__submission__form_version")
    rows = rows.filter(case=case, kind=kind, state=PaperState.ISSUED)
    if kind == PaperKind.DECISION:
        rows = rows.filter(decision__revision=int(number) if number.isdecimal() and len(number) < 5 else 1)
    found = rows.first() if not number or kind == PaperKind.DECISION else None
    if found is None or (found.is_withdrawn and not withdrawn):
        raise Http404
    return found


def decision_letter(case: Case, message: uuid.UUID) -> Paper:
    """The decision that this message of a case obtained above brought. Raises Http404."""
    rows = Paper.objects.select_related("message__mailbox", "decision__receivable", "decision__replaced_by")
    found = rows.filter(case=case, kind=PaperKind.DECISION, message__public_id=message).first()
    if found is None:
        raise Http404
    return found


def task(case: Case, public_id: uuid.UUID) -> CaseTask:
    """A task of a case obtained above. Raises Http404."""
    found = CaseTask.objects.filter(case=case, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def date(case: Case, public_id: uuid.UUID) -> CaseDate:
    """A day of a case obtained above. Raises Http404."""
    found = CaseDate.objects.filter(case=case, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def party(case: Case, public_id: uuid.UUID) -> CaseParty:
    """A party of a case obtained above. Raises Http404."""
    found = CaseParty.objects.select_related("case").filter(case=case, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def proof(case: Case, public_id: uuid.UUID) -> StoredFile:
    """A finished proof of service of a case obtained above. Raises Http404."""
    rows = Proof.objects.select_related("stored").filter(delivery__message__thread=case.thread)
    found = rows.filter(public_id=public_id).first()
    if found is None or found.stored is None:
        raise Http404
    return found.stored


def stuck_letter(case: Case, public_id: uuid.UUID) -> Dispatch:
    """A letter of a case obtained above that did not go out and waits for a human. Raises Http404."""
    rows = Dispatch.objects.select_related("delivery__message__mailbox").exclude(delivery=None)
    rows = rows.filter(delivery__message__thread=case.thread, channel=Channel.LETTER)
    found = rows.filter(public_id=public_id, state=DispatchState.FAILED).first()
    if found is None or found.wrapped_key is None:
        raise Http404
    return found


def saved_filter(user: User, key: int) -> SavedFilter:
    """A filter of one's own. Raises Http404."""
    found = SavedFilter.objects.select_related("clerk").filter(clerk=user, pk=key).first()
    if found is None:
        raise Http404
    return found


def disposal_for_clerk(user: User, public_id: uuid.UUID) -> Disposal:
    """The disposal of a case that the person sees as a clerk. Raises Http404."""
    rows = Disposal.objects.select_related("case__submission__form_version__form", "held_by")
    found = rows.filter(public_id=public_id, case__in=desk(user).values("pk")).first()
    if found is None:
        raise Http404
    return found


def block_of_lead(user: User, public_id: uuid.UUID) -> TextBlock:
    """A block of a team that the person leads. Raises Http404."""
    found = TextBlock.objects.filter(team__in=teams.led_by(user), public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def block_of_clerk(user: User, public_id: str) -> TextBlock:
    """A block of one of the person's teams, by what a form says. Raises Http404."""
    rows = TextBlock.objects.filter(team__in=teams.teams_of(user))
    found = next((block for block in rows if str(block.public_id) == public_id), None)
    if found is None:
        raise Http404
    return found
