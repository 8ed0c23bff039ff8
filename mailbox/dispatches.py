"""Parcels that leave by letter, court mail or FIT-Connect: claim with a lease and a fence, hand over, write it down.

At least once, with the parcel's public id as the key by which the other side knows a repetition: a crash between the
handover and our commit hands the same parcel over again, and the channel answers as it did the first time.
"""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from mailbox import channels
from mailbox.channels import Document, Handed, Parcel
from mailbox.models import Channel, Delivery, Dispatch, DispatchEvent, DispatchFile, DispatchState
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock
from portal.common.crypto import CannotOpen, Envelope, new_wrapped_key
from portal.documents import store
from portal.documents.models import StoredFile
from portal.outbox import relay

LEASE = dt.timedelta(seconds=settings.TASK_HARD_LIMIT)
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=1), dt.timedelta(hours=4)
MAX_ATTEMPTS = 48  # about a week
NO_ADDRESS = "no address"
SWEEP_BATCH = 100
ALLOWED: Mapping[DispatchState, frozenset[DispatchState]] = {
    DispatchState.QUEUED: frozenset({DispatchState.SENDING, DispatchState.CANCELLED, DispatchState.FAILED}),
    # To itself: a claim whose lease ran out is taken over.
    DispatchState.SENDING: frozenset(
        {DispatchState.SENDING, DispatchState.HANDED, DispatchState.QUEUED, DispatchState.FAILED}
    ),
    DispatchState.HANDED: frozenset({DispatchState.CONFIRMED, DispatchState.RETURNED, DispatchState.FAILED}),
    DispatchState.CONFIRMED: frozenset({DispatchState.RETURNED}),
    DispatchState.FAILED: frozenset({DispatchState.QUEUED, DispatchState.CANCELLED}),
    DispatchState.RETURNED: frozenset(),
    DispatchState.CANCELLED: frozenset(),
}
log = logging.getLogger(__name__)


class IllegalStep(Exception):
    """The code asked for a step that a parcel cannot take."""


class Filed(NamedTuple):
    stored: StoredFile
    name: str


def place(dispatch: Dispatch, field: str) -> str:
    return f"dispatch:{dispatch.public_id}:{field}"


# --- order -----------------------------------------------------------------------------------------------------------


def queue_letter(delivery: Delivery, lines: Sequence[str]) -> Dispatch:
    """The one letter of a delivery, in the caller's transaction; its key is the delivery's. Without an address it
    stands still as failed, for a human to see."""
    made = _new(Channel.LETTER, delivery=delivery, public_id=delivery.public_id, thread=delivery.message.thread)
    _seal(made, {"lines": list(lines)}, {})
    if not lines:
        made.state, made.last_error = DispatchState.FAILED, NO_ADDRESS
    made.save(force_insert=True)
    _note(made, "queued")
    return made


def order(
    channel: Channel, *, to: Mapping[str, Any], about: Mapping[str, Any], files: Sequence[Filed], thread: str
) -> Dispatch:
    """A parcel to a court or another authority, in the caller's transaction, outside one: RuntimeError.

    `to` and `about` as mailbox/channels/<channel>.py describes them. Its public id is the key of every try.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("order() needs the transaction of the fact that it tells")
    made = _new(channel, thread=thread)
    envelope = _seal(made, to, about)
    made.save(force_insert=True)
    DispatchFile.objects.bulk_create(
        DispatchFile(
            dispatch=made,
            stored=filed.stored,
            position=number,
            sealed_name=envelope.seal(filed.name.encode(), place(made, f"file:{number}")),
        )
        for number, filed in enumerate(files, start=1)
    )
    _note(made, "queued")
    relay.ring("mailbox.send_dispatch", str(made.pk))
    return made


def _new(channel: Channel, **fields: Any) -> Dispatch:
    return Dispatch(channel=channel, wrapped_key=new_wrapped_key(), **fields)


def _seal(made: Dispatch, to: Mapping[str, Any], about: Mapping[str, Any]) -> Envelope:
    envelope = Envelope(made.wrapped_key)
    made.sealed_to = envelope.seal_json(dict(to), place(made, "to"))
    made.sealed_about = envelope.seal_json(dict(about), place(made, "about"))
    return envelope


def lines(letter: Dispatch) -> tuple[str, ...]:
    """The address it is to carry, name first; empty if none is known."""
    return tuple(Envelope(letter.wrapped_key).open_json(letter.sealed_to, place(letter, "to")).get("lines", ()))


def readdress(dispatch: Dispatch, lines: Sequence[str], *, by: User) -> bool:
    """Give a letter that stands still an address and a fresh start. False: it goes out already, or was stopped."""
    sealed = Envelope(dispatch.wrapped_key).seal_json({"lines": list(lines)}, place(dispatch, "to"))
    with transaction.atomic():
        fresh = {"sealed_to": sealed, "attempts": 0, "due_at": clock.now(), "last_error": ""}
        moved = _advance(dispatch, DispatchState.FAILED, DispatchState.QUEUED, **fresh)
        if moved:
            _note(dispatch, "readdressed")
            audit.record("letter.readdressed", dispatch.thread or str(dispatch), str(by.public_id))
    return moved


def cancel(delivery: Delivery, why: str) -> bool:
    """Stop the letter of a delivery if nobody has begun to print it. Joins the caller's transaction."""
    found = Dispatch.objects.select_for_update().filter(delivery=delivery).first()
    if found is None or found.state not in (DispatchState.QUEUED, DispatchState.FAILED):
        return False
    _advance(found, DispatchState(found.state), DispatchState.CANCELLED)
    _note(found, "cancelled", {"why": why})
    return True


