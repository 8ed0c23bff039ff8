"""What the tests of the postbox share: a letter to Alice, a mail server, files in a folder of their own."""

import functools
import importlib

import pytest
from django.apps import apps
from django.db import transaction

from mailbox import actions
from mailbox.models import AnnouncementRule
from portal.documents import store
from tests.mailbox import sink

CANARY = "Kanarienvogel Zitronengelb"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


@pytest.fixture
def post(alice):
    """post() with what most tests do not care about, in a transaction of its own."""

    @functools.wraps(actions.post)
    def send(**change):
        letter = {
            "recipient": alice,
            "sender": "Kreisverwaltungsreferat",
            "subject": f"Ihr Bescheid {CANARY}",
            "body": f"Guten Tag,\n\nwir haben entschieden. {CANARY}",
            "thread": "case:1",
        }
        with transaction.atomic():
            return actions.post(**letter | change)

    return send


@pytest.fixture
def letter(post):
    return post()


@pytest.fixture
def pdf(db):
    return store.put(b"%PDF-1.7 " + CANARY.encode(), media_type="application/pdf")


@pytest.fixture
def rule_table(db):
    seed_rules()


def seed_rules():
    """The operators' table as the migration fills it; a test with real transactions may have emptied it."""
    if not AnnouncementRule.objects.exists():
        importlib.import_module("mailbox.migrations.0005_deliveries").seed(apps, None)


@pytest.fixture
def mail_server(settings):
    with sink.running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server
