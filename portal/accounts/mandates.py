"""Acting for somebody: who gave what to whom, from when until when, and whether it still holds."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, cast

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext

from portal.accounts import keys, mails
from portal.accounts.models import (
    AccountKind,
    CompanyRole,
    Evidence,
    Mandate,
    MandateKind,
    MandateQuerySet,
    Scope,
    User,
)
from portal.common import clock
from portal.common.crypto import KeyDestroyed
from portal.common.written import Written

_CACHE = "_mandate_in_use"  # on the request: asked once
SESSION_NAME = "acting_for"  # in the session: public id of the mandate in use


class Impossible(Exception):
    """The mandate cannot be given; the sentence is German and fit for the page."""


@dataclasses.dataclass(frozen=True)
class Terms:
    """What an agent may do, for which services (empty: all), and whether letters also go to them."""

    kind: MandateKind
    scope: Scope
    services: Sequence[str] = ()
    takes_post: bool = True
    role: CompanyRole = CompanyRole.NONE


def invite(
    principal: User, address: str, terms: Terms, *, starts: dt.date | None = None, ends: dt.date | None = None
) -> Mandate:
    """`principal` asks whoever has the address to act for them. The same answer whether there is such an account.

    A worker sends the link (sweep_invitations). `starts`: today if not given. Raises Impossible.
    """
    address, starts = address.strip().lower(), starts or clock.today()
    if address == principal.mail_address:
        raise Impossible(gettext("Geben Sie die Adresse einer anderen Person ein"))
    if ends is not None and ends < starts:
        raise Impossible(gettext("Das Ende muss nach dem Beginn liegen"))
    mandate = Mandate(principal=principal, starts=starts, ends=ends, notice_due_at=clock.now(), **_columns(terms))
    mandate.sealed_address = keys.envelope(principal).seal(address.encode(), _place(mandate))
    mandate.save(force_insert=True)
    return mandate


def establish(
    principal: User, agent: User, terms: Terms, evidence: Evidence, *, ends: dt.date | None = None
) -> Mandate:
    """A mandate that needs no invitation: of a founder, a parent, or one whom a court appointed."""
    now = clock.now()
    return Mandate.objects.create(
        principal=principal,
        agent=agent,
        accepted_at=now,
        given_at=now,
        starts=clock.today(),
        ends=ends,
        evidence=evidence,
        **_columns(terms),
    )


def _columns(terms: Terms) -> dict[str, Any]:
    return dataclasses.asdict(terms) | {"services": list(terms.services)}


def _place(mandate: Mandate) -> str:
    return f"mandate:{mandate.public_id}:address"


def address(mandate: Mandate) -> str:
    """The invited address; "" once the principal's account is deleted."""
    try:
        return keys.envelope(mandate.principal).open(mandate.sealed_address, _place(mandate)).decode()
    except KeyDestroyed:
        return ""


def ticket(mandate: Mandate) -> str:
    """What the link of the invitation carries; signed, so that nothing has to be stored."""
    return Signer(salt="mandate").sign(str(mandate.public_id))


def invitation(user: User, signed: str) -> Mandate | None:
    """The open invitation of a link, if it was sent to this person's address."""
    try:
        public_id = uuid.UUID(Signer(salt="mandate").unsign(signed))
    except (BadSignature, ValueError):
        return None
    rows = Mandate.objects.filter(public_id=public_id, agent=None, revoked_at=None, principal__is_active=True)
    found = rows.select_related("principal").first()
    return found if found and found.holds and address(found) == user.mail_address else None


def accept(mandate: Mandate, *, by: User) -> bool:
    """False if it was accepted or withdrawn meanwhile, or if they are a member of the company already."""
    rows = Mandate.objects.filter(pk=mandate.pk, agent=None, revoked_at=None)
    try:
        with transaction.atomic():
            return rows.update(agent=by, accepted_at=clock.now()) == 1
    except IntegrityError:  # mandate_member_once
        return False


def sweep_invitations() -> int:
    return mails.send_due(Mandate.objects.select_related("principal"), _mail)