def forget(user: User) -> None:
    """The account is being deleted: no letter goes out any more, and no address can be read. Joins the transaction."""
    mine = Dispatch.objects.filter(delivery__message__mailbox__user=user)
    for letter in mine.filter(state__in=[DispatchState.QUEUED, DispatchState.FAILED]).select_for_update(of=("self",)):
        _advance(letter, DispatchState(letter.state), DispatchState.CANCELLED)
        _note(letter, "cancelled", {"why": "account deleted"})
    mine.update(wrapped_key=None, sealed_to=b"", sealed_about=b"")


# --- hand over -------------------------------------------------------------------------------------------------------


def due(limit: int = SWEEP_BATCH, channel: str = "") -> list[int]:
    """Keys of parcels that wait for somebody: due, or left behind by a worker that died. Longest waiting first."""
    now = clock.now()
    waiting = Q(state=DispatchState.QUEUED, due_at__lte=now) | Q(state=DispatchState.SENDING, lease_until__lt=now)
    rows = Dispatch.objects.filter(waiting)
    if channel:
        rows = rows.filter(channel=channel)
    return list(rows.order_by("due_at", "id").values_list("id", flat=True)[:limit])


def sweep() -> int:
    """Ring for each parcel that waits; ringing twice does no harm. Returns how many."""
    waiting = due()
    for key in waiting:
        relay.ring("mailbox.send_dispatch", str(key))
    return len(waiting)


def send(dispatch_id: int) -> DispatchState | None:
    """Claim a due parcel, hand it over with no transaction open, write down the outcome. Never inside a transaction.

    Returns the state it reached, None when it was not ours to send. A worker that dies in between leaves a lease that
    runs out; the next one hands the same parcel over under the same key.
    """
    held = _claim(dispatch_id)
    if held is None:
        return None
    if held.attempts > MAX_ATTEMPTS:
        return _finish(held, DispatchState.FAILED, last_error=held.last_error or "worker lost")
    try:
        parcel = _parcel(held)
    except (CannotOpen, store.FileDamaged) as error:  # disposed of meanwhile, or a file is broken: no try will help
        return _finish(held, DispatchState.FAILED, last_error=type(error).__name__)
    outcome = channels.get(held.channel).hand_over(parcel)
    if isinstance(outcome, Handed):
        return _finish(
            held,
            DispatchState.HANDED,
            reference=outcome.reference[:120],
            sha256=outcome.sha256,
            handed_at=clock.now(),
            last_error="",
        )
    if outcome.permanent or held.attempts == MAX_ATTEMPTS:
        return _finish(held, DispatchState.FAILED, last_error=outcome.error[:120])
    wait = min(FIRST_WAIT * 2 ** (held.attempts - 1), LONGEST_WAIT)
    return _finish(held, DispatchState.QUEUED, last_error=outcome.error[:120], due_at=clock.now() + wait)


