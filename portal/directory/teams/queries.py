"""Which forms, offices and colleagues a person works with."""

from django.db.models import QuerySet

from portal.accounts.models import Role, User
from portal.directory.models import Office
from portal.directory.teams.models import Team, TeamMember, member_of


def teams_of(user: User) -> QuerySet[Team]:
    return Team.objects.filter(member_of(user))


def led_by(user: User) -> QuerySet[Team]:
    return Team.objects.filter(member_of(user, leads=True))


def offices_of(user: User) -> QuerySet[Office]:
    return Office.objects.filter(pk__in=teams_of(user).values("office"))


def office_for(slug: str) -> Office | None:
    """The office of a new case of this form. None if several offices handle it: the first to take it decides."""
    offices = list(Office.objects.filter(teams__is_active=True, teams__forms__slug=slug).distinct()[:2])
    return offices[0] if len(offices) == 1 else None


def colleagues(slug: str, office: Office | None) -> QuerySet[User]:
    """People who may work on cases of this form and office, by name."""
    rows = TeamMember.objects.filter(team__is_active=True, team__forms__slug=slug)
    if office is not None:
        rows = rows.filter(team__office=office)
    clerks = User.objects.filter(is_active=True, roles__role__in=[Role.CLERK, Role.TEAM_LEAD])
    found = clerks.filter(pk__in=rows.values("user")).distinct()
    return found.order_by("family_name", "given_name", "pk")


def home(user: User, slug: str) -> Office | None:
    """The office at which this person handles the form; the first by name if there are several."""
    return Office.objects.filter(pk__in=teams_of(user).filter(forms__slug=slug).values("office")).first()
