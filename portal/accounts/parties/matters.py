"""Who may see what was done in representation: those with a mandate that holds today, for its scope and services."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.accounts.models import Mandate, Scope, User
from portal.accounts.parties.models import Matter
from portal.common import clock

WORK = (Scope.ALL, Scope.APPLICATIONS)  # the case itself, its payments and appointments
POST = (Scope.ALL, Scope.MAILBOX)


def opened(key: str, principal: User, service: str) -> None:
    """Write down a new matter, in the caller's transaction. Again: nothing changes."""
    Matter.objects.bulk_create([Matter(key=key, principal=principal, service=service)], ignore_conflicts=True)


def covered(agent: User, scopes: Collection[Scope], *, principal: str, service: str) -> Exists:
    """A condition for rows with a represented person and a service, by the names of their columns."""
    holds = Mandate.objects.valid(clock.today()).filter(agent=agent, principal=OuterRef(principal), scope__in=scopes)
    return Exists(holds.filter(Q(services=[]) | Q(services__contains=[OuterRef(service)])))


def seen_by(agent: User, scopes: Collection[Scope]) -> QuerySet[Matter]:
    """Every matter of others that `agent` may see today."""
    return Matter.objects.filter(covered(agent, scopes, principal="principal", service="service"))


def open_to(agent: User, scopes: Collection[Scope], *, key: str, principal: str) -> Exists:
    """A condition for rows that name a matter and whose it is: it is one that `agent` may see."""
    return Exists(seen_by(agent, scopes).filter(key=OuterRef(key), principal=OuterRef(principal)))


def as_far_as(by: User | None, scopes: Collection[Scope], *, key: str, principal: str) -> Q:
    """For lists of one person's rows: all of them for the person, and for an agent those of matters they may see."""
    return Q() if by is None else Q(open_to(by, scopes, key=key, principal=principal))
