"""The newsletters of the demo: two issues that have appeared, so that archive and feed are not empty."""

import datetime as dt

from django.conf import settings
from django.db import transaction

from mailbox.topics import catalogue, editing
from mailbox.topics.models import Issue, Topic
from portal.accounts.models import Role, User
from portal.common import clock

ISSUES = (
    (
        "rathausumschau",
        "Mehr Plätze in der Tagesbetreuung",
        """## Termine

* **Montag, 10 Uhr:** Sprechstunde der Stadtbibliothek Am Gasteig
* **Dienstag, 14 Uhr:** Der Stadtrat tagt öffentlich im [Rathaus](/leistungen/).

## Bürgerangelegenheiten

Das Sozialbürgerhaus Pasing zieht um. Ab Januar ist es in der Landsberger Straße zu finden.

## Meldungen

Die Stadt schafft 120 neue Plätze in der Tagesbetreuung. Anmelden können Sie Ihr Kind **online**.
""",
    ),
    (
        "digitalisierung",
        "Bewohnerparkausweis jetzt ganz online",
        """## Neue Dienste

Den Bewohnerparkausweis beantragen und bezahlen Sie jetzt online. Der Bescheid kommt in Ihr Postfach.

## Offene Daten

Neu ist die Zahl der Anträge je Monat, als [offene Daten](/daten/).
""",
    ),
)


def seed_demo() -> None:
    """May run again: what has appeared stays."""
    catalogue.seed()
    if not settings.DEMO or Issue.objects.exists():
        return
    author = User.objects.filter(roles__role=Role.EDITOR).first()
    second = User.objects.filter(roles__role=Role.OPERATOR).first()
    if author and second:
        publish(author, second)


def publish(author: User, second: User) -> None:
    """The sample issues, one a day until yesterday."""
    catalogue.seed()
    for days, (slug, title, body) in enumerate(ISSUES, start=1):
        with clock.frozen(clock.now() - dt.timedelta(days=days)), transaction.atomic():
            _appear(Topic.objects.get(slug=slug), title, body, author, second)


def _appear(topic: Topic, title: str, body: str, author: User, second: User) -> None:
    issue = editing.begin(topic, by=author)
    editing.write(issue, title=title, body=body, scheduled_at=None, seen=issue.version, by=author)
    editing.submit(issue, by=author)
    editing.approve(issue, by=second)
    editing.publish(issue.pk)
