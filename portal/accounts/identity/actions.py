"""Sign-ins with a provider, from the question to the session: begin, answer, take; link and unlink.

Every step that counts is one conditional update or one unique row: an answer is believed once, and taken once by the
browser that asked. Whatever is not believed leaves an audit entry with the reason, and nothing else.
"""

import datetime as dt
import json

from django.contrib.auth import login
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from portal.accounts import profile, second_factor, sign_ins
from portal.accounts.identity import assertions, kept, saml, sessions, signatures
from portal.accounts.identity.assertions import Identity
from portal.accounts.identity.models import (
    PENDING_LIVES,
    ExternalIdentity,
    PendingSignIn,
    Purpose,
    UsedAssertion,
)
from portal.accounts.identity.providers import SamlProvider
from portal.accounts.identity.refusal import Refused
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.audit.actions import record
from portal.common import clock, tickets
from portal.common.crypto import CannotOpen

LINK_AGE = dt.timedelta(minutes=10)  # how new the sign-in here must be for a link
_USE = "identity-answer"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def begin(
    request: HttpRequest, provider: str, purpose: Purpose, level: TrustLevel, back: str
) -> tuple[PendingSignIn, str]:
    """Note a question before it is asked. Returns it with its RelayState. `back` must be a page of ours."""
    relay, now = clock.token(), clock.now()
    pending = PendingSignIn.objects.create(
        request_id=f"_{clock.uuid().hex}{clock.uuid().hex}",
        provider=provider,
        purpose=purpose,
        level=level,
        user=request.user if purpose != Purpose.SIGN_IN and isinstance(request.user, User) else None,
        browser_hash=sessions.browser(request),
        relay_hash=tickets.digest(relay),
        next=back,
        asked_at=now,
        expires_at=now + PENDING_LIVES,
    )
    return pending, relay


def answer(provider: SamlProvider, text: str, relay: str) -> str:
    """Believe a SAML response (Base64), once. Returns the key with which the browser takes it. Raises Refused.

    Checking costs two processes of xmlsec1 and happens before the transaction.
    """
    raw = signatures.decode(text)
    response, assertion = signatures.signed_assertion(raw, saml.trust(provider))
    now = clock.now()
    pending = _open_question(provider.key, assertions.in_response_to(response), now)
    if pending.relay_hash != tickets.digest(relay):
        raise Refused("relay_state")
    newer_than = None if pending.purpose == Purpose.SIGN_IN else pending.asked_at
    question = saml.question(provider, pending.request_id, TrustLevel(pending.level), newer_than)
    return believe(pending, assertions.read(response, assertion, question, now))


def believe(pending: PendingSignIn, identity: Identity) -> str:
    """Keep a checked identity for the browser that asked. Raises Refused when the question has an answer already."""
    key = clock.token()
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(
                provider=pending.provider,
                assertion_id=identity.assertion_id,
                expires_at=max(identity.expires_at, pending.expires_at) + dt.timedelta(hours=1),
            )
            changed = PendingSignIn.objects.filter(pk=pending.pk, answered_at=None).update(
                answered_at=clock.now(),
                pickup_hash=tickets.digest(key),
                sealed=tickets.seal(_pack(identity), key, use=_USE, place=pending.request_id),
            )
            if not changed:
                raise Refused("answered_twice")
    except IntegrityError:
        raise Refused("replay") from None
    return key


def take(request: HttpRequest, key: str) -> PendingSignIn:
    """Finish the sign-in, step-up or link for which this browser asked. Raises Refused."""
    now = clock.now()
    with transaction.atomic():
        pending = (
            PendingSignIn.objects.select_for_update()
            .filter(pickup_hash=tickets.digest(key), taken_at=None, expires_at__gt=now)
            .first()
        )
        if pending is None or pending.browser_hash != sessions.browser(request):
            raise Refused("other_browser" if pending else "nothing_to_take")
        if pending.user_id is not None and pending.user_id != request.user.pk:
            raise Refused("other_session")
        try:
            identity = _unpack(tickets.unseal(pending.sealed or b"", key, use=_USE, place=pending.request_id))
        except CannotOpen:
            raise Refused("nothing_to_take") from None
        other = _other_account(pending, identity)
        user = other or _person(request, pending, identity)
        pending.taken_at, pending.sealed = now, None
        pending.save(update_fields=["taken_at", "sealed"])
        if other is None:
            _note(user, pending, identity)
    if other is not None:
        sessions.offer_merge(request, other, sessions.SignIn(pending.provider, identity.level, identity.at))
        return pending
    if pending.purpose == Purpose.SIGN_IN and identity.level < TrustLevel.SUBSTANTIAL and second_factor.is_on(user):
        shown = sessions.SignIn(pending.provider, identity.level, identity.at)
        sessions.hold_for_second_step(request, user, shown, pending.next)
        return pending
    if pending.purpose == Purpose.SIGN_IN:
        login(request, user, backend=_BACKEND)
        sign_ins.name_provider(request, pending.provider)
    else:
        request.session.cycle_key()
    sessions.remember(request, pending.provider, identity.level, identity.at)
    return pending


