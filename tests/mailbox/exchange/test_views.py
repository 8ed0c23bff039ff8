"""The pages of a room: who sees what, and what a form without a script does."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mailbox.exchange import actions, scanning, uploads
from mailbox.exchange.models import AccessLog, Event, Factor, Invitation, Rights, Room, RoomFile, Upload
from mailbox.exchange.vault import Vault
from portal.common import clock
from tests.mailbox.exchange.conftest import come_in, secret
from tests.mailbox.exchange.tus_client import TusClient, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(line):
    return line.client


@pytest.fixture
def file(line):
    return line.clean(b"Grundriss", "plan.pdf")


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def paths(room, file) -> dict[str, str]:
    base = f"/austausch/{room}/"
    return {
        "room": base,
        "download": f"{base}datei/{file.number}/",
        "everything": f"{base}alles/",
        "delete": f"{base}datei/{file.number}/loeschen/",
        "invite": f"{base}einladen/",
        "extend": f"{base}verlaengern/",
        "end": f"{base}beenden/",
        "log": f"{base}protokoll/",
    }


GUESTS = {
    None: {},
    Rights.READ: {"room": 200, "download": 200, "everything": 200},
    Rights.DROP: {"room": 200},
    Rights.BOTH: {"room": 200, "download": 200, "everything": 200},
}


@pytest.mark.parametrize("rights", GUESTS)
def test_guests_see_what_their_rights_say_and_nothing_else_exists(room, file, guest, bob, rights):
    client = guest(rights) if rights else Client()
    if not rights:
        client.force_login(bob)
    expected = dict.fromkeys(paths(room, file), 404) | GUESTS[rights]
    if rights:
        expected["log"] = 302  # to the sign-in: the log is its owner's alone
    assert {name: client.get(path).status_code for name, path in paths(room, file).items()} == expected


@pytest.mark.parametrize("rights", [Rights.READ, Rights.DROP, Rights.BOTH])
def test_only_guests_who_may_bring_something_reach_the_uploads(room, line, guest, rights):
    tus = TusClient(guest(rights), room)
    may = rights != Rights.READ
    assert tus.announce(3).status_code == (201 if may else 404)
    theirs = line.begin(3)
    assert tus.head(theirs).status_code == 404
    assert tus.patch(theirs, 0, b"abc").status_code == 404
    assert tus.ask("DELETE", theirs).status_code == 404
    assert row(theirs).offset == 0
    answer = tus.client.post(f"/austausch/{room}/hochladen/", {"datei": SimpleUploadedFile("a.txt", b"abc")})
    assert answer.status_code == (302 if may else 404)


def test_a_guest_of_one_room_finds_no_other(room, guest, bob):
    other = actions.open_room(bob, purpose="Anderes", days=1)
    client = guest(Rights.BOTH)
    assert client.get(f"/austausch/{other}/").status_code == 302
    assert TusClient(client, other).announce(3).status_code == 404


def test_a_guest_who_drops_sees_only_what_they_brought(room, line, guest):
    line.clean(b"abc", "von-alice.pdf")
    client = guest(Rights.DROP)
    own = TusClient(client, room).clean(b"def", "von-mir.pdf")
    page = text(client.get(f"/austausch/{room}/"))
    assert "von-mir.pdf" in page and "von-alice.pdf" not in page
    assert client.get(f"/austausch/{room}/datei/{own.number}/").status_code == 404


def test_guests_are_not_told_each_others_addresses(room, guest):
    first = guest(Rights.BOTH, "erste@firma.invalid")
    TusClient(first, room).clean(b"abc")
    page = text(guest(Rights.READ, "zweite@firma.invalid").get(f"/austausch/{room}/"))
    assert "erste@firma.invalid" not in page and "einer anderen Person" in page


def test_strangers_are_asked_to_sign_in(room):
    answer = Client().get(f"/austausch/{room}/")
    assert answer.status_code == 302 and "/konto/login/" in answer["Location"]


def test_a_guest_sent_away_is_out_at_the_next_click(room, guest):
    client = guest(Rights.BOTH)
    actions.revoke(Invitation.objects.get(), by=room.owner)
    assert client.get(f"/austausch/{room}/").status_code == 302
    assert TusClient(client, room).announce(3).status_code == 404


def test_a_guest_stays_for_half_a_day(room, guest):
    client = guest(Rights.READ)
    session = client.session
    session["exchange_entered"] = {key: at - 12 * 3600 for key, at in session["exchange_entered"].items()}
    session.save()
    assert client.get(f"/austausch/{room}/").status_code == 302


def test_a_guest_by_account_is_one_only_with_that_account(room, bob, clara):
    invitation = actions.invite(room, bob.email, rights=Rights.READ, factor=Factor.ACCOUNT)
    link = f"/austausch/einladung/{secret(invitation, 'invite')}/"
    stranger, client = Client(), Client()
    stranger.force_login(clara)
    stranger.get(link)
    assert "andere Adresse" in text(stranger.post("/austausch/einladung/"))
    assert stranger.get(f"/austausch/{room}/").status_code == 404
    client.force_login(bob)
    client.get(link)
    assert client.post("/austausch/einladung/")["Location"] == f"/austausch/{room}/"
    assert client.get(f"/austausch/{room}/").status_code == 200
    client.logout()
    assert client.get(f"/austausch/{room}/").status_code == 302


def test_the_link_alone_opens_nothing_and_uses_nothing_up(room):
    """Scanners of mail servers follow every link."""
    invitation = actions.invite(room, "gast@firma.invalid", rights=Rights.READ, factor=Factor.CODE)
    client = Client()
    for _ in range(3):
        client.get(f"/austausch/einladung/{secret(invitation, 'invite')}/", follow=True)
    assert client.get(f"/austausch/{room}/").status_code == 302
    assert not AccessLog.objects.filter(event__in=[Event.CODE, Event.ENTERED]).exists()
    assert come_in(invitation).get(f"/austausch/{room}/").status_code == 200


def test_the_secret_of_the_link_leaves_the_address_at_once(room):
    invitation = actions.invite(room, "gast@firma.invalid", rights=Rights.READ, factor=Factor.CODE)
    token = secret(invitation, "invite")
    answer = Client().get(f"/austausch/einladung/{token}/", follow=True)
    assert answer.redirect_chain == [("/austausch/einladung/", 302)]
    assert token not in answer.content.decode()


@pytest.mark.parametrize("token", ["x", "a" * 43])
def test_a_link_nobody_sent_leads_nowhere(db, token):
    assert Client().get(f"/austausch/einladung/{token}/").status_code == 404


def test_a_wrong_code_says_what_to_do(room):
    invitation = actions.invite(room, "gast@firma.invalid", rights=Rights.READ, factor=Factor.CODE)
    client = Client()
    client.get(f"/austausch/einladung/{secret(invitation, 'invite')}/")
    client.post("/austausch/einladung/code/")
    assert "Fordern Sie einen neuen an" in text(client.post("/austausch/einladung/", {"code": "00000000"}))
    assert "Geben Sie die 8 Ziffern" in text(client.post("/austausch/einladung/", {"code": "abc"}))
    assert "Geben Sie den Code" in text(client.post("/austausch/einladung/", {"code": ""}))


@pytest.mark.parametrize("what", ["revoked", "ended"])
def test_an_invitation_that_ended_says_so(room, guest, what):
    client = guest(Rights.READ)
    if what == "revoked":
        actions.revoke(Invitation.objects.get(), by=room.owner)
    else:
        actions.end(room)
    assert "gilt nicht mehr" in text(client.get("/austausch/einladung/"))


def test_a_guest_can_leave(room, guest):
    client = guest(Rights.READ)
    client.post("/austausch/einladung/verlassen/")
    assert client.get(f"/austausch/{room}/").status_code == 302


def test_a_room_is_opened_filled_and_ended_by_its_pages(alice):
    client = Client()
    client.force_login(alice)
    answer = client.post("/austausch/neu/", {"purpose": "Umbau", "days": "3"})
    room = Room.objects.get()
    assert answer["Location"] == f"/austausch/{room}/"
    person = {"address": "gast@firma.invalid", "rights": "both", "factor": "code"}
    assert client.post(f"/austausch/{room}/einladen/", person).status_code == 302
    assert "gast@firma.invalid" in text(client.get(f"/austausch/{room}/"))
    client.post(f"/austausch/{room}/verlaengern/", {"days": "30"})
    assert Room.objects.get().expires_at > room.expires_at
    assert client.post(f"/austausch/{room}/beenden/")["Location"] == "/austausch/"
    assert Room.objects.get().wrapped_key is None
    assert client.get(f"/austausch/{room}/").status_code == 410
    assert "Gast 1" in text(client.get(f"/austausch/{room}/protokoll/"))


def test_forms_say_what_is_missing(owner, room):
    page = text(owner.post("/austausch/neu/", {"purpose": "  ", "days": ""}))
    assert "Geben Sie ein, wofür der Raum ist." in page and "Wählen Sie, wie lange" in page
    page = text(owner.post(f"/austausch/{room}/einladen/", {"address": "x"}))
    assert "name@beispiel.de" in page and "Wählen Sie, was die Person darf." in page
    assert not Invitation.objects.exists()


def test_without_a_script_a_file_comes_by_the_form(owner, room):
    data = b"Grundriss" * 100_000
    answer = owner.post(f"/austausch/{room}/hochladen/", {"datei": SimpleUploadedFile("plan.pdf", data, "a/b")})
    assert answer.status_code == 302
    found = RoomFile.objects.get()
    assert (found.size, Upload.objects.get().length) == (len(data), len(data))
    assert scanning.scan(found.pk)
    assert b"".join(owner.get(f"/austausch/{room}/datei/1/").streaming_content) == data


def test_without_a_script_an_empty_form_says_what_to_do(owner, room):
    assert "Wählen Sie eine Datei aus." in text(owner.post(f"/austausch/{room}/hochladen/", {}))


def test_without_a_script_too_much_is_refused_and_nothing_stays(owner, room):
    Room.objects.update(quota=1000)
    answer = owner.post(f"/austausch/{room}/hochladen/", {"datei": SimpleUploadedFile("plan.pdf", b"x" * 2000)})
    assert "zu groß, oder der Raum ist voll" in text(answer)
    assert not Upload.objects.exists()


def test_a_form_without_its_token_leaves_nothing_behind(alice, room):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.post(f"/austausch/{room}/hochladen/", {"datei": SimpleUploadedFile("plan.pdf", b"x" * 2000)})
    assert not RoomFile.objects.exists()
    assert not Upload.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "a\r\nSet-Cookie: x=1.pdf",
        "\u202egpj.exe",
        "<script>alert(1)</script>.pdf",
        "x" * 500 + ".pdf",
    ],
)
def test_hostile_names_are_text_and_nothing_more(owner, line, room, name):
    line.clean(b"abc", name)
    page, answer = owner.get(f"/austausch/{room}/").content.decode(), owner.get(f"/austausch/{room}/datei/1/")
    shown = Vault(room).about(Upload.objects.get()).name
    assert not set(shown) & set('/\\\r\n<>"\u202e') and len(shown) <= 150
    assert "<script>alert" not in page
    assert "Set-Cookie" not in answer and answer["Content-Disposition"].startswith("attachment")


def test_nothing_that_comes_out_is_shown_in_our_own_origin(owner, line, room):
    line.clean(b"<script>alert(1)</script>", "seite.html")
    answer = owner.get(f"/austausch/{room}/datei/1/")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


def test_each_download_and_its_person_stand_in_the_owners_log(owner, file, room, guest):
    client = guest(Rights.READ)
    client.get(f"/austausch/{room}/datei/1/")
    client.head(f"/austausch/{room}/datei/1/")
    client.get(f"/austausch/{room}/datei/1/", headers={"range": "bytes=3-"})  # goes on after a break
    client.get(f"/austausch/{room}/alles/")
    rows = AccessLog.objects.filter(event=Event.DOWNLOADED, actor="guest:1", file=1)
    assert rows.count() == 2
    page = text(owner.get(f"/austausch/{room}/protokoll/"))
    assert "gast@firma.invalid" in page and "plan.pdf" in page


def test_whoever_takes_only_the_end_is_in_the_log_too(owner, file, room, guest):
    guest(Rights.READ).get(f"/austausch/{room}/datei/1/", headers={"range": "bytes=3-"})
    assert AccessLog.objects.filter(event=Event.DOWNLOADED, actor="guest:1").count() == 1


def test_owners_delete_everything_and_guests_what_they_brought(owner, room, line, guest):
    line.clean(b"abc")
    client = guest(Rights.BOTH)
    own = TusClient(client, room).clean(b"def")
    assert client.post(f"/austausch/{room}/datei/1/loeschen/").status_code == 404
    assert client.post(f"/austausch/{room}/datei/{own.number}/loeschen/").status_code == 302
    assert owner.get(f"/austausch/{room}/datei/1/loeschen/").status_code == 200
    assert owner.post(f"/austausch/{room}/datei/1/loeschen/").status_code == 302
    assert not RoomFile.objects.filter(deleted_at=None).exists()


def test_what_was_begun_is_shown_and_can_be_given_up(owner, line, room):
    path = line.begin(10, "gross.zip")
    line.patch(path, 0, b"abcd")
    page = text(owner.get(f"/austausch/{room}/"))
    assert "gross.zip" in page and "40 % angekommen" in page
    owner.post(f"/austausch/{room}/hochladen/{row(path)}/verwerfen/")
    assert uploads.is_gone(row(path))
    assert "gross.zip" not in text(owner.get(f"/austausch/{room}/"))


def test_a_long_upload_keeps_its_session_alive(line):
    before = line.client.session.get("exchange_kept")
    path = line.begin(10)
    first = line.client.session["exchange_kept"]
    line.patch(path, 0, b"ab")
    assert before is None and line.client.session["exchange_kept"] == first  # not with every piece
    session = line.client.session
    session["exchange_kept"] = clock.now().timestamp() - 301
    session.save()
    line.patch(path, 2, b"cd")
    assert line.client.session["exchange_kept"] > first


def test_no_name_and_no_address_is_written_to_a_log(owner, line, room, guest, caplog):
    client = guest(Rights.READ, "geheim@firma.invalid")
    line.clean(b"abc", "Geheimplan.pdf")
    client.get(f"/austausch/{room}/datei/1/")
    client.get(f"/austausch/{room}/datei/99/")
    line.patch(line.begin(3, "Geheimplan.pdf"), 1, b"x")
    assert "Geheimplan" not in caplog.text and "geheim@" not in caplog.text and caplog.text
