"""What the tests of the exchange share: Alice's room, guests who came in, a client that speaks tus."""

import pytest
from django.core.cache import cache
from django.test import Client

from mailbox.exchange import actions
from mailbox.exchange.models import Factor, Rights
from tests.mailbox.exchange.tus_client import TusClient


@pytest.fixture(autouse=True)
def _nobody_knocked_before():
    cache.clear()  # links that were tried are counted by network address, and all tests have the same


@pytest.fixture
def room(alice):
    return actions.open_room(alice, purpose="Pläne für den Umbau", days=7)


@pytest.fixture
def line(alice, room):
    """Alice's own tus client in her room."""
    client = Client()
    client.force_login(alice)
    return TusClient(client, room)


@pytest.fixture
def guest(room):
    """guest(Rights.READ) invites somebody, who comes in by link and code; returns their browser."""

    def invite(rights, address="gast@firma.invalid", *, into=None):
        return come_in(actions.invite(into or room, address, rights=rights, factor=Factor.CODE))

    return invite


def come_in(invitation) -> Client:
    """By the link and the code as the mails carry them."""
    client = Client()
    assert client.get(f"/austausch/einladung/{secret(invitation, 'invite')}/").status_code == 302
    client.post("/austausch/einladung/code/")
    answer = client.post("/austausch/einladung/", {"code": secret(invitation, "code")})
    assert answer.status_code == 302, answer.content.decode()
    return client


def secret(invitation, kind: str) -> str:
    """What the mail of this kind says, before it is sent."""
    from mailbox.exchange.models import RoomMail
    from mailbox.exchange.vault import Vault

    mail = RoomMail.objects.filter(to=invitation, kind=kind, sealed_secret__isnull=False).latest("id")
    return Vault(invitation.room).secret(mail)


__all__ = ["Rights", "come_in", "secret"]
