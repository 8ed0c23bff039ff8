"""Who looked into a mailbox and did what: the owner's own log, out of records that nobody can change.

Two records are laid into one list by time: what happened to messages, and what the audit record says of the mailbox
itself and of the cases its threads hang on, whose pages show the messages to clerks.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailbox import looks
from mailbox.letters import WITHDRAWN_TITLE, Opener
from mailbox.models import EmergencyLook, Event, Mailbox, Message, MessageEvent
from portal.accounts.models import User
from portal.audit.models import AuditEntry

PAGE = 50
CITY, OPERATION = _("Sachbearbeitung"), _("Betrieb des Portals")
WHAT: Mapping[str, str | Promise] = {
    Event.READ: _("zum ersten Mal geöffnet"),
    Event.SEEN: _("in Vertretung geöffnet"),
    Event.DOWNLOADED: _("Anlage heruntergeladen"),
    Event.REPLIED: _("beantwortet"),
    Event.WITHDRAWN: _("von der Stadt zurückgezogen"),
    Event.LOOKED: _("im Notzugriff gelesen"),
    "case.read": _("Vorgang mit seinen Nachrichten geöffnet"),
    "case.file_read": _("Datei des Vorgangs geöffnet"),
    "mailbox.exported": _("Nachrichten als Archiv heruntergeladen"),
}
WORK, OWN, AGENT = _("Bearbeitung Ihres Antrags"), _("Eigener Zugriff"), _("Vertretung")


@dataclass(frozen=True)
class Entry:
    """One look. Of clerks the person learns that it was one; the house knows the name."""

    at: dt.datetime
    who: str | Promise
    what: str | Promise
    why: str | Promise
    subject: str  # of the message, "" where it was about more than one


@dataclass(frozen=True)
class LogPage:
    entries: tuple[Entry, ...]
    older: str  # the moment from which the next page goes on, "" at the end


def page(owner: User, before: str = "") -> LogPage:
    """Newest first. A page ends after every entry of its last moment, for the next one begins before that moment."""
    at = _moment(before)
    box = Mailbox.objects.filter(user=owner).first()
    if box is None:
        return LogPage((), "")
    events = MessageEvent.objects.filter(message__mailbox=box, kind__in=[key for key in WHAT if "." not in key])
    threads = Message.objects.filter(mailbox=box, is_copy=False).order_by().values("thread").distinct()
    looked = AuditEntry.objects.filter(subject__in=threads, action__in=["case.read", "case.file_read"])
    taken = AuditEntry.objects.filter(subject=f"mailbox:{box.number}", action="mailbox.exported")
    sources = [
        (rows.filter(at__lt=at) if at else rows).order_by("-at", "-id")
        for rows in (events.select_related("message__mailbox"), looked, taken)
    ]
    found = _newest([row for rows in sources for row in rows[: PAGE + 1]])
    if len(found) <= PAGE:
        return LogPage(tuple(_told(owner, found)), "")
    last = found[PAGE - 1].at
    shown = _newest([row for rows in sources for row in rows.filter(at__gte=last)])
    return LogPage(tuple(_told(owner, shown)), last.isoformat())


def _newest(rows: "list[MessageEvent | AuditEntry]") -> "list[MessageEvent | AuditEntry]":
    return sorted(rows, key=lambda row: (row.at, row.pk), reverse=True)


def _moment(text: str) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _told(owner: User, rows: list[MessageEvent | AuditEntry]) -> list[Entry]:
    opener = Opener()
    agents = {row.actor for row in rows if isinstance(row, MessageEvent) and row.kind != Event.LOOKED}
    agents |= {row.actor for row in rows if isinstance(row, AuditEntry) and row.action == "mailbox.exported"}
    names = {str(user.public_id): str(user) for user in User.objects.filter(public_id__in=agents, is_staff=False)}
    ids = [row.detail for row in rows if isinstance(row, MessageEvent) and row.kind == Event.LOOKED]
    held = EmergencyLook.objects.filter(public_id__in=ids).select_related("message__mailbox")
    reasons = {str(look.public_id): looks.reason(look, opener) for look in held}
    entries = []
    for row in rows:
        key = row.kind if isinstance(row, MessageEvent) else row.action
        who = _who(owner, row.actor, key, names)
        why = reasons.get(row.detail, "") if key == Event.LOOKED and isinstance(row, MessageEvent) else _why(who)
        entries.append(Entry(row.at, who, WHAT[key], why, _subject(row, opener)))
    return entries


def _subject(row: MessageEvent | AuditEntry, opener: Opener) -> str:
    if isinstance(row, AuditEntry):
        return ""
    return str(WITHDRAWN_TITLE) if row.message.withdrawn_at else opener.subject(row.message)


def _who(owner: User, actor: str, key: str, names: Mapping[str, str]) -> str | Promise:
    if actor == str(owner.public_id):
        return SELF
    if key == Event.LOOKED or actor.startswith("system:"):
        return OPERATION
    return CITY if key.startswith("case.") or key == Event.WITHDRAWN else names.get(actor, CITY)


SELF = _("Sie selbst")


def _why(who: str | Promise) -> str | Promise:
    if who is SELF:
        return OWN
    return WORK if who is CITY else AGENT
