"""Who may do what. Views ask here and nowhere else."""

import functools
import uuid
from collections.abc import Callable
from typing import Concatenate, NamedTuple, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseBase

from portal.accounts.models import CompanyRole, Mandate, MandateKind, Role, SignIn, User
from portal.accounts.parties.models import Company
from portal.common import clock

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def has_role(user: User | AnonymousUser, *roles: Role) -> bool:
    """Whether an active person holds one of the roles. Read once per request and person."""
    if not isinstance(user, User) or not user.is_active:
        return False
    held = user.__dict__.get("_held_roles")
    if held is None:
        held = user.__dict__["_held_roles"] = set(user.roles.values_list("role", flat=True))
    return bool(held.intersection(roles))


def citizen(request: HttpRequest) -> User:
    """The signed-in person of a view behind @signed_in."""
    return cast(User, request.user)


def signed_in(view: View[P]) -> View[P]:
    return login_required(view)


def needs_role(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Signed in and holding a role; everybody else sees a 404, so that the page's existence is not told."""

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not has_role(cast(User, request.user), *roles):
                raise Http404
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return decorate


def sign_in_of(user: User, public_id: uuid.UUID) -> SignIn:
    """One of the person's own sign-ins. Raises Http404 for anybody else's."""
    found = SignIn.objects.filter(user=user, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


class CompanyOf(NamedTuple):
    """A company and the membership by which somebody sees it."""

    company: Company
    own: Mandate


def company_of(user: User, account_id: uuid.UUID, *roles: CompanyRole) -> CompanyOf:
    """A company of which the person is a member today, in one of the roles if any are named. Raises Http404."""
    rows = Mandate.objects.valid(clock.today()).filter(agent=user, principal__public_id=account_id)
    rows = rows.filter(kind=MandateKind.COMPANY, **({"role__in": roles} if roles else {}))
    own = rows.select_related("principal__company").first()
    if own is None:
        raise Http404
    return CompanyOf(own.principal.company, own)


def mandate_of(user: User, public_id: uuid.UUID) -> Mandate:
    """A mandate that the person gave or holds and that still stands. Raises Http404."""
    sides = Q(principal=user) | Q(agent=user)
    found = Mandate.objects.filter(sides, public_id=public_id, revoked_at=None).select_related("principal").first()
    if found is None:
        raise Http404
    return found
