"""Record, link and verify. Every hash covers its entry and the hash before it (canonical JSON, keys sorted)."""

import hashlib
import json
from dataclasses import dataclass

from django.db import connection, transaction

from portal.audit.models import AuditEntry
from portal.common import rows

GENESIS = b"\0" * 32
_LINK_LOCK = 0x61756469  # advisory lock: one linker at a time


def record(action: str, subject: str, actor: str, **data: str | int | bool | None) -> None:
    """Write one entry into the caller's transaction."""
    rows.insert(AuditEntry(action=action, subject=subject, actor=actor, data=data))


def entry_hash(entry: AuditEntry, position: int, previous: bytes) -> bytes:
    body = [position, entry.id, entry.at.isoformat(), entry.actor, entry.action, entry.subject, entry.data]
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(previous + canonical.encode()).digest()


def link(limit: int = 1000) -> int:
    """Append committed, unlinked entries to the chain. Returns how many. Safe to run anywhere, any time."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [_LINK_LOCK])
            if not cursor.fetchone()[0]:
                return 0
        last = AuditEntry.objects.exclude(position=None).order_by("-position").first()
        position, previous = (last.position or 0, bytes(last.hash or b"")) if last else (0, GENESIS)
        entries = list(AuditEntry.objects.filter(position=None).order_by("id")[:limit])
        for entry in entries:
            position += 1
            previous = entry_hash(entry, position, previous)
            entry.position, entry.hash = position, previous
        AuditEntry.objects.bulk_update(entries, ["position", "hash"])
    return len(entries)


@dataclass(frozen=True)
class Finding:
    """Where the chain breaks first; position counts from 1."""

    position: int
    problem: str


def verify() -> Finding | None:
    """Walk the whole chain. None when every link holds."""
    previous = GENESIS
    linked = AuditEntry.objects.exclude(position=None).order_by("position")
    for expected, entry in enumerate(linked.iterator(2000), start=1):
        if entry.position != expected:
            return Finding(expected, "Eintrag fehlt")
        if bytes(entry.hash or b"") != entry_hash(entry, expected, previous):
            return Finding(expected, "Eintrag wurde verändert")
        previous = bytes(entry.hash or b"")
    return None
