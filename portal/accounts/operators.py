"""What operators do with somebody's account. Never with their own: it takes a colleague (four eyes)."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from portal.accounts import sign_ins
from portal.accounts.models import SignIn, User
from portal.audit import actions as audit
from portal.outbox import relay

DELETED = "@konto.invalid"  # addresses of accounts that were deleted for good


class OwnAccount(Exception):
    """Operators leave their own account to a colleague."""


def deactivate(user: User, *, by: User) -> bool:
    """The person cannot sign in any more, and is signed out everywhere at once. False if it was so already."""
    _not_own(user, by)
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            return False
        sign_ins.end_all(user)
        audit.record("account.deactivated", f"user:{user.public_id}", str(by.public_id))
        relay.publish("account.off_duty", user.public_id)
    return True


def activate(user: User, *, by: User) -> bool:
    """Undoes deactivate(). False for deleted accounts: they never come back."""
    _not_own(user, by)
    with transaction.atomic():
        asleep = User.objects.filter(pk=user.pk, is_active=False).exclude(email__endswith=DELETED)
        if not asleep.update(is_active=True):
            return False
        audit.record("account.activated", f"user:{user.public_id}", str(by.public_id))
    return True


def end_sessions(user: User, *, by: User) -> int:
    """Signs the person out everywhere. Returns how many sessions that were."""
    with transaction.atomic():
        ended = sign_ins.end_all(user)
        if ended:
            audit.record("account.sessions_ended", f"user:{user.public_id}", str(by.public_id), count=ended)
    return ended


def end_session(sign_in: SignIn, *, by: User) -> bool:
    """Ends one session. False if it had ended before."""
    with transaction.atomic():
        ended = sign_ins.end(sign_in)
        if ended:
            audit.record("account.sessions_ended", f"user:{sign_in.user.public_id}", str(by.public_id), count=1)
    return ended


def reset_second_factor(user: User, *, by: User) -> bool:
    """After a lost device: apps, passkeys and codes go, sessions end; the next sign-in sets up anew. False: none."""
    _not_own(user, by)
    with transaction.atomic():
        deleted, _ = Authenticator.objects.filter(user=user).delete()
        if not deleted:
            return False
        sign_ins.end_all(user)
        audit.record("second_factor.reset", f"user:{user.public_id}", str(by.public_id))
    return True


def _not_own(user: User, by: User) -> None:
    if user.pk == by.pk:
        raise OwnAccount
