"""Personal, signed newsletters a second from the queue into a mail server in a process of its own (asked: 100)."""

import multiprocessing
import pathlib
import socket
import tempfile
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import transaction
from django.test import override_settings

from mailbox.topics import actions, catalogue, editing, sending
from mailbox.topics.models import Issue, Topic
from portal.accounts.models import User
from portal.common import clock
from tests.bench import mail_sink

READERS = 1000
PARAGRAPH = (
    "Die Straße wird **saniert**. Mehr dazu steht auf der [Seite der Stadt](/leistungen/), auch zum Mitreden.\n\n"
)
BODY = "".join(f"## Rubrik {number}\n\n{PARAGRAPH * 8}* eins\n* zwei\n\n" for number in range(8))  # about 8 kB


def measure() -> dict[str, float]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=mail_sink.run, args=(port, theirs), daemon=True)
    process.start()
    assert ours.recv() == "ready"
    with tempfile.TemporaryDirectory() as folder, override_settings(**_settings(pathlib.Path(folder), port)):
        _owe()
        assert sending.send_due(limit=1).total() == 1  # what a process reads once is not the mails' doing
        begin, cpu = time.perf_counter(), time.process_time()
        done = sending.send_due()
        took, used = time.perf_counter() - begin, time.process_time() - cpu
    ours.send("stop")
    mails, size = ours.recv()
    process.join(10)
    assert done.total() + 1 == mails == READERS, (done, mails)
    return {
        "mails_per_s": done.total() / took,
        "mails_per_cpu_s": done.total() / used,
        "kb_per_mail": size / mails / 1000,
    }


def _settings(folder: pathlib.Path, port: int) -> dict[str, object]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = folder / "dkim.pem"
    kinds = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*kinds))
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "EMAIL_USE_TLS": False,
        "DKIM_KEY_FILE": file,
        "DKIM_DOMAIN": "stadt.example",
    }


def _owe() -> None:
    catalogue.seed()
    topic = Topic.objects.get(slug="bauen")
    with transaction.atomic():
        for number in range(READERS):
            actions.subscribe(actions.reader_of(f"leser{number}-{clock.token(4)}@stadt.example".lower()), topic)
    author, second = (User.objects.create_user(f"{clock.uuid()}@stadt.invalid", "x" * 12) for _ in range(2))
    issue = editing.begin(topic, by=author)
    editing.write(issue, title="Neues vom Bauen", body=BODY, scheduled_at=None, seen=issue.version, by=author)
    editing.submit(issue, by=author)
    editing.approve(issue, by=second)
    assert editing.publish(issue.pk) and Issue.objects.get(pk=issue.pk).number
