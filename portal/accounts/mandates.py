"""Acting for somebody: who gave what to whom, from when until when, and whether it still holds."""

import datetime as dt
import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string

from portal.accounts import keys, mails
from portal.accounts.models import Mandate, MandateKind, MandateQuerySet, Scope, User
from portal.common import clock
from portal.common.crypto import KeyDestroyed

SESSION_NAME = "acting_for"  # in the session: public id of the mandate in use


class Impossible(Exception):
    """The mandate cannot be given; the sentence is German and fit for the page."""


def invite(
    principal: User, address: str, *, kind: MandateKind, scope: Scope, starts: dt.date, ends: dt.date | None = None
) -> Mandate:
    """`principal` asks whoever has the address to act for them. The same answer whether there is such an account.

    A worker sends the link (sweep_invitations). Raises Impossible.
    """
    address = address.strip().lower()
    if address == principal.mail_address:
        raise Impossible("Geben Sie die Adresse einer anderen Person ein")
    if ends is not None and ends < starts:
        raise Impossible("Das Ende muss nach dem Beginn liegen")
    mandate = Mandate(principal=principal, kind=kind, scope=scope, starts=starts, ends=ends, notice_due_at=clock.now())
    mandate.sealed_address = keys.envelope(principal).seal(address.encode(), _place(mandate))
    mandate.save(force_insert=True)
    return mandate


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
    found = Mandate.objects.filter(public_id=public_id, agent=None, revoked_at=None).select_related("principal").first()
    return found if found and found.holds and address(found) == user.mail_address else None


def accept(mandate: Mandate, *, by: User) -> bool:
    """False if it was accepted or withdrawn meanwhile."""
    rows = Mandate.objects.filter(pk=mandate.pk, agent=None, revoked_at=None)
    return rows.update(agent=by, accepted_at=clock.now()) == 1


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
    return list(Mandate.objects.valid(clock.today()).filter(agent=user).select_related("principal").order_by("id"))


def may_act(agent: User, principal: User, scope: Scope) -> bool:
    """Whether `agent` may act for `principal` in `scope` today. Everybody may act for themselves."""
    if agent.pk == principal.pk:
        return agent.is_active
    rows = Mandate.objects.valid(clock.today()).filter(agent=agent, principal=principal)
    return agent.is_active and rows.filter(scope__in=[scope, Scope.ALL]).exists()


def switch(request: HttpRequest, mandate: Mandate | None) -> None:
    """From now on this session acts for the principal of `mandate`, or for itself again."""
    if mandate is None:
        request.session.pop(SESSION_NAME, None)
    else:
        request.session[SESSION_NAME] = str(mandate.public_id)


def in_use(request: HttpRequest) -> Mandate | None:
    """The mandate this session acts by, looked up anew: one that ended counts no more, whatever the session says."""
    chosen = request.session.get(SESSION_NAME)
    if not chosen or not request.user.is_authenticated:
        return None
    rows = Mandate.objects.valid(clock.today()).filter(agent=request.user, public_id=uuid.UUID(chosen))
    return rows.select_related("principal").first()
