"""Deliveries a second from planned to noticed, beside the bare INSERTs and UPDATEs of the same rows by pgbench.

Two processes each, one after the other, in one database: ours posts decisions, each in a transaction of its own, and
sends their notices as a busy worker does, as many at once as it takes (the mail server is left out), 10,000 in all or
PORTAL_BENCH_DELIVERIES. pgbench writes the same rows in three transactions a delivery, copied from one of ours; it
seals nothing, reckons nothing and reads nothing but that one. `ratio`: ours to pgbench's.
"""

import multiprocessing
import os
import pathlib
import re
import subprocess
import tempfile
import time

from django.db import connection, connections, models, transaction
from django.test import override_settings

from mailbox import actions, deliveries, sending
from mailbox.models import Delivery, Kind, Message
from portal.accounts import consents
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.launcher.services import pg_bindir
from portal.outbox.models import OutboxMessage

COUNT = int(os.environ.get("PORTAL_BENCH_DELIVERIES", "10000"))
PROCESSES = 2
WINDOW = deliveries.Order(("Bea Bahn", "Weg 1", "80331 München"))
QUIET = {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}


def measure() -> dict[str, float]:
    owners = [User.objects.create(email=f"{n}@messung.invalid", given_name=f"Bea{n}") for n in range(100)]
    for owner in owners:
        consents.answer(owner, consents.ANNOUNCEMENT, given=True)
    _deliver(owners[:1], 50, -1)  # what a process reads once
    begin = time.perf_counter()
    context = multiprocessing.get_context("fork")
    connections.close_all()
    each = COUNT // PROCESSES
    running = [context.Process(target=_deliver, args=(owners, each, number)) for number in range(PROCESSES)]
    for process in running:
        process.start()
    for process in running:
        process.join()
        assert process.exitcode == 0
    ours = each * PROCESSES / (time.perf_counter() - begin)
    assert Delivery.objects.filter(state="notice_sent").count() == each * PROCESSES + 50
    bare = _pgbench(each)
    return {"deliveries_per_s": ours, "pgbench_per_s": bare, "ratio": ours / bare}


def _deliver(owners: list[User], count: int, offset: int) -> None:
    with override_settings(**QUIET):
        for number in range(count):
            with transaction.atomic():
                actions.post(
                    recipient=owners[(number + offset) % len(owners)],
                    sender="Kreisverwaltungsreferat",
                    subject="Ihr Bescheid",
                    body="Guten Tag, wir haben entschieden.",
                    thread=f"case:{number}",
                    kind=Kind.DECISION,
                    order=WINDOW,
                    dedupe_key=f"paper:{offset}:{number}",
                )
            if number % sending.BATCH == sending.BATCH - 1:
                sending.send_notices()
        while sending.send_notices():
            pass
    connections.close_all()


def _pgbench(each: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "deliveries.sql"
        script.write_text(_script())
        size = ["-c", str(PROCESSES), "-j", str(PROCESSES), "-t", str(each)]
        argv = [str(pg_bindir() / "pgbench"), "-n", "-f", str(script), *size, connection.settings_dict["NAME"]]
        told = subprocess.run(argv, check=True, capture_output=True, text=True).stdout  # PGHOST, PGUSER
    found = re.search(r"tps = ([\d.]+)", told)
    assert found, told
    return float(found[1])


def _script() -> str:
    """The writes of one delivery in pgbench's words: to post, to claim the notice, to write down that it went."""
    message = Message.objects.filter(kind=Kind.DECISION).latest("id")
    notice = message.notices.get(plan_day=0)
    reminder = message.notices.exclude(plan_day=0).get()
    first, second, third = message.delivery.events.order_by("id")
    created, told = message.events.order_by("id")
    entries = AuditEntry.objects.filter(subject=f"message:{message.public_id}").order_by("id")
    fact = OutboxMessage.objects.filter(key=str(message.public_id)).get()
    mail = "'<' || gen_random_uuid() || '@bench.invalid>'"
    audits = [_copy(entry, position="null", hash="null") for entry in entries]
    waits = {"state": "'queued'", "attempts": "0", "fence": "0", "sent_at": "null"}
    given = {"state": "'provided'", "noticed_at": "null", "counts_on": "null", "due_at": "null"}
    return "\n".join(
        [
            "begin;",
            _copy(message, "m", public_id="gen_random_uuid()", dedupe_key="gen_random_uuid()::text"),
            _copy(created, message_id=":m"),
            audits[0],
            _copy(message.delivery, "d", public_id="gen_random_uuid()", message_id=":m", **given),
            _copy(first, delivery_id=":d"),
            _copy(second, delivery_id=":d"),
            audits[1],
            _copy(notice, "n", message_id=":m", mail_id=mail, **waits),
            "commit;",
            "begin;",
            "update mailbox_notice set state = 'sending', fence = fence + 1, attempts = attempts + 1,"
            " lease_until = now() + interval '5 min' where id = :n and due_at <= now() and state = 'queued';",
            "commit;",
            "begin;",
            "update mailbox_notice set state = 'sent', lease_until = null, last_error = '', sent_at = now()"
            " where fence = 1 and id = :n and state = 'sending';",
            _copy(told, message_id=":m"),
            audits[2],
            "update mailbox_delivery set state = 'notice_sent', noticed_at = now(), counts_on = current_date + 4,"
            " due_at = now() + interval '4 days' where id = :d and state = 'provided';",
            _copy(third, delivery_id=":d"),
            audits[3],
            _copy(fact, key="gen_random_uuid()::text", dedupe_key="gen_random_uuid()::text"),
            _copy(reminder, message_id=":m", mail_id=mail),
            "commit;",
        ]
    )


def _copy(row: models.Model, name: str = "", **change: str) -> str:
    """An INSERT of the same row under a new key, kept under `name`; `change`: column -> expression."""
    kept = [f.column for f in row._meta.concrete_fields if not f.primary_key and not f.generated]
    chosen = ", ".join(change.get(column, f'"{column}"') for column in kept)
    columns = ", ".join(f'"{column}"' for column in kept)
    table = row._meta.db_table
    ending = f" returning id as {name} \\gset" if name else ";"
    return f"insert into {table} ({columns}) select {chosen} from {table} where id = {row.pk}{ending}"
