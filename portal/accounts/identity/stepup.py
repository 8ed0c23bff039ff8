"""A page or form asks for a level of trust, and for a sign-in that is not too old.

    @needs_level(TrustLevel.SUBSTANTIAL, max_age=timedelta(minutes=10))
    def withdraw(request): ...

    if response := stepup.demand(request, level_of(form)):
        return response

Whoever has not shown enough is sent to do so and comes back to the same page. What was posted waits (kept.py).
"""

import datetime as dt
import enum
import functools
from collections.abc import Callable, Iterable
from typing import Any, Concatenate, ParamSpec, cast

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from portal.accounts.identity import kept, providers, sessions
from portal.accounts.identity.sessions import SignIn
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.common import clock

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
AHEAD = dt.timedelta(minutes=1)  # clocks of two houses
MAX_AGE = {TrustLevel.SUBSTANTIAL: dt.timedelta(minutes=60), TrustLevel.HIGH: dt.timedelta(minutes=30)}
JUST_NOW = dt.timedelta(minutes=5)  # as allauth: ACCOUNT_REAUTHENTICATION_TIMEOUT
_KEY = "identity_demand"


class Outcome(enum.Enum):
    ALLOW = "allow"
    SIGN_IN = "sign in"
    STEP_UP = "step up"
    REFUSE = "refuse"


def decide(
    held: Iterable[SignIn],
    needed: TrustLevel | None,
    max_age: dt.timedelta | None,
    now: dt.datetime,
    reachable: TrustLevel,
) -> Outcome:
    """One proof must be strong and new enough by itself. A demand that nobody knows or nobody can meet is refused.

    `reachable`: the highest level that a provider offered here can vouch for.
    """
    if needed is None:
        return Outcome.REFUSE
    held = list(held)
    if needed == TrustLevel.NONE or any(known.level >= needed and _is_new(known, max_age, now) for known in held):
        return Outcome.ALLOW
    if needed > reachable:
        return Outcome.REFUSE
    return Outcome.STEP_UP if held else Outcome.SIGN_IN


def _is_new(known: SignIn, max_age: dt.timedelta | None, now: dt.datetime) -> bool:
    return max_age is None or (known.at is not None and -AHEAD <= now - known.at <= max_age)


def reachable() -> TrustLevel:
    return max([TrustLevel.BASIC, *(provider.highest for provider in providers.offered())])


def demand(request: HttpRequest, needed: TrustLevel | None, max_age: dt.timedelta | None = None) -> HttpResponse | None:
    """None if the view may go on, else the answer to give. Call it before anything of the request is used."""
    outcome = decide(sessions.sign_ins(request), needed, max_age, clock.now(), reachable())
    if outcome is Outcome.ALLOW:
        return kept.resume(request)
    if outcome is Outcome.SIGN_IN:
        return redirect_to_login(request.get_full_path())
    if outcome is Outcome.REFUSE or needed is None:
        return render(request, "identity/refused.html", {"level": needed}, status=403)
    request.session[_KEY] = {
        "next": kept.keep(request) or request.get_full_path(),
        "level": int(needed),
        "seconds": None if max_age is None else int(max_age.total_seconds()),
    }
    return redirect("identity:step_up")


def demand_for(request: HttpRequest, needed: TrustLevel | None) -> HttpResponse | None:
    """demand() with the age that a level bears: the surer we must be, the newer the proof."""
    return demand(request, needed, MAX_AGE.get(needed) if needed else None)


def shown(request: HttpRequest) -> TrustLevel:
    """The highest level of which this session would be asked nothing more."""
    held, now = sessions.sign_ins(request), clock.now()
    met = (level for level in TrustLevel if decide(held, level, MAX_AGE.get(level), now, level) is Outcome.ALLOW)
    return max(met)  # NONE asks for nothing


def needs_level(needed: TrustLevel, *, max_age: dt.timedelta | None = None) -> Callable[[View[P]], View[P]]:
    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            return demand(request, needed, max_age) or view(request, *args, **kwargs)

        return guarded

    return decorate


def proven_again(view: View[P]) -> View[P]:
    """The person has just given a password, code or passkey once more, or signed in anew where they have none of these:
    accounts that only a provider opens (allauth would wave them through)."""
    local = cast(View[P], reauthentication_required(view))

    @functools.wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User) or get_reauthentication_flows(request.user):
            return local(request, *args, **kwargs)
        return demand(request, TrustLevel.BASIC, JUST_NOW) or view(request, *args, **kwargs)

    return guarded


class Demand:
    """What this session was last asked for. Made by `demand` only, so the way back is always a page of ours."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.next, self.level = str(row["next"]), TrustLevel(row["level"])
        seconds = row["seconds"]
        self.max_age = dt.timedelta(seconds=seconds) if isinstance(seconds, int) else None

    @classmethod
    def of(cls, request: HttpRequest) -> "Demand | None":
        row = request.session.get(_KEY)
        return cls(row) if row else None

    def is_met(self, request: HttpRequest) -> bool:
        held = sessions.sign_ins(request)
        return decide(held, self.level, self.max_age, clock.now(), reachable()) is Outcome.ALLOW


def ways(user: User, needed: TrustLevel) -> tuple[bool, list[providers.Provider], list[providers.Provider]]:
    """How this person can show more: with the password?, with which linked providers, with which yet to be linked."""
    linked = set(user.identities.values_list("provider", flat=True))
    strong = [provider for provider in providers.offered() if provider.highest >= needed]
    return (
        needed <= TrustLevel.BASIC and user.has_usable_password(),
        [provider for provider in strong if provider.key in linked],
        [provider for provider in strong if provider.key not in linked],
    )