def _claim(dispatch_id: int) -> Dispatch | None:
    now = clock.now()
    with transaction.atomic(durable=True):
        found = Dispatch.objects.select_for_update(skip_locked=True).filter(pk=dispatch_id).first()
        if found is None:
            return None
        free = found.state == DispatchState.QUEUED and found.due_at <= now
        left = found.state == DispatchState.SENDING and found.lease_until is not None and found.lease_until < now
        if not (free or left):
            return None
        claim = {"fence": F("fence") + 1, "attempts": F("attempts") + 1, "lease_until": now + LEASE}
        _advance(found, DispatchState(found.state), DispatchState.SENDING, **claim)
        return Dispatch.objects.select_related("delivery__message__mailbox").get(pk=dispatch_id)


def _parcel(held: Dispatch) -> Parcel:
    """The parcel, opened. Letters take the files of the message that they announce."""
    envelope = Envelope(held.wrapped_key)
    documents = [_document(envelope, held, row) for row in held.files.select_related("stored")]
    if held.delivery is not None:
        attached = held.delivery.message.attachments.select_related("stored").order_by("position")
        documents += [Document(f"Anlage {a.position}", a.stored.media_type, store.read(a.stored)) for a in attached]
    return Parcel(
        key=held.public_id,
        at=held.created_at,
        to=envelope.open_json(held.sealed_to, place(held, "to")),
        about=envelope.open_json(held.sealed_about, place(held, "about")),
        documents=tuple(documents),
    )


def _document(envelope: Envelope, held: Dispatch, row: DispatchFile) -> Document:
    name = envelope.open(row.sealed_name, place(held, f"file:{row.position}")).decode()
    return Document(name, row.stored.media_type, store.read(row.stored))


def _finish(held: Dispatch, target: DispatchState, **fields: Any) -> DispatchState | None:
    """Write the outcome if the claim is still ours: a newer fence means that another worker took over."""
    with transaction.atomic(durable=True):
        rows = Dispatch.objects.filter(pk=held.pk, fence=held.fence, state=DispatchState.SENDING)
        if not rows.update(state=target, lease_until=None, **fields):
            log.warning("dispatch %s: claim %s was taken over", held.pk, held.fence)
            return None
        _note(held, str(target), {"attempt": held.attempts, "error": fields.get("last_error", "")})
    return target


# --- what the other side says ----------------------------------------------------------------------------------------


def confirm(dispatch: Dispatch, *, at: dt.datetime, once: str, detail: Mapping[str, Any]) -> bool:
    """The other side says that it has it. Joins the caller's transaction. False: said before."""
    return _answered(dispatch, DispatchState.CONFIRMED, once, detail, confirmed_at=at)


def returned(dispatch: Dispatch, *, once: str, detail: Mapping[str, Any]) -> bool:
    """It came back. Joins the caller's transaction. False: said before."""
    return _answered(dispatch, DispatchState.RETURNED, once, detail)


def refused(dispatch: Dispatch, *, once: str, detail: Mapping[str, Any]) -> bool:
    """The other side does not take it: a human has to look. Joins the caller's transaction. False: said before."""
    return _answered(dispatch, DispatchState.FAILED, once, detail, last_error="rejected")


def _answered(dispatch: Dispatch, target: DispatchState, once: str, detail: Mapping[str, Any], **fields: Any) -> bool:
    held = Dispatch.objects.select_for_update().get(pk=dispatch.pk)
    if held.events.filter(once=once).exists():
        return False
    if target in ALLOWED[DispatchState(held.state)]:
        _advance(held, DispatchState(held.state), target, **fields)
    _note(held, str(target), detail, once=once)
    return True


def _advance(dispatch: Dispatch, origin: DispatchState, target: DispatchState, **fields: Any) -> bool:
    if target not in ALLOWED[origin]:
        raise IllegalStep(f"{origin} -> {target}")
    return bool(Dispatch.objects.filter(pk=dispatch.pk, state=origin).update(state=target, **fields))


def _note(dispatch: Dispatch, kind: str, detail: Mapping[str, Any] | None = None, once: str = "") -> None:
    DispatchEvent.objects.create(dispatch=dispatch, kind=kind, detail=dict(detail or {}), once=once or None)
