"""Newsletters of the city that the page types look at: one that has appeared, one reader, one who has left."""

from django.db import transaction

from mailbox.topics import actions, sample
from mailbox.topics.models import Ended, Issue, SignUp, Topic
from portal.accounts.models import Role, User
from portal.common import clock


def subscribe() -> dict[str, str]:
    """The secrets of links, by the names in page_types.py."""
    sample.publish(*(_member(name, role) for name, role in (("schreibt", Role.EDITOR), ("liest", Role.EDITOR))))
    issue = Issue.objects.get(topic__slug="rathausumschau")
    with transaction.atomic():
        here, gone = (actions.reader_of(f"{name}@stadt.invalid") for name in ("da", "fort"))
        running, ended = (actions.subscribe(reader, issue.topic) for reader in (here, gone))
        actions.subscribe(gone, Topic.objects.get(slug="bauen"))
    actions.end([ended], Ended.ASKED)
    actions.sign_up(address="neu@stadt.invalid", topics=["bauen"], once=clock.token(24))
    return {
        "news_ticket": actions.ticket(SignUp.objects.get()),
        "news_reader": actions.token_of(here),
        "news_subscription": actions.token_of(running),
        "news_ended": actions.token_of(ended),
        "news_year": str(issue.year),
        "news_number": str(issue.number),
    }


def _member(name: str, role: Role) -> User:
    user = User.objects.create_user(f"{name}@redaktion.invalid", clock.token(), given_name=name.title())
    user.roles.create(role=role)
    return user
