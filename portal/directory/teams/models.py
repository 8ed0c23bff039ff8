"""Who works on what: a team belongs to one office and handles some forms. Its members see the cases of these.

Forms are named by their slug: this app knows offices and people, the forms lie above it (docs/adr/0010).
"""

from typing import Any

from django.db import models
from django.db.models import Q

from portal.accounts.models import User
from portal.common import clock
from portal.directory.models import Office


class Team(models.Model):
    name = models.CharField("Name", max_length=120, unique=True)
    office = models.ForeignKey(Office, models.PROTECT, related_name="teams", verbose_name="Dienststelle")
    is_active = models.BooleanField("arbeitet", default=True)
    created_at = models.DateTimeField("angelegt am", default=clock.now, editable=False)

    class Meta:
        verbose_name = "Team"
        verbose_name_plural = "Teams"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TeamForm(models.Model):
    """A form whose cases the team handles, by its slug."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="forms", verbose_name="Team")
    slug = models.SlugField("Formular", max_length=60)

    class Meta:
        verbose_name = "Formular des Teams"
        verbose_name_plural = "Formulare des Teams"
        ordering = ["slug"]
        indexes = [models.Index(fields=["slug"], name="team_form_by_slug")]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "slug"],
                name="form_once_per_team",
                violation_error_message="Dieses Formular steht schon beim Team. Entfernen Sie es einmal.",
            )
        ]

    def __str__(self) -> str:
        return self.slug


class TeamMember(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="members", verbose_name="Team")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="Konto")
    leads = models.BooleanField("leitet das Team", default=False)

    class Meta:
        verbose_name = "Mitglied"
        verbose_name_plural = "Mitglieder"
        ordering = ["user__family_name", "user__given_name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"],
                name="member_once_per_team",
                violation_error_message="Diese Person ist schon im Team. Entfernen Sie sie einmal.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}{' (Leitung)' if self.leads else ''}"


def member_of(user: User, **more: Any) -> Q:
    """Rows of Team: those that work, with this person in them. `more`: further words about the membership."""
    mine = TeamMember.objects.filter(user=user, **more).values("team")
    return Q(pk__in=mine, is_active=True)
