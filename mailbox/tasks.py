"""Doors for Celery."""

from celery import shared_task

from mailbox import dispatches, exporting, parcel_states, proofs, sending


@shared_task(name="mailbox.send_notices")
def send_notices(_turn: str = "") -> int:
    """Returns how many were waiting. `_turn` only tells several bells of one ringing apart."""
    return len(sending.send_notices())


@shared_task(name="mailbox.send_dispatch")
def send_dispatch(dispatch_id: str) -> None:
    dispatches.send(int(dispatch_id))


@shared_task(name="mailbox.draw_proof")
def draw_proof(proof_id: str) -> None:
    proofs.draw(int(proof_id))


@shared_task(name="mailbox.ask_dispatch")
def ask_dispatch(dispatch_id: str) -> None:
    parcel_states.ask(int(dispatch_id))


@shared_task(name="mailbox.pack_export")
def pack_export(export_id: str) -> bool:
    return exporting.pack(int(export_id))
