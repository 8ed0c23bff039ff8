"""Reports of mail servers about our notices (RFC 3464): read from a folder, matched, and told to the delivery.

A report belongs to a notice by the token in the address it came back to (VERP, channels/email.py), else by the
Message-ID of the mail it quotes. Action "failed" is final whatever the status says: the server has given up, also after
days of a full mailbox (4.x.x). "delayed" may still end well. A file is renamed away only after its report is committed;
the same report again changes nothing.
"""

import dataclasses
import email
import email.policy
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

from django.conf import settings
from django.db import transaction

from mailbox import deliveries
from mailbox.journal import SYSTEM, note
from mailbox.models import Event, Kind, MessageEvent, Notice
from portal.common import clock
from portal.outbox import relay

LARGEST = 1_000_000  # bytes; a report quotes at most the head of our own short mail
BATCH = 500
SETTLED = 2.0  # seconds without a change
_TOKEN = re.compile(r"\+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,190}>)", re.IGNORECASE | re.MULTILINE)
_RETURNED_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


@dataclasses.dataclass(frozen=True)
class Report:
    """One report. `action` as in RFC 3464, 2.3.3: failed, delayed, delivered, relayed, expanded. `mail_ids`: names the
    mail may have, the surest first. `sha256`: of the whole report, so that it counts once."""

    action: str
    status: str
    mail_ids: tuple[str, ...]
    tokens: tuple[str, ...]
    sha256: str

    @property
    def final(self) -> bool:
        return self.action == "failed"


def read(data: bytes) -> Report | None:
    """The report in these bytes; None if it is none, whatever else it is. Never raises: anybody may write to us."""
    mail = email.message_from_bytes(data[:LARGEST], policy=email.policy.compat32)
    fields = _status(mail)
    if fields is None:
        return None
    tokens = {
        found.lower() for name in _RETURNED_TO for line in mail.get_all(name, []) for found in _TOKEN.findall(str(line))
    }
    quoted = _MESSAGE_ID.findall(_quoted(mail))
    return Report(
        action=fields.get("action", "")[:20],
        status=fields.get("status", "").partition(" ")[0][:20],  # words behind it may name an address
        mail_ids=tuple(dict.fromkeys(quoted)),
        tokens=tuple(sorted(tokens)),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _status(mail: "Message[str, str]") -> dict[str, str] | None:
    """The worst of the recipients: our notices have one, but a list behind it may have many."""
    reports = [part for part in mail.walk() if part.get_content_type() == "message/delivery-status"]
    found = [fields for part in reports for fields in _blocks(part) if "action" in fields]
    return min(found, key=lambda fields: fields["action"] != "failed") if found else None


def _blocks(part: "Message[str, str]") -> Iterator[dict[str, str]]:
    """The groups of fields of a report, names and values in lower case."""
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, Message):
            yield {name.lower(): str(value).strip().lower() for name, value in block.items()}


def _quoted(mail: "Message[str, str]") -> str:
    """The head of the mail that the report is about, as text."""
    for part in mail.walk():
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            return payload.decode("ascii", "replace") if isinstance(payload, bytes) else ""
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            head = inner[0] if isinstance(inner, list) and inner else None
            return "\n".join(f"{name}: {value}" for name, value in head.items()) if isinstance(head, Message) else ""
    return ""


@transaction.atomic
def take(report: Report) -> Notice | None:
    """Tell the delivery, once. Returns the notice that it is about, None if it is about no mail of ours."""
    notice = _notice(report)
    if notice is None:
        return None
    once = f"dsn:{report.sha256}"
    message, decision = notice.message, notice.message.kind == Kind.DECISION and not notice.message.is_copy
    if not report.final or notice.plan_day:
        if decision:
            detail = {"action": report.action, "status": report.status, "plan_day": notice.plan_day}
            deliveries.reported(message, detail=detail, once=once)
        return notice
    why = f"DSN {report.status}".strip()
    if decision:
        deliveries.notice_failed(message, why, once=once)
    if not MessageEvent.objects.filter(message=message, kind=Event.NOTICE_FAILED).exists():
        note(message, Event.NOTICE_FAILED, SYSTEM, why)
        relay.publish("notice.failed", message.public_id)
    return notice


def _notice(report: Report) -> Notice | None:
    rows = Notice.objects.select_related("message__mailbox").select_for_update(of=("self",))
    for token in report.tokens:
        if found := rows.filter(mail_id__startswith=f"<{token}@").first():
            return found
    return rows.filter(mail_id__in=report.mail_ids).first() if report.mail_ids else None


# --- the folder ------------------------------------------------------------------------------------------------------


def poll(folder: Path) -> Counter[str]:
    """Take every report that lies there: "taken", "foreign" (not about a mail of ours), "problem" (stays there).

    A maildir is read from its "new" and "cur"; any other folder as a heap of .eml.
    """
    told: Counter[str] = Counter()
    for name in ("done", "foreign"):
        (folder / name).mkdir(exist_ok=True)
    for path in _ready(folder):
        try:
            report = read(path.read_bytes()) if path.stat().st_size <= LARGEST else None
            taken = take(report) if report else None
            target = folder / ("done" if taken else "foreign") / path.name
            path.rename(target if not target.exists() else target.with_name(f"{clock.uuid().hex[:8]}-{path.name}"))
        except FileNotFoundError:  # another worker has moved it
            continue
        except OSError:
            told["problem"] += 1
            continue
        told["taken" if taken else "foreign"] += 1
    return told


def _ready(folder: Path) -> Iterator[Path]:
    newest = clock.now().timestamp() - SETTLED
    places = [folder / name for name in ("new", "cur") if (folder / name).is_dir()] or [folder]
    found = sorted(path for place in places for path in place.iterdir() if not path.name.startswith("."))
    for path in found[:BATCH]:
        if path.is_file() and not path.is_symlink() and path.stat().st_mtime <= newest:
            yield path


def sweep() -> int:
    """The configured folder. Returns how many reports were taken."""
    folder = settings.MAILBOX_BOUNCES
    return poll(folder)["taken"] if folder and folder.is_dir() else 0
