"""A provider in the hands of a test: answers what it likes, honestly or not."""

import base64
import dataclasses

from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from portal.accounts.identity import providers
from portal.accounts.identity.demo import answers, keys
from portal.accounts.identity.demo.people import PEOPLE, WAYS
from portal.accounts.identity.models import PendingSignIn
from portal.common import clock

ORIGIN = "http://127.0.0.1:9"
RELAYS: dict[str, str] = {}


@dataclasses.dataclass
class Peer:
    name: str
    folder: keys.Folder

    @property
    def provider(self):
        return providers.get(self.name)

    def ask(self, client: Client, address: str = "", **data) -> tuple[PendingSignIn, str]:
        """The person presses the button. Returns the question and its RelayState."""
        response = client.post(address or reverse("identity:sign_in", args=[self.name]), data)
        assert response.status_code == 302, response.content.decode()
        assert response["Location"].startswith(f"{ORIGIN}/{self.name}/anmelden?"), response["Location"]
        relay = response["Location"].split("RelayState=")[1].split("&")[0]
        return PendingSignIn.objects.latest("pk"), relay

    def told(self, number: str | None, person: int = 0, way: int = 2, **changes) -> answers.Told:
        """What an honest answer would say; `changes` make it lie."""
        usual = answers.Told(
            issuer=keys.entity_id(ORIGIN, self.name),
            answer_url=self.provider.answer_url,
            audience=providers.entity_id(),
            in_response_to=number,
            context=f"STORK-QAA-Level-{WAYS[way].stork}",
            attributes=PEOPLE[person].attributes(self.name, WAYS[way]),
            now=clock.now(),
        )
        return dataclasses.replace(usual, **changes)

    def signed(self, told: answers.Told, edit=lambda xml: xml, **which) -> bytes:
        """`edit` changes the text before it is signed."""
        document = edit(str(answers.unsigned(told)))
        return answers.sign(document.encode(), self.folder.key(self.name), told, **which)

    def send(self, client: Client, document: bytes, relay: str):
        """The person's browser brings the answer; a redirect is followed to its end."""
        data = {"SAMLResponse": base64.b64encode(document).decode(), "RelayState": relay}
        return client.post(reverse("identity:answer", args=[self.name]), data, follow=True)

    def sign_in(self, client: Client, person: int = 0, way: int = 2, **data):
        """The whole honest way."""
        pending, relay = self.ask(client, **data)
        return self.send(client, self.signed(self.told(pending.request_id, person, way)), relay)


def password_sign_in(client: Client, user) -> None:
    """With the house's own account: address confirmed, password right."""
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    response = client.post("/konto/login/", {"login": user.email, "password": "ein gutes Kennwort"})
    assert response.status_code == 302 and "_auth_user_id" in client.session
