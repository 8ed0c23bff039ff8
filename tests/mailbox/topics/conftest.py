"""What the tests of newsletters share: the topics, a subscriber, an issue that has appeared, a mail server."""

import email.policy
from email.message import EmailMessage

import pytest
from django.core import mail
from django.db import transaction

from mailbox.topics import actions, catalogue, editing, sending
from mailbox.topics.models import Issue, Subscription, Topic
from portal.common import clock
from tests.mailbox import sink

BODY = """## Termine

* **Montag:** [Sprechstunde](/leistungen/) für Bürger*innen

## Meldungen

Die Straße ist wieder frei. Mehr steht unter <https://stadt.example/straße>.
"""


@pytest.fixture
def topics(db) -> dict[str, Topic]:
    catalogue.seed()
    return {topic.slug: topic for topic in Topic.objects.all()}


@pytest.fixture
def topic(topics) -> Topic:
    return topics["rathausumschau"]


def subscribed(topic: Topic, address: str = "jo@stadt.example", **change) -> Subscription:
    with transaction.atomic():
        return actions.subscribe(actions.reader_of(address), topic, **change)


def written(topic: Topic, author, title: str = "Neues aus dem Rathaus", body: str = BODY, **change) -> Issue:
    issue = editing.begin(topic, by=author)
    change = {"scheduled_at": None, "seen": issue.version} | change
    editing.write(issue, title=title, body=body, by=author, **change)
    return Issue.objects.get(pk=issue.pk)


def appeared(topic: Topic, author, second, **change) -> Issue:
    issue = written(topic, author, **change)
    editing.submit(issue, by=author)
    editing.approve(issue, by=second)
    assert editing.publish(issue.pk)
    return Issue.objects.get(pk=issue.pk)


def sent() -> list[EmailMessage]:
    """What lies in Django's outbox, as another program reads it."""
    return [
        email.message_from_bytes(m.message().as_bytes(linesep="\r\n"), policy=email.policy.default) for m in mail.outbox
    ]


@pytest.fixture
def subscription(topic) -> Subscription:
    return subscribed(topic)


@pytest.fixture
def issue(subscription, edda, otto) -> Issue:
    """With one mail owed."""
    return appeared(subscription.topic, edda, otto)


@pytest.fixture
def letter(issue) -> EmailMessage:
    """That one mail."""
    sending.send_due()
    return sent()[-1]


@pytest.fixture
def mail_server(settings):
    with sink.running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def later(delta):
    return clock.frozen(clock.now() + delta)
