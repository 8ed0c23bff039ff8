"""The emergency look: somebody of the house without a case reads a message, with a reason and a second person.

Without that, content is refused and the try is recorded. What was read stands in the owner's own log, with the reason.
"""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mailbox import texts
from mailbox.journal import name_of, note
from mailbox.letters import Letter, Opener, place
from mailbox.models import EmergencyLook, Event, Message
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock
from portal.common.crypto import Envelope

OPEN_FOR = dt.timedelta(hours=1)
REASON_LENGTH = 1000
GONE = _("Der Grund wurde mit dem Postfach gelöscht.")


class Refused(Exception):
    """The look is not allowed; the sentence is German and fit for the page."""


def refused(message: Message, *, by: User) -> None:
    """Somebody asked for content without having the right to it."""
    audit.record("message.content_refused", f"message:{message.public_id}", name_of(by))


@transaction.atomic
def ask(message: Message, *, reason: str, by: User) -> EmergencyLook:
    """Raises Refused, KeyDestroyed."""
    why = texts.one_line(reason, REASON_LENGTH)
    if not why:
        raise Refused("Nennen Sie den Grund. Die Person liest ihn später.")
    if message.mailbox.user_id == by.pk:
        raise Refused("Das ist Ihr eigenes Postfach.")
    look = EmergencyLook(message=message, asked_by=by)
    look.sealed_reason = Envelope(message.mailbox.wrapped_key).seal(why.encode(), _place(look))
    look.save(force_insert=True)
    audit.record("message.look_asked", f"message:{message.public_id}", name_of(by), look=str(look.public_id))
    return look


@transaction.atomic
def answer(look: EmergencyLook, *, allowed: bool, by: User) -> None:
    """The second person says yes or no, once. Raises Refused."""
    if look.asked_by_id == by.pk:
        raise Refused("Eine zweite Person muss entscheiden.")
    if look.message.mailbox.user_id == by.pk:
        raise Refused("Das ist Ihr eigenes Postfach.")
    open_rows = EmergencyLook.objects.filter(pk=look.pk, answered_at=None)
    if not open_rows.update(answered_by=by, answered_at=clock.now(), allowed=allowed):
        raise Refused("Darüber ist schon entschieden.")
    word = "message.look_allowed" if allowed else "message.look_denied"
    audit.record(word, f"message:{look.message.public_id}", name_of(by), look=str(look.public_id))


@transaction.atomic
def read(look: EmergencyLook, *, by: User) -> Letter:
    """The message; the owner's log says so from then on. The owner's first retrieval stays open. Raises Refused."""
    held = EmergencyLook.objects.filter(pk=look.pk, asked_by=by, allowed=True)
    if not held.filter(answered_at__gt=clock.now() - OPEN_FOR).exists():
        raise Refused("Dieser Notzugriff ist nicht erlaubt oder abgelaufen.")
    note(look.message, Event.LOOKED, name_of(by), str(look.public_id))
    return Opener().letter(look.message)


def reason(look: EmergencyLook, opener: Opener) -> str:
    return opener.text(look.message.mailbox, look.sealed_reason, _place(look), str(GONE))


def waiting() -> list[EmergencyLook]:
    """What is to be decided, and what may still be read; the newest first."""
    fresh = Q(answered_at=None) | Q(answered_at__gt=clock.now() - OPEN_FOR)
    rows = EmergencyLook.objects.filter(fresh).select_related("message__mailbox", "asked_by", "answered_by")
    return list(rows.order_by("-id")[:100])


def _place(look: EmergencyLook) -> str:
    return place(look.message.public_id, f"look:{look.public_id}")
