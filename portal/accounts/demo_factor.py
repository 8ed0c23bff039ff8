"""The second factor of the demo's staff: its secret is public, and the sign-in page shows the code that is right now.

Outside the demo such a factor opens nothing (second_factor_forms) and the portal's checks refuse it (portal.checks).
"""

import base64
import time

from allauth.account.internal.stagekit import unstash_login
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.accounts import second_factor
from portal.accounts.models import User

SECRET = base64.b32encode(b"Demonstration: kein Geheimnis, nirgends").decode().rstrip("=")[:32]
MARK = "demo"
STEP = 30  # seconds a code is shown (RFC 6238)


def set_up(user: User) -> None:
    """Gives somebody without a second factor the demo's. May run again."""
    if not second_factor.is_on(user):
        data = {"secret": second_factor.seal(user, SECRET), MARK: True}
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)


def everybodys() -> QuerySet[Authenticator]:
    """All of them; outside the demo there must be none (portal.checks)."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(data__has_key=MARK)
    return found


def is_demo(authenticator: Authenticator) -> bool:
    return bool(authenticator.data.get(MARK))


def code_for(request: HttpRequest) -> str:
    """A code that is right and not used yet, for whoever is signing in now; "" if there is none to show."""
    if not settings.DEMO:
        return ""
    login = unstash_login(request, peek=True)
    user = request.user if isinstance(request.user, User) else login.user if login else None
    found = second_factor.factors(user).filter(type=Authenticator.Type.TOTP).first() if user else None
    if found is None or not is_demo(found):
        return ""
    now, spent = int(time.time()) // STEP, found.data.get("spent", [])
    codes = (format_hotp_value(hotp_value(SECRET, now + step)) for step in (0, 1, -1))
    return next((code for code in codes if code not in spent), "")