def unlink(user: User, provider: str) -> bool:
    """Part an account from a provider. False if there is nothing to part, or nobody could sign in any more."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        found = ExternalIdentity.objects.filter(user=user, provider=provider).first()
        others = ExternalIdentity.objects.filter(user=user).exclude(provider=provider).exists()
        if found is None or not (others or user.has_usable_password()):
            return False
        found.delete()
        record("identity.unlinked", f"user:{user.public_id}", str(user.public_id), provider=provider)
    return True


def refuse(provider: str, reason: str) -> None:
    """What was not believed. No name, no pseudonym, no text of the sender."""
    record("identity.refused", f"provider:{provider[:40]}", "system:identity", reason=reason)


def is_new_without_address(user: User) -> bool:
    """Whether somebody comes for the first time (or for the first time in 90 days) and no mail can reach them."""
    return not user.mail_address and sign_ins.history(user).count() <= 1


def standing(user: User) -> TrustLevel:
    """The highest level at which this account was ever opened: whoever adds a key to it must show as much."""
    return TrustLevel(max([TrustLevel.BASIC, *user.identities.values_list("level", flat=True)]))


def sweep() -> int:
    """Delete questions, numbers of assertions and kept posts that cannot matter any more. Returns how many."""
    now = clock.now()
    pending = PendingSignIn.objects.filter(expires_at__lte=now - dt.timedelta(hours=1)).delete()[0]
    return pending + UsedAssertion.objects.filter(expires_at__lte=now).delete()[0] + kept.forget_expired()


def _open_question(provider: str, number: str, now: dt.datetime) -> PendingSignIn:
    pending = PendingSignIn.objects.filter(request_id=number, provider=provider).first()
    if pending is None:
        raise Refused("in_response_to")
    if pending.answered_at is not None:
        raise Refused("answered_twice")
    if pending.expires_at <= now:
        raise Refused("question_expired")
    return pending


def _person(request: HttpRequest, pending: PendingSignIn, identity: Identity) -> User:
    """Whose account this identity opens, for the purpose that was asked. Raises Refused."""
    known = (
        ExternalIdentity.objects.select_related("user")
        .filter(provider=pending.provider, subject=identity.subject)
        .first()
    )
    if pending.purpose == Purpose.LINK:
        return _linked(pending, identity, known)
    if known is None and pending.purpose == Purpose.SIGN_IN:
        known = _new_account(pending.provider, identity)
    if known is None or (pending.user_id is not None and known.user_id != pending.user_id):
        raise Refused("other_person")
    if not known.user.is_active or known.user.is_staff:  # clerks have their own door, with a second factor
        raise Refused("account_closed")
    known.used_at, known.level = clock.now(), max(known.level, identity.level)
    known.save(update_fields=["used_at", "level"])
    return known.user


def _other_account(pending: PendingSignIn, identity: Identity) -> User | None:
    """Another account of the same person, who wanted a link and has now signed in to both. Raises Refused.

    The sign-in there must be as strong as any that ever opened it, as must be the one here (views.link).
    """
    if pending.purpose != Purpose.LINK:
        return None
    rows = ExternalIdentity.objects.select_related("user")
    known = rows.filter(provider=pending.provider, subject=identity.subject).exclude(user=pending.user_id or 0).first()
    if known is None:
        return None
    if not known.user.is_active or known.user.is_staff or identity.level < standing(known.user):
        raise Refused("already_linked")
    return known.user


def _linked(pending: PendingSignIn, identity: Identity, known: ExternalIdentity | None) -> User:
    """Both sign-ins are new: the one here was looked at when the question was asked, the one there was forced anew."""
    user = User.objects.select_for_update().get(pk=pending.user_id or 0)
    if known is not None or user.is_staff or not user.is_active:
        raise Refused("already_linked" if known else "account_closed")
    try:
        with transaction.atomic():
            ExternalIdentity.objects.create(
                user=user, provider=pending.provider, subject=identity.subject, level=identity.level
            )
    except IntegrityError:
        raise Refused("already_linked") from None
    record("identity.linked", f"user:{user.public_id}", str(user.public_id), provider=pending.provider)
    return user


def _new_account(provider: str, identity: Identity) -> ExternalIdentity:
    """An account for somebody who comes for the first time; never an old one, however alike the names may be."""
    try:
        with transaction.atomic():
            number = clock.uuid()
            user = User.objects.create_user(User.unreachable_address(number), public_id=number)
            found = ExternalIdentity.objects.create(
                user=user, provider=provider, subject=identity.subject, level=identity.level
            )
            record("identity.account_opened", f"user:{number}", str(number), provider=provider)
            return found
    except IntegrityError:  # the same person in another window, a moment earlier
        return ExternalIdentity.objects.select_related("user").get(provider=provider, subject=identity.subject)


def _note(user: User, pending: PendingSignIn, identity: Identity) -> None:
    profile.record(user, source=pending.provider, data=identity.attributes)
    record(
        f"identity.{'signed_in' if pending.purpose == Purpose.SIGN_IN else 'stepped_up'}",
        f"user:{user.public_id}",
        str(user.public_id),
        provider=pending.provider,
        level=int(identity.level),
    )


def _pack(identity: Identity) -> bytes:
    row = {
        "subject": identity.subject,
        "level": int(identity.level),
        "at": identity.at.isoformat(),
        "attributes": {name: [value, int(level)] for name, (value, level) in identity.attributes.items()},
        "assertion_id": identity.assertion_id,
        "expires_at": identity.expires_at.isoformat(),
    }
    return json.dumps(row, ensure_ascii=False).encode()


def _unpack(plain: bytes) -> Identity:
    row = json.loads(plain)
    return Identity(
        row["subject"],
        TrustLevel(row["level"]),
        dt.datetime.fromisoformat(row["at"]),
        {name: (value, TrustLevel(level)) for name, (value, level) in row["attributes"].items()},
        row["assertion_id"],
        dt.datetime.fromisoformat(row["expires_at"]),
    )
