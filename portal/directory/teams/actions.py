"""What becomes of teams beside their page in the admin."""

from collections.abc import Mapping

from django.db import transaction

from portal.accounts.models import Role, User
from portal.directory.models import Office
from portal.directory.teams.models import Team, TeamForm, TeamMember


@transaction.atomic
def seed_demo(forms: Mapping[str, str]) -> None:
    """A team at each office that a form names, with everybody who works on cases in the demo. May run again.

    `forms`: slug of the form -> slug of its office. Raises Office.DoesNotExist before directory_seed has run.
    """
    clerks = list(User.objects.filter(roles__role=Role.CLERK, email__endswith="@stadt.invalid"))
    leads = set(User.objects.filter(roles__role=Role.TEAM_LEAD).values_list("pk", flat=True))
    for office in (Office.objects.get(slug=slug) for slug in sorted(set(forms.values()))):
        name = "Parkausweise" if office.slug == "parkausweise" else office.name
        team, _ = Team.objects.get_or_create(name=name, defaults={"office": office})
        for slug in sorted(form for form, place in forms.items() if place == office.slug):
            TeamForm.objects.get_or_create(team=team, slug=slug)
        for user in clerks:
            TeamMember.objects.get_or_create(team=team, user=user, defaults={"leads": user.pk in leads})
