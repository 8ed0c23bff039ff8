"""One round through the machinery: outbox row -> doorbell -> broker -> worker -> handler -> audit chain by sweep."""

import time
from collections.abc import Callable

from django.db import transaction

from portal.audit import actions as audit
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.outbox import relay
from portal.outbox.models import OutboxMessage

TOPIC = "selftest"


class SelftestFailed(Exception):
    """A part did not answer in time; the message names it."""


def heard(key: str) -> None:
    """Handler of the topic: leaves an entry that only the sweep will link into the chain."""
    audit.record("selftest.heard", f"selftest:{key}", "system:selftest")


def run(seconds: float = 60) -> None:
    """Raises SelftestFailed when worker or beat do not do their part within the time."""
    key = str(clock.uuid())
    with transaction.atomic():
        relay.publish(TOPIC, key)
    messages = OutboxMessage.objects.filter(topic=TOPIC, key=key)
    _wait(messages.exclude(done_at=None).exists, seconds, "Der Worker hat die Meldung nicht bearbeitet.")
    entries = AuditEntry.objects.filter(subject=f"selftest:{key}").exclude(position=None)
    _wait(entries.exists, seconds, "Der regelmäßige Durchgang (beat) hat das Protokoll nicht verkettet.")


def _wait(done: Callable[[], bool], seconds: float, complaint: str) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done():
            return
        time.sleep(0.1)
    raise SelftestFailed(complaint)
