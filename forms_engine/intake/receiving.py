"""The one door in: raw bytes become a stored, encrypted file and a row in one transaction, before anybody reads them.

Sources take something away from where it lay (or say 201) only after receive() has returned.
"""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from forms_engine.intake import letters, reading
from forms_engine.intake.models import ApiSystem, InboundItem, Source
from forms_engine.intake.states import State
from mailbox.channels import bebpo
from portal.audit import actions as audit
from portal.common import clock, crypto, rows
from portal.directory.teams.models import Team
from portal.documents import store
from portal.outbox import relay

RECORDED_AS = "system:intake"


class TooLarge(Exception):
    """More bytes than limit() allows. Nothing was stored."""


class KeyReused(Exception):
    """This name of the source already stands for other bytes. Nothing was stored."""


@dataclass(frozen=True)
class Received:
    """`fresh`: this call made the row. A repetition finds the one it made before."""

    item: InboundItem
    fresh: bool


def limit(source: Source) -> int:
    """The most bytes that such a source may send at once. What a court may send is
    always taken (docker/clamd.conf lets the scanner see as much)."""
    return max(settings.INTAKE_MAX_BYTES, bebpo.MOST_BYTES if source == Source.COURT else 0)


def receive(
    source: Source,
    data: bytes,
    *,
    name: str,
    facts: dict[str, str] | None = None,
    system: ApiSystem | None = None,
) -> Received:
    """Store what arrived. `name`: what the source calls it; the same name again changes nothing.

    The same bytes under another name are linked to the first ones and not filed twice. `facts`: what the source tells
    beside the bytes ("name", "subject", "number"). Raises TooLarge, KeyReused, OSError when the disk refuses.
    """
    if len(data) > limit(source):
        raise TooLarge
    external, print_ = _hashed("name", name), _hashed("bytes", hashlib.sha256(data).hexdigest())
    if (known := _known(source, external, print_)) is not None:
        return Received(known, False)
    with transaction.atomic():
        item = InboundItem(
            source=source,
            external_id=external,
            fingerprint=print_,
            system=system,
            size=len(data),
            wrapped_key=crypto.new_wrapped_key(),
            team=_first_team(),
        )
        item.sealed = item.seal(facts or {})
        first = InboundItem.objects.filter(source=source, fingerprint=print_, duplicate_of=None).first()
        if first is None:
            item.raw = store.put(data, media_type=_media_type(data), foreign=True)
            if rows.insert_once(item):
                _announce(item)
                return Received(item, True)
            transaction.set_rollback(True)  # the file is swept; somebody else was faster
    if first is None:
        first = InboundItem.objects.filter(source=source, fingerprint=print_, duplicate_of=None).first()
    return _copy(item, first, external, print_)


def _copy(item: InboundItem, first: InboundItem | None, external: str, print_: str) -> Received:
    """A second arrival of the same bytes: a row that points to the first, without bytes of its own."""
    source = Source(item.source)
    if first is not None:
        copy = InboundItem(
            source=source,
            external_id=external,
            fingerprint=print_,
            system=item.system,
            size=item.size,
            state=State.DUPLICATE,
            duplicate_of=first,
            team=first.team,
            due_at=None,
            emptied_at=clock.now(),
        )
        with transaction.atomic():
            if rows.insert_once(copy):
                _announce(copy)
                return Received(copy, True)
    known = _known(source, external, print_)
    if known is None:
        raise KeyReused
    return Received(known, False)


def _known(source: Source, external: str, print_: str) -> InboundItem | None:
    found = InboundItem.objects.filter(source=source, external_id=external).first()
    if found is not None and found.fingerprint != print_:
        raise KeyReused
    return found


def _announce(item: InboundItem) -> None:
    audit.record("inbound.received", str(item), RECORDED_AS, source=item.source, state=str(item.state))
    if item.due_at is not None:
        relay.ring("intake.work", str(item.pk))


def _hashed(kind: str, text: str) -> str:
    """Keyed: a stolen table tells neither file names nor whether a known file has arrived."""
    return salted_hmac(f"intake.{kind}", text, algorithm="sha256").hexdigest()


def _media_type(data: bytes) -> str:
    """By the bytes, never by what somebody says."""
    known = reading.kind(data[:16])
    return known or ("message/rfc822" if letters.is_mail(data[:1024]) else "application/octet-stream")


def _first_team() -> Team | None:
    """Who looks through the post first (PORTAL_INTAKE_TEAM); None: every clerk."""
    return Team.objects.filter(name=settings.INTAKE_TEAM).first() if settings.INTAKE_TEAM else None
