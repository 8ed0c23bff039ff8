"""Rooms of the file exchange, and the guests who look at them."""

from collections.abc import Callable, Mapping

from django.test import Client

from mailbox.exchange import actions, scanning, uploads
from mailbox.exchange.access import Visitor
from mailbox.exchange.models import Factor, Invitation, Rights, Room, RoomFile
from mailbox.exchange.vault import About
from portal.accounts.models import User
from portal.documents.scans.signatures import EICAR
from tests.mailbox.exchange.conftest import come_in, secret
from tests.mailbox.exchange.tus_client import TusClient


def open_rooms(owner: User) -> dict[str, str]:
    """One with files in every state, half an upload and guests; one that has ended."""
    client = Client()
    client.force_login(owner)
    room = actions.open_room(owner, purpose="Pläne und Fotos für den Umbau in der Fraunhoferstraße", days=14)
    line = TusClient(client, room)
    line.clean(b"Grundriss" * 90_000, "Grundriss Erdgeschoss.pdf")
    line.clean(b"Schnitt" * 50_000, "Schnitt-durch-das-Gebaeude-mit-einem-sehr-langen-Namen-ohne-Leerzeichen.pdf")
    scan = line.clean(b"Punkte" * 50_000, "Laserscan Dachgeschoss.e57")
    RoomFile.objects.filter(pk=scan.pk).update(scan_in_parts=True, scan_offset=scan.size)
    infected = line.upload(b"x" + EICAR, "rechnung.exe")
    scanning.scan(infected.pk)
    line.upload(b"Foto", "Foto vom Dachstuhl.jpg")
    large = line.upload(b"Film", "Film.mp4")
    RoomFile.objects.filter(pk=large.pk).update(scan="toolarge")
    begun = uploads.create(Visitor(room), About("Modell.ifc", mark="1"), 5_000_000)
    line.patch(f"{line.collection}{begun}", 0, b"x" * 2_000_000)
    ended = actions.open_room(owner, purpose="Alt", days=1)
    actions.end(ended, by=f"owner:{owner.public_id}")
    return {"exchange_room": str(room), "exchange_ended": str(ended)}


def visitors(
    names: Mapping[str, str], people: Mapping[str, User], signed_in: Callable[[User], Client]
) -> dict[str, Client]:
    room = Room.objects.get(public_id=names["exchange_room"])
    inside = actions.invite(room, "gast@firma.invalid", rights=Rights.BOTH, factor=Factor.CODE)
    outside = actions.invite(room, "buero@firma.invalid", rights=Rights.DROP, factor=Factor.CODE)
    by_account = actions.invite(room, people["bob"].email, rights=Rights.READ, factor=Factor.ACCOUNT)
    door = Client()
    _knock(door, outside)
    door.post("/austausch/einladung/code/")
    bob = signed_in(people["bob"])
    _knock(bob, by_account)
    return {"a guest": come_in(inside), "a guest at the door": door, "bob invited": bob}


def _knock(client: Client, invitation: Invitation) -> None:
    client.get(f"/austausch/einladung/{secret(invitation, 'invite')}/")
