"""Which forms, offices and colleagues a person works with."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.accounts.models import Role, User
from portal.directory.models import Office
from portal.directory.teams.models import Team, TeamForm, TeamMember, member_of


def teams_of(user: User) -> QuerySet[Team]:
    return Team.objects.filter(member_of(user))


def led_by(user: User) -> QuerySet[Team]:
    return Team.objects.filter(member_of(user, leads=True))


def offices_of(user: User) -> QuerySet[Office]:
    return Office.objects.filter(pk__in=teams_of(user).values("office"))


def handled_by(user: User) -> list[tuple[str, int]]:
    """What the person works on: (form, key of the office)."""
    rows = TeamForm.objects.filter(team__is_active=True, team__members__user=user)
    return list(rows.values_list("slug", "team__office_id").distinct())


def office_for(slug: str, *, named: str | None = None) -> Office | None:
    """The office of a new case of this form. None if several handle it: the first to take it decides.

    `named`: the office that the form itself names. It counts only where no team handles the form yet: at an office
    without such a team nobody would see the case.
    """
    handling = Team.objects.filter(office=OuterRef("pk"), is_active=True, forms__slug=slug)
    rows = Office.objects.select_related("organisation").annotate(handles=Exists(handling))
    found = list(rows.filter(Q(handles=True) | Q(slug=named or "")).order_by("-handles")[:2])
    several = len(found) == 2 and found[1].handles
    return found[0] if found and not several else None


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
