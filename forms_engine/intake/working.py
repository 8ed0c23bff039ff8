"""From raw bytes to a case or to a clerk: RECEIVED -> (scan) -> PARSED -> (scan of its parts) -> FILED or TRIAGE.

The row is the queue: claimed with a lease and a fence, looked at with no transaction open, finished in one. Nothing is
opened before a scanner has called it clean; a scanner that is away costs time and nothing else.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from forms_engine.cases.inbound import Disposed
from forms_engine.intake import eeb, filing, letters, matching, reading, receipts, xjustiz
from forms_engine.intake.models import InboundItem, InboundItemQuerySet, InboundPart, Source
from forms_engine.intake.receiving import RECORDED_AS
from forms_engine.intake.states import AT_WORK, State, advance
from mailbox.texts import one_line
from portal.audit import actions as audit
from portal.common import clock
from portal.documents import store
from portal.documents.models import Scan, StoredFile
from portal.outbox import relay

LEASE = dt.timedelta(minutes=10)
WAIT_FOR_SCAN = dt.timedelta(seconds=3)
MAX_ATTEMPTS = 5
MOST_READ = 10  # attachments looked into for a code
BATCH = 100


@dataclass(frozen=True)
class _Found:
    """What is in the raw bytes: `facts` to be sealed, the files inside, why a person has to look (or "")."""

    facts: dict[str, Any]
    attachments: tuple[letters.Attachment, ...] = ()
    problem: str = ""
    texts: tuple[str, ...] = field(default=())


def work(pk: int) -> bool:
    """Take one due item as far as it goes now. True when its state changed."""
    item = _claim(pk)
    if item is None:
        return False
    if item.attempts > MAX_ATTEMPTS:
        return _to_triage(item, "Das Zerlegen ist mehrmals abgebrochen. Sehen Sie sich das Original an.")
    moved = _open(item) if item.state == State.RECEIVED else _place(item)
    if moved and item.state == State.RECEIVED:
        relay.ring("intake.work", str(pk))
    return moved


def sweep_items(limit: int = BATCH) -> int:
    """Ring again for all that is due, and take out of quarantine what turned out to be a false alarm."""
    due = InboundItem.objects.filter(state__in=sorted(AT_WORK), due_at__lte=clock.now()).order_by("due_at")
    numbers = list(due.values_list("pk", flat=True)[:limit])
    for pk in numbers:
        relay.ring("intake.work", str(pk))
    return len(numbers) + sum(_released(item) for item in _quarantined()[:limit])


def _claim(pk: int) -> InboundItem | None:
    due = InboundItem.objects.filter(pk=pk, state__in=sorted(AT_WORK), due_at__lte=clock.now())
    if not due.update(due_at=clock.now() + LEASE, fence=F("fence") + 1, attempts=F("attempts") + 1):
        return None
    return InboundItem.objects.select_related("raw").get(pk=pk)


def _ours(item: InboundItem) -> InboundItemQuerySet:
    """The row, unless another worker has claimed it since."""
    return InboundItem.objects.filter(pk=item.pk, fence=item.fence)


def _open(item: InboundItem) -> bool:
    """The raw bytes: judged by the scanner first, then taken apart."""
    if item.raw is None or (verdict := _verdict(item, [item.raw])) is None:
        return False
    if not verdict:
        return True
    try:
        found = _read(item, store.read(item.raw))
    except letters.Unreadable as problem:
        return _to_triage(item, str(problem))
    with transaction.atomic():
        if not _ours(item).filter(state=State.RECEIVED).exists():
            return False
        for position, attachment in enumerate(found.attachments):
            stored = store.put(attachment.data, media_type=_kind(attachment), foreign=True)
            part = InboundPart(item=item, position=position, stored=stored)
            part.name_sealed = item.envelope.seal(attachment.name.encode(), f"{part}:name")
            part.save(force_insert=True)
        sealed = item.seal(item.facts | found.facts)
        facts = {"sealed": sealed, "problem": found.problem[:200], "attempts": 0, "due_at": clock.now()}
        return _advance(item, State.PARSED, **facts)


def _read(item: InboundItem, data: bytes) -> _Found:
    """Raises letters.Unreadable."""
    if item.source == Source.COURT:
        return _court(xjustiz.read(data))
    if item.raw is not None and item.raw.media_type == "message/rfc822":
        return _mail(letters.read(data))
    if item.raw is None or item.raw.media_type == "application/octet-stream":
        raise letters.Unreadable("Dieser Dateityp ist unbekannt. Sehen Sie sich das Original an.")
    seen = reading.look(data)
    return _Found({"text": seen.text, "codes": list(seen.codes), "note": seen.note})


def _mail(letter: letters.Letter) -> _Found:
    facts = {
        "subject": letter.subject,
        "sender": letter.sender,
        "address": letter.address if letter.answerable else "",
        "message_id": letter.message_id,
        "text": letter.text,
        "codes": list(letter.addresses),
        "note": letter.problem,
    }
    return _Found(facts, letter.attachments)


def _court(letter: xjustiz.CourtLetter) -> _Found:
    facts = {
        "subject": letter.subject,
        "sender": letter.sender,
        "message_id": letter.message_id,
        "reference": letter.reference,
        "parcel": str(letter.parcel or ""),
        "eeb": letter.wants_receipt,
        "text": letter.text,
        "note": eeb.ASKED if letter.wants_receipt else "",
    }
    return _Found(facts, letter.attachments)


def _kind(attachment: letters.Attachment) -> str:
    """By the bytes where we know them; else what the mail says, if that is a media type at all."""
    said = one_line(attachment.media_type, 100)
    return reading.kind(attachment.data[:16]) or said or "application/octet-stream"


def _place(item: InboundItem) -> bool:
    """Everything inside is clean: file it by its code, or show it to a person with the best guess."""
    parts = list(item.parts.select_related("stored").order_by("position"))
    verdict = _verdict(item, [part.stored for part in parts])
    if not verdict:
        return verdict is not None
    found = _match(item, parts)
    with transaction.atomic():
        if not _ours(item).filter(state=State.PARSED).exists():
            return False
        receipts.owe(item)
        return _filed(item, found) or filing.to_triage(item, found)


def _match(item: InboundItem, parts: list[InboundPart]) -> matching.Match:
    texts, facts = _texts(item, parts), item.facts
    if item.source == Source.COURT:
        return matching.court(texts, reference=facts.get("reference", ""), parcel=facts.get("parcel", ""))
    return matching.match(texts, said=facts.get("number", ""))


def _filed(item: InboundItem, found: matching.Match) -> bool:
    """File what is sure. False where it is not, or the case was destroyed meanwhile."""
    if not found.sure or found.case is None:
        return False
    try:
        with transaction.atomic():
            return filing.file(item, found.case, request=found.request)
    except Disposed:
        return False


def _texts(item: InboundItem, parts: Iterable[InboundPart]) -> list[str]:
    """All in which a code may stand."""
    facts = item.facts
    texts = [facts.get("subject", ""), facts.get("text", ""), *facts.get("codes", ())]
    readable = [part for part in parts if part.stored.media_type in reading.KINDS.values()]
    for part in readable[:MOST_READ]:
        seen = reading.look(store.read(part.stored))
        texts += [seen.text, *seen.codes]
    return texts


def _verdict(item: InboundItem, files: list[StoredFile]) -> bool | None:
    """True: all clean. False: one is not, the item is in quarantine now. None: ask again later."""
    states = {file.scan for file in files}
    if Scan.INFECTED in states:
        with transaction.atomic():
            _advance(item, State.QUARANTINED, problem="Schadsoftware gefunden.", due_at=None)
        return False
    if Scan.WAITING in states:
        _ours(item).update(due_at=clock.now() + WAIT_FOR_SCAN, attempts=0, problem="Wartet auf die Virenprüfung.")
        return None
    return True


def _to_triage(item: InboundItem, problem: str) -> bool:
    with transaction.atomic():
        return _advance(item, State.TRIAGE, problem=problem[:200], due_at=None)


def _advance(item: InboundItem, to: State, **facts: Any) -> bool:
    moved = _ours(item).filter(state=item.state).exists() and advance(_ours(item), to, **facts)
    if moved:
        audit.record(f"inbound.{to}", str(item), RECORDED_AS)
    return moved


def _quarantined() -> InboundItemQuerySet:
    """Locked items of which no file is locked any more, because an operator has released it."""
    rows = InboundItem.objects.filter(state=State.QUARANTINED, emptied_at=None).exclude(raw__scan=Scan.INFECTED)
    return rows.exclude(parts__stored__scan=Scan.INFECTED).order_by("pk")


def _released(item: InboundItem) -> bool:
    with transaction.atomic():
        to = State.PARSED if item.parts.exists() else State.RECEIVED
        return _advance(item, to, problem="", due_at=clock.now())
