"""How many facts one worker process can hand on in a second."""

import time

from django.db import transaction

from portal.outbox import relay

COUNT = 500
HANDLERS = {"bench": "tests.bench.bench_outbox.hear"}


def hear(key: str) -> None:
    pass


def measure() -> dict[str, float]:
    begin = time.perf_counter()
    for key in range(COUNT):
        with transaction.atomic():
            relay.OutboxMessage(topic="bench", key=str(key)).save()
    written = time.perf_counter()
    while relay.drain_one(HANDLERS):
        pass
    done = time.perf_counter()
    return {"write_per_s": COUNT / (written - begin), "drain_per_s": COUNT / (done - written)}
