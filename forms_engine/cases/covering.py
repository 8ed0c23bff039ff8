"""Absence cover: a clerk names a colleague of the same team, who for these days sees in their own list what waits for
the absent one. What may be signed stays the same: nobody approves what they have proposed themselves.
"""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from forms_engine.cases.models import Deputy
from portal.accounts.models import Role, User
from portal.audit import actions as audit
from portal.common import clock
from portal.directory.teams import queries as teams
from portal.directory.teams.models import TeamMember

LONGEST = dt.timedelta(days=366)


class Overlapping(Exception):
    """For one of these days there is a deputy already."""


class NoColleague(Exception):
    """The deputy works in none of the clerk's teams."""


def colleagues(clerk: User) -> QuerySet[User]:
    """Who may cover: people of the same working teams, by name."""
    mates = TeamMember.objects.filter(team__in=teams.teams_of(clerk)).exclude(user=clerk).values("user")
    roles = [Role.CLERK, Role.TEAM_LEAD]
    found = User.objects.filter(pk__in=mates, is_active=True, roles__role__in=roles).distinct()
    return found.order_by("family_name", "given_name", "pk")


def seen_by(clerk: User) -> QuerySet[User]:
    """Whose cases stand in the clerk's own list today: theirs, and those of whom they cover and still share a team."""
    absent = Deputy.objects.on(clock.today()).filter(deputy=clerk).values("absent")
    mates = TeamMember.objects.filter(team__in=teams.teams_of(clerk)).values("user")
    return User.objects.filter(Q(pk=clerk.pk) | Q(pk__in=absent) & Q(pk__in=mates))


def of(clerk: User) -> QuerySet[Deputy]:
    """Present and coming ones in which the clerk is covered or covers."""
    rows = Deputy.objects.filter(Q(absent=clerk) | Q(deputy=clerk), last_day__gte=clock.today())
    return rows.select_related("absent", "deputy").order_by("first_day", "id")


def name(absent: User, deputy: User, *, first: dt.date, last: dt.date) -> Deputy:
    """Raises NoColleague, Overlapping."""
    if not colleagues(absent).filter(pk=deputy.pk).exists():
        raise NoColleague
    try:
        with transaction.atomic():
            made = Deputy.objects.create(absent=absent, deputy=deputy, first_day=first, last_day=last)
            days = {"first": first.isoformat(), "last": last.isoformat()}
            audit.record("deputy.named", f"user:{absent.public_id}", str(absent.public_id), **days)
    except IntegrityError as error:
        if "one_deputy_a_day" not in str(error):
            raise
        raise Overlapping from None
    return made


@transaction.atomic
def end(absent: User, pk: int) -> bool:
    """The absent one is back: the cover ends today, or never begins. False for anybody else's."""
    gone, _ = Deputy.objects.filter(pk=pk, absent=absent).delete()
    if gone:
        audit.record("deputy.ended", f"user:{absent.public_id}", str(absent.public_id))
    return bool(gone)
