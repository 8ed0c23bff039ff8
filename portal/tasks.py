"""The two tasks that know every app. Everything else is rung through portal.outbox.relay.ring()."""

import logging

from celery import shared_task
from django.utils.module_loading import import_string

from portal import wiring
from portal.outbox import relay

log = logging.getLogger(__name__)
DRAIN_BATCH = 200


@shared_task(name="portal.drain_outbox")
def drain_outbox() -> int:
    """Hand due rows to their handlers until none is left, or the batch is done (then the sweep goes on)."""
    done = 0
    while done < DRAIN_BATCH and relay.drain_one(wiring.HANDLERS):
        done += 1
    return done


@shared_task(name="portal.sweep", expires=60)
def sweep() -> None:
    """Find what was lost between commit and doorbell. One failing part does not stop the others: each is a task."""
    drain_outbox()
    for path in wiring.SWEEPS:
        sweep_one.delay(path)


@shared_task(name="portal.sweep_one", expires=60)
def sweep_one(path: str) -> int:
    if path not in wiring.SWEEPS:
        raise ValueError(f"{path} is not in portal.wiring.SWEEPS")
    moved: int = import_string(path)()
    if moved:
        log.info("sweep %s moved %s", path, moved)
    return moved
