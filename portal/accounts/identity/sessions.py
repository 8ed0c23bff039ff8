"""How sure we are, in this session, who somebody is: which providers said so, at which level, and when."""

import dataclasses
import datetime as dt

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.common import clock, tickets

LOCAL = "konto"  # the house's own accounts with address and password
_KEY = "identity_sign_ins"
_BROWSER = "identity_browser"
_MERGE, _SECOND = "identity_merge", "identity_second_step"
OFFER_LIVES = dt.timedelta(minutes=10)


@dataclasses.dataclass(frozen=True)
class SignIn:
    """`at`: aware; None if nobody remembers, which counts as long ago."""

    provider: str
    level: TrustLevel
    at: dt.datetime | None


def sign_ins(request: HttpRequest) -> list[SignIn]:
    """Every proof of the signed-in person in this session, newest last. Empty for anybody else."""
    if not isinstance(request.user, User):
        return []
    told = [known for row in request.session.get(_KEY, []) if (known := _read(row))]
    times = [record["at"] for record in get_authentication_records(request, request.user) if "at" in record]
    if times or not told:
        at = dt.datetime.fromtimestamp(max(times), dt.UTC) if times else None
        told.append(SignIn(LOCAL, TrustLevel.BASIC, at))
    return sorted(told, key=lambda known: known.at.timestamp() if known.at else 0.0)


def remember(request: HttpRequest, provider: str, level: TrustLevel, at: dt.datetime) -> None:
    """One entry for each provider: the latest."""
    others = [row for row in request.session.get(_KEY, []) if row.get("provider") != provider]
    request.session[_KEY] = [*others, {"provider": provider, "level": int(level), "at": at.isoformat()}]


def forget(request: HttpRequest, provider: str) -> None:
    request.session[_KEY] = [row for row in request.session.get(_KEY, []) if row.get("provider") != provider]


def browser(request: HttpRequest) -> str:
    """A digest that tells this browser session from every other, also across a sign-in of the same person."""
    return tickets.digest(browser_secret(request))


def browser_secret(request: HttpRequest) -> str:
    """What `browser` digests. Stays in the session; same_browser() carries it over a sign-out."""
    secret: str | None = request.session.get(_BROWSER)
    if not secret:
        secret = request.session[_BROWSER] = clock.token()
    return secret


def same_browser(request: HttpRequest, secret: str) -> None:
    """The session was ended by us, not by the person: what they have kept still belongs to this browser."""
    request.session[_BROWSER] = secret


def hold_for_second_step(request: HttpRequest, user: User, shown: SignIn, back: str) -> None:
    """What a provider said of a person who wants a second factor with every sign-in that is not strong by itself."""
    row = {"provider": shown.provider, "level": int(shown.level), "at": shown.at and shown.at.isoformat()}
    request.session[_SECOND] = {"user": user.pk, "shown": row, "next": back}


def waits_for_second_step(request: HttpRequest) -> User | None:
    row = request.session.get(_SECOND)
    return User.objects.filter(pk=row["user"], is_active=True, is_staff=False).first() if row else None


def after_second_step(request: HttpRequest) -> tuple[str, str]:
    """(provider, way back) of what was held for the person who is signed in now; empty words if nothing was."""
    row = request.session.pop(_SECOND, None)
    shown = _read(row["shown"]) if row and row["user"] == request.user.pk else None
    if shown is None or shown.at is None:
        return "", ""
    remember(request, shown.provider, shown.level, shown.at)
    return shown.provider, row["next"]


def offer_merge(request: HttpRequest, other: User, shown: SignIn) -> None:
    """The person has just shown with `shown` that another account is theirs, too."""
    request.session[_MERGE] = {
        "user": request.user.pk,
        "other": other.pk,
        "at": clock.now().isoformat(),
        "shown": {"provider": shown.provider, "level": int(shown.level), "at": shown.at and shown.at.isoformat()},
    }


def merge_offer(request: HttpRequest) -> User | None:
    """The other account, for ten minutes and for the person who showed it."""
    row = request.session.get(_MERGE)
    if not row or row["user"] != request.user.pk:
        return None
    if clock.now() - dt.datetime.fromisoformat(row["at"]) > OFFER_LIVES:
        return None
    return User.objects.filter(pk=row["other"], is_active=True, is_staff=False).first()


def accept_merge(request: HttpRequest) -> None:
    """After the accounts became one: what opened the other now is a proof of this session."""
    shown = _read(request.session.pop(_MERGE)["shown"])
    if shown and shown.at:
        remember(request, shown.provider, shown.level, shown.at)


def _read(row: dict[str, object]) -> SignIn | None:
    """None for a level that we do not know: it never counts."""
    level, at = row.get("level"), row.get("at")
    if level not in TrustLevel.values or not isinstance(at, str):
        return None
    return SignIn(str(row.get("provider", "")), TrustLevel(level), dt.datetime.fromisoformat(at))
