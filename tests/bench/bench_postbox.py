"""The postbox at 100,000 invented messages in a mix of owners, or PORTAL_BENCH_MESSAGES.

One box of ten thousand (a company, half of it read), one of a thousand in a single thread, the rest in boxes of ten to
a hundred. *_p95_ms: server time of the page, client and server in one process; *_statements: of one page.
search_10000_ms: one word that is nowhere, looked for in the box of ten thousand.
"""

import datetime as dt
import os
import statistics
import time
from collections.abc import Iterator

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mailbox import actions, queries, searching
from mailbox.letters import place
from mailbox.models import Direction, Mailbox, Message
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.common import clock
from portal.common.crypto import Envelope
from portal.launcher.terminal import say

MESSAGES = int(os.environ.get("PORTAL_BENCH_MESSAGES", "100000"))
DRAWN, BATCH = 40, 2000
BODY = "Guten Tag, wir haben Ihren Antrag geprüft und brauchen noch eine Unterlage von Ihnen. " * 12


def measure() -> dict[str, float]:
    boxes = {name: _box(name) for name in ("gross", "faden", *(f"klein{n}" for n in range(1, 1700)))}
    begin = time.perf_counter()
    for rows in _batches(_messages(boxes)):
        Message.objects.bulk_create(rows)
    figures: dict[str, float] = {"messages": Message.objects.count()}
    figures["seed_per_s"] = figures["messages"] / (time.perf_counter() - begin)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze mailbox_message")
    for name in ("klein7", "gross", "faden"):
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(boxes[name].user, "django.contrib.auth.backends.ModelBackend")
        deep = queries.inbox(boxes[name].user, threads=True, size=15).older
        pages = {"inbox": "", "archive": "?ablage=1", **({"deep": f"?ab={deep}"} if deep else {})}
        for page, address in pages.items():
            figures |= _drawn(client, f"{name}_{page}", reverse("mailbox:inbox") + address)
        figures |= _drawn(client, f"{name}_log", reverse("mailbox:log"))
    begin = time.perf_counter()
    searching.search(boxes["gross"].user, None, "Gibtesnicht", level=TrustLevel.HIGH)
    figures["search_10000_ms"] = (time.perf_counter() - begin) * 1000
    return figures


def _box(name: str) -> Mailbox:
    user, _ = User.objects.get_or_create(email=f"{name}@messung.invalid", defaults={"given_name": name})
    return actions.open_mailbox(user)


def _messages(boxes: dict[str, Mailbox]) -> Iterator[Message]:
    small = [box for name, box in boxes.items() if name.startswith("klein")]
    now = clock.now()
    envelopes = {box.pk: Envelope(box.wrapped_key) for box in boxes.values()}  # unwrapping costs more than sealing
    for number in range(MESSAGES):
        if number < MESSAGES // 10:
            box, thread = boxes["gross"], f"case:gross:{number // 4}"
        elif number < MESSAGES // 10 + 1000:
            box, thread = boxes["faden"], "case:faden"
        else:
            box, thread = small[number * 7919 % len(small)], f"case:{number % 50_000}"
        row = Message(mailbox=box, thread=thread, direction=Direction.CITY, sender="Kreisverwaltungsreferat")
        row.visible_from = row.created_at = now - dt.timedelta(minutes=MESSAGES - number)
        row.first_read_at = row.created_at if number % 2 else None
        row.archived_at = row.created_at if number % 5 == 0 else None
        envelope = envelopes[box.pk]
        row.sealed_subject = envelope.seal(f"Ihr Antrag Nummer {number}".encode(), place(row.public_id, "subject"))
        row.sealed_body = envelope.seal(BODY.encode(), place(row.public_id, "body"))
        row.sealed_about = envelope.seal(b"Bewohnerparkausweis, KVR-2026", place(row.public_id, "about"))
        yield row


def _batches(rows: Iterator[Message]) -> Iterator[list[Message]]:
    held: list[Message] = []
    for row in rows:
        held.append(row)
        if len(held) == BATCH:
            yield held
            held = []
    yield held


def _drawn(client: Client, name: str, address: str) -> dict[str, float]:
    times = []
    for number in range(DRAWN + 3):
        begin = time.perf_counter()
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{name}: {answer.status_code}")
        if number >= 3:
            times.append((time.perf_counter() - begin) * 1000)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    p95 = statistics.quantiles(times, n=20)[18]
    say(f"{name}: p95 {p95:.1f} ms, median {statistics.median(times):.1f} ms, {len(asked)} statements")
    return {f"{name}_p95_ms": p95, f"{name}_statements": len(asked)}
