"""The only doors through which somebody who works on forms gets one (docs/adr/0010): those of the own teams."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404

from forms_engine.definitions import queries
from forms_engine.definitions.models import DraftRevision, Form, FormVersion, Pause, ReplayCase
from forms_engine.definitions.states import VersionState
from portal.accounts.access import has_role
from portal.accounts.models import Role, User
from portal.directory.teams import queries as teams
from portal.directory.teams.models import Team, TeamForm

AUTHORS = (Role.CLERK, Role.TEAM_LEAD, Role.EDITOR)  # who works on forms at all


def forms_for(user: User | AnonymousUser) -> QuerySet[Form]:
    """Forms that a person may change and approve: those of their working teams; editors: every form."""
    if not isinstance(user, User):
        return Form.objects.none()
    if has_role(user, Role.EDITOR):
        return Form.objects.all()
    if not has_role(user, Role.CLERK, Role.TEAM_LEAD):
        return Form.objects.none()
    mine = TeamForm.objects.filter(team__in=teams.teams_of(user))
    return Form.objects.filter(slug__in=mine.values("slug"))


def form_for(user: User, slug: str) -> Form:
    """Raises Http404 for any other."""
    found = forms_for(user).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def draft_for(user: User, slug: str) -> FormVersion:
    """The draft of a form that the person may change. Raises Http404 if nobody writes one now."""
    version = queries.in_work(form_for(user, slug))
    if version is None or version.state != VersionState.DRAFT:
        raise Http404
    return version


def version_for(user: User, slug: str, number: int) -> FormVersion:
    """Raises Http404."""
    found = form_for(user, slug).versions.select_related("form").filter(number=number).first()
    if found is None:
        raise Http404
    return found


def pause_for(user: User, slug: str, pk: int) -> Pause:
    """Raises Http404."""
    found = form_for(user, slug).pauses.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def case_for(user: User, slug: str, pk: int) -> ReplayCase:
    """Stored test data. Raises Http404."""
    found = form_for(user, slug).replay_cases.select_related("form").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def revision_for(user: User, slug: str, pk: int) -> DraftRevision:
    """Raises Http404."""
    found = draft_for(user, slug).revisions.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def teams_for_new(user: User) -> QuerySet[Team]:
    """Teams that may get a new form from this person."""
    if has_role(user, Role.EDITOR):
        return Team.objects.filter(is_active=True)
    return teams.teams_of(user)


def may_take(user: User, slug: str) -> bool:
    """Whether a new form may be called so: no other team waits for cases of that name."""
    others = TeamForm.objects.filter(slug=slug)
    return not others.exists() or others.filter(team__in=teams_for_new(user)).exists()
