"""What becomes of teams beside their page in the admin."""

from django.db import transaction

from portal.accounts.models import Role, User
from portal.directory.models import Office
from portal.directory.teams.models import Team, TeamForm, TeamMember

DEMO_TEAM, DEMO_OFFICE, DEMO_FORM = "Parkausweise", "parkausweise", "bewohnerparkausweis"


@transaction.atomic
def seed_demo() -> None:
    """The demo's one team, with everybody who works on cases there. May run again."""
    office = Office.objects.get(slug=DEMO_OFFICE)
    team, _ = Team.objects.get_or_create(name=DEMO_TEAM, defaults={"office": office})
    TeamForm.objects.get_or_create(team=team, slug=DEMO_FORM)
    for user in User.objects.filter(roles__role=Role.CLERK, email__endswith="@stadt.invalid"):
        leads = user.roles.filter(role=Role.TEAM_LEAD).exists()
        TeamMember.objects.get_or_create(team=team, user=user, defaults={"leads": leads})