def _mail(mandate: Mandate) -> mails.Mail:
    link = f"{settings.PUBLIC_URL}/konto/vertretung/annehmen/{ticket(mandate)}/"
    text = render_to_string("account/email/mandate.txt", {"link": link})
    return mails.Mail(address(mandate) if mandate.holds else "", "Einladung zu einer Vertretung", text)


def revoke(mandate: Mandate, *, by: User) -> bool:
    """Ends it at once; either side may. False if it had ended before."""
    rows = Mandate.objects.filter(pk=mandate.pk, revoked_at=None)
    return rows.update(revoked_at=clock.now(), revoked_by=by) == 1


def revoke_all(user: User) -> int:
    rows = Mandate.objects.filter(Q(principal=user) | Q(agent=user), revoked_at=None)
    return rows.update(revoked_at=clock.now(), revoked_by=user)


def of(user: User) -> MandateQuerySet:
    """Given and received, also those that ended, newest first."""
    rows = Mandate.objects.filter(Q(principal=user) | Q(agent=user))
    return rows.select_related("principal", "agent").order_by("-given_at", "-id")


def acting_now(user: User) -> list[Mandate]:
    """For whom the person may act today."""
    return _ACTING(user)


_ACTING: Written[Mandate] = Written(
    lambda user: Mandate.objects.valid(clock.today()).filter(agent=user).select_related("principal").order_by("id")
)


def may_act(agent: User, principal: User, scope: Scope, service: str | None = None) -> bool:
    """Whether `agent` may act for `principal` in `scope` today, and in this service if one is named.

    Everybody may act for themselves.
    """
    if agent.pk == principal.pk:
        return agent.is_active
    rows = Mandate.objects.valid(clock.today()).filter(agent=agent, principal=principal)
    rows = rows.filter(scope__in=[scope, Scope.ALL])
    if service is not None:
        rows = rows.filter(Q(services=[]) | Q(services__contains=[service]))
    return agent.is_active and rows.exists()


def switch(request: HttpRequest, mandate: Mandate | None) -> None:
    """From now on this session acts for the principal of `mandate`, or for itself again."""
    request.__dict__.pop(_CACHE, None)
    if mandate is None:
        request.session.pop(SESSION_NAME, None)
    else:
        request.session[SESSION_NAME] = str(mandate.public_id)


def in_use(request: HttpRequest) -> Mandate | None:
    """The mandate this session acts by, looked up anew: one that ended counts no more, whatever the session says."""
    if _CACHE not in request.__dict__:
        request.__dict__[_CACHE] = _look_up(request)
    found: Mandate | None = request.__dict__[_CACHE]
    return found


def _look_up(request: HttpRequest) -> Mandate | None:
    chosen = request.session.get(SESSION_NAME)
    if not chosen or not request.user.is_authenticated:
        return None
    rows = Mandate.objects.valid(clock.today()).filter(agent=request.user, public_id=uuid.UUID(chosen))
    return rows.select_related("principal").first()


def whose(request: HttpRequest) -> tuple[User, User | None]:
    """Whose matters this session's lists show, and the agent who looks at them (None: the person themselves)."""
    user, mandate = cast(User, request.user), in_use(request)
    return (mandate.principal, user) if mandate else (user, None)


def letters_for(principal: User, service: str) -> list[User]:
    """Agents who today get a copy of the city's letters to `principal` in this service (§ 14 (3) VwVfG).

    Nobody for accounts without a sign-in of their own: their agents read the one postbox there is.
    """
    if principal.kind != AccountKind.PERSON:
        return []
    rows = Mandate.objects.valid(clock.today()).filter(principal=principal, takes_post=True)
    rows = rows.filter(Q(services=[]) | Q(services__contains=[service]), scope__in=[Scope.ALL, Scope.MAILBOX])
    return list({row.agent_id: row.agent for row in rows.select_related("agent").order_by("id") if row.agent}.values())


def readers(principal: User) -> list[User]:
    """Whose e-mail address gets the notices about the postbox of an account without a sign-in of its own."""
    rows = Mandate.objects.valid(clock.today()).filter(principal=principal, scope__in=[Scope.ALL, Scope.MAILBOX])
    return [row.agent for row in rows.select_related("agent").order_by("id") if row.agent]
