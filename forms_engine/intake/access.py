"""The only doors through which a view gets something that arrived."""

import uuid

from django.http import Http404

from forms_engine.cases import access as cases
from forms_engine.cases.models import Case
from forms_engine.intake.models import InboundItem, InboundItemQuerySet, InboundPart
from portal.accounts.access import has_role
from portal.accounts.models import Role, User
from portal.directory.teams.models import Team
from portal.documents.models import StoredFile


def pile(user: User) -> InboundItemQuerySet:
    """What a person may see as a clerk: what nobody has been given yet, and what was given to their teams."""
    if not has_role(user, Role.CLERK, Role.TEAM_LEAD):
        return InboundItem.objects.none()
    return InboundItem.objects.seen_by(user)


def item_for_clerk(user: User, public_id: uuid.UUID) -> InboundItem:
    """Raises Http404 for what lies with another team."""
    rows = pile(user).select_related("raw", "team", "system", "case", "suggested", "duplicate_of", "handled_by")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def part_of(item: InboundItem, public_id: uuid.UUID) -> InboundPart:
    """A file inside an item obtained above."""
    found = item.parts.select_related("stored", "item").filter(public_id=public_id).first()
    if found is None or item.emptied_at is not None:
        raise Http404
    return found


def case_to_file_in(user: User, number: str) -> Case | None:
    """A case of this number that the clerk works on; None for all others, so that filing opens no foreign file."""
    return cases.desk(user).filter(number=number, wrapped_key__isnull=False).first()


def teams_to_give_to(item: InboundItem) -> list[Team]:
    return [team for team in Team.objects.filter(is_active=True).order_by("name") if team.pk != item.team_id]


def raw_of(item: InboundItem) -> StoredFile:
    """The original as it came. Raises Http404 where there is none any more."""
    if item.raw is None or item.emptied_at is not None:
        raise Http404
    return item.raw
