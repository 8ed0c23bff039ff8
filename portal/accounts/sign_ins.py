"""Sign-in history and the devices signed in now. A session is a row: deleting it ends it at the next request.

A device counts as new if its coarse name is not among those of the last 90 days. We set no cookie to know it better.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.template.loader import render_to_string

from portal.accounts import devices, mails, staff
from portal.accounts.models import Preferences, SignIn, SignInMethod, User
from portal.common import clock
from portal.common.written import Written

KEPT = dt.timedelta(days=90)
SESSION_NAME = "sign_in"  # in the session: public id of its row
NOBODY = uuid.UUID(int=0)


def record(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Hears django.contrib.auth's user_logged_in: every way in, the admin's own page too, goes through it."""
    now = clock.now()
    earlier = SignIn.objects.filter(user=user, at__gt=now - KEPT)
    device = devices.name(request.META.get("HTTP_USER_AGENT", ""))
    if not request.session.session_key:  # somebody else was signed in here a moment ago
        request.session.save()
    told = Preferences.objects.filter(user=user, tell_new_device=False).first() is None
    with transaction.atomic():
        known = list(earlier.order_by().values_list("device", flat=True).distinct())
        row = SignIn(
            user=user,
            at=now,
            device=device,
            session_key=request.session.session_key or "",
            notice_due_at=now if told and known and device not in known else None,
            **_how(get_authentication_records(request, user)),
        )
        row.save(force_insert=True)
    request.session[SESSION_NAME] = str(row.public_id)
    staff.begin(request, user)


def name_provider(request: HttpRequest, provider: str) -> None:
    """For sign-ins that allauth does not know: through whom the person came, told after Django's login()."""
    mine = SignIn.objects.filter(public_id=request.session.get(SESSION_NAME) or NOBODY)
    mine.update(method=SignInMethod.PROVIDER, provider=provider[:80])


class FollowSession:
    """Middleware: the row of a sign-in keeps leading to its session when that gets another key (a new password)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        before = request.session.session_key
        response = self.get_response(request)
        after = request.session.session_key
        if after and after != before and (public_id := request.session.get(SESSION_NAME)):
            SignIn.objects.filter(public_id=public_id, ended_at=None).update(session_key=after)
        return response


def _how(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Method, provider and second factor by what allauth noted in the session."""
    methods = [record.get("method") for record in records]
    provider = next((str(r["provider"]) for r in records if r.get("provider")), "")
    if any(record.get("passwordless") for record in records):
        return {"method": SignInMethod.PASSKEY}
    if provider:
        return {"method": SignInMethod.PROVIDER, "provider": provider[:80], "second_factor": "mfa" in methods}
    if "password" in methods:
        return {"method": SignInMethod.PASSWORD, "second_factor": "mfa" in methods}
    return {"method": SignInMethod.OTHER}


def history(user: User) -> QuerySet[SignIn]:
    """The last 90 days, newest first."""
    return _since(clock.now() - KEPT, user)


def _since(moment: dt.datetime, user: User) -> QuerySet[SignIn]:
    return SignIn.objects.filter(user=user, at__gt=moment).order_by("-at", "-id")


_LAST_TWO: Written[SignIn] = Written(lambda moment, user: _since(moment, user)[:2])


def previous(request: HttpRequest, user: User) -> SignIn | None:
    """The sign-in before the one of this session."""
    earlier = _LAST_TWO(clock.now() - KEPT, user)
    return next((row for row in earlier if str(row.public_id) != request.session.get(SESSION_NAME)), None)


def present(user: User) -> list[SignIn]:
    """Devices signed in now, newest first."""
    return list(history(user).filter(is_present()))


def is_present() -> Q:
    """Rows whose session is still alive; staff's lives no longer than its limits (staff.py)."""
    now = clock.now()
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    at_work = Q(
        seen_at__gt=now - dt.timedelta(seconds=settings.STAFF_IDLE_SECONDS),
        at__gt=now - dt.timedelta(seconds=settings.STAFF_SESSION_SECONDS),
    )
    return Q(ended_at=None, session_key__in=alive) & (at_work | Q(user__is_staff=False))


def end(sign_in: SignIn) -> bool:
    """Ends one session for good. False if it had ended before."""
    with transaction.atomic():
        locked = SignIn.objects.select_for_update().get(pk=sign_in.pk)
        if not locked.session_key:
            return False
        Session.objects.filter(session_key=locked.session_key).delete()
        locked.session_key, locked.ended_at = "", clock.now()
        locked.save(update_fields=["session_key", "ended_at"])
    return True


def end_all(user: User, *, but: str | None = None) -> int:
    """Ends every session of the person, except the one with the key `but`. Returns how many."""
    rows = SignIn.objects.filter(user=user).exclude(session_key="")
    return sum(end(row) for row in (rows.exclude(session_key=but) if but else rows))


def sweep_notices() -> int:
    """Tells people of sign-ins on new devices."""
    return mails.send_due(SignIn.objects.select_related("user"), _mail)


def _mail(row: SignIn) -> mails.Mail:
    context = {"at": row.at, "link": f"{settings.PUBLIC_URL}/konto/sicherheit/"}
    text = render_to_string("account/email/new_device.txt", context)
    return mails.Mail(row.user.mail_address, "Anmeldung auf einem neuen Gerät", text)


def sweep_history() -> int:
    """Forgets sign-ins after 90 days; who is still signed in then keeps the session."""
    deleted, _ = SignIn.objects.filter(at__lte=clock.now() - KEPT).delete()
    return deleted
