import os
import time
from email.message import EmailMessage

import pytest
from django.core.cache import cache

from forms_engine.cases import flow
from forms_engine.intake import working
from forms_engine.intake.models import InboundItem, Source
from forms_engine.intake.receiving import receive
from forms_engine.intake.states import AT_WORK
from tests import make


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "store"
    cache.clear()


@pytest.fixture
def asked(alice, clara, db):
    """A case whose clerk has asked for something."""
    case = make.case(alice)
    from forms_engine.cases.models import Case
    from forms_engine.cases.states import Status, advance

    advance(Case.objects.filter(pk=case.pk), Status.IN_REVIEW)
    return flow.request_documents(Case.objects.for_pages().get(pk=case.pk), text="Bitte den Fahrzeugschein.", by=clara)


def mail(subject="Anfrage", text="Guten Tag", attachments=(), **headers) -> bytes:
    message = EmailMessage()
    message["From"] = headers.pop("sender", "Erika Muster <erika@example.org>")
    message["To"] = headers.pop("to", "eingang@stadt.invalid")
    message["Subject"] = subject
    message["Message-ID"] = headers.pop("message_id", f"<{time.monotonic_ns()}@example.org>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    for name, kind, data in attachments:
        main, _, sub = kind.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def arrived(data: bytes, name: str = "", source: Source = Source.MAIL, **more) -> InboundItem:
    return receive(source, data, name=name or f"test:{time.monotonic_ns()}", **more).item


def workers() -> None:
    """What the workers do until nothing is left to do: scan, take apart, file."""
    for _ in range(6):
        make.work()
        InboundItem.objects.filter(state__in=AT_WORK).update(due_at="2020-01-01T00:00Z")
        for pk in InboundItem.objects.filter(state__in=AT_WORK).values_list("pk", flat=True):
            working.work(pk)


def drop(folder, name: str, data: bytes):
    """A file that nobody is writing any more."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    os.utime(path, (time.time() - 60,) * 2)
    return path
