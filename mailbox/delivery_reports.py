"""Reads about deliveries for operators and clerks: figures, what stands still, and one delivery with its events."""

import datetime as dt
from typing import Any

from django.db.models import Count

from mailbox.delivery_states import DeliveryState
from mailbox.models import Channel, Delivery, Dispatch, DispatchState, Kind, Message, Proof
from portal.common import clock
from portal.outbox import relay

SILENT_AFTER = dt.timedelta(days=5)  # so long a print shop may say nothing about a letter


def status() -> dict[str, Any]:
    """Figures for operators: deliveries by state, parcels by channel and state, and what needs a human."""
    now = clock.now()
    states = dict(Delivery.objects.values_list("state").annotate(Count("id")).order_by())
    parcels = Dispatch.objects.values_list("channel", "state").annotate(Count("id")).order_by()
    counted = {(channel, state): count for channel, state, count in parcels}
    overdue = Delivery.objects.filter(due_at__lte=now)
    return {
        "deliveries": {state.value: states.get(state.value, 0) for state in DeliveryState},
        "due_now": overdue.count(),
        "dispatches": {
            channel.value: {state.value: counted.get((channel.value, state.value), 0) for state in DispatchState}
            for channel in Channel
        },
        "standing_still": [
            {"key": str(key), "channel": channel, "error": error}
            for key, channel, error in Dispatch.objects.filter(state=DispatchState.FAILED)
            .order_by("id")
            .values_list("public_id", "channel", "last_error")[:100]
        ],
        "silent": [str(key) for key in silent().values_list("public_id", flat=True)[:100]],
    }


def silent() -> Any:
    """Parcels that were handed over and of which nothing has been heard for days."""
    return Dispatch.objects.filter(state=DispatchState.HANDED, handed_at__lt=clock.now() - SILENT_AFTER).order_by("id")


def shown(message: Message) -> Delivery | None:
    """The delivery as the message's own page tells of it; None for what is no decision."""
    return Delivery.objects.filter(message=message).first() if message.kind == Kind.DECISION else None


def of_message(message: Message) -> Delivery | None:
    """The delivery of a message, with its events and its letter. The caller has asked for the message first."""
    rows = Delivery.objects.select_related("message__mailbox__user", "dispatch").prefetch_related("events", "proofs")
    return rows.filter(message=message).first()


def of_thread(thread: str) -> list[Delivery]:
    """The deliveries of everything posted in a thread, oldest first, for those who work on it."""
    rows = Delivery.objects.filter(message__thread=thread).select_related("message", "dispatch")
    return list(rows.prefetch_related("events", "proofs").order_by("id"))


def sweep_proofs() -> int:
    """Ring for each proof of service that waits for a worker (proofs.py). Returns how many."""
    waiting = list(Proof.objects.filter(due_at__lte=clock.now()).order_by("due_at").values_list("pk", flat=True)[:100])
    for key in waiting:
        relay.ring("mailbox.draw_proof", str(key))
    return len(waiting)
