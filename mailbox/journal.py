"""What happens to a message, written twice: for the person's own log, and into the hash chain that proves it."""

from mailbox.models import Event, Message, MessageEvent
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import rows

SYSTEM = "system:mailbox"


def note(message: Message, kind: Event, actor: str, detail: str = "") -> None:
    rows.insert(MessageEvent(message=message, kind=kind, actor=actor, detail=detail))
    audit.record(f"message.{kind.value}", f"message:{message.public_id}", actor, detail=detail)


def name_of(user: User | None) -> str:
    """Who did it: the public id of a user, or the system."""
    return str(user.public_id) if user else SYSTEM
