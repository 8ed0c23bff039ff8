"""How often a password or code may be guessed, counted in rows: neither a restart nor a flushed Valkey forgives.

allauth also counts in the cache (per network address and address). This is the limit that must hold: per account.
"""

import datetime as dt

from django.utils.crypto import salted_hmac

from portal.accounts.models import SignInAttempt
from portal.common import clock

LIMIT = 5
WINDOW = dt.timedelta(minutes=5)
KEPT = dt.timedelta(days=1)


class TooMany(Exception):
    """Refused before the secret was looked at."""


def digest(what: str, who: str) -> str:
    """`what` is the kind of secret, `who` an address or id as typed. Keyed: the rows tell no addresses."""
    return salted_hmac("portal.accounts.limits", f"{what}:{who.strip().lower()}", algorithm="sha256").hexdigest()


def attempt(what: str, who: str, *, limit: int = LIMIT) -> int:
    """Counts a guess before it is checked, so that parallel guesses cannot slip through. Give the number to forgive().

    Raises TooMany when `limit` guesses were wrong in five minutes; refused guesses do not prolong the wait.
    """
    key = digest(what, who)
    row = SignInAttempt.objects.create(key=key)
    if SignInAttempt.objects.filter(key=key, at__gt=clock.now() - WINDOW).count() > limit:
        forgive(row.pk)
        raise TooMany
    return row.pk


def forgive(number: int) -> None:
    """The guess was right: it does not count. Wrong ones before it still do."""
    SignInAttempt.objects.filter(pk=number).delete()


def clear(what: str, who: str) -> None:
    """After the password was chosen anew by mail."""
    SignInAttempt.objects.filter(key=digest(what, who)).delete()


def sweep_attempts() -> int:
    deleted, _ = SignInAttempt.objects.filter(at__lt=clock.now() - KEPT).delete()
    return deleted
