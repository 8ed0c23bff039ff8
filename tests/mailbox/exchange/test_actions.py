"""Rooms and guests: opened, invited, proven, taken back, ended."""

import datetime as dt

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from mailbox.exchange import actions, mails, records, uploads
from mailbox.exchange.access import Visitor
from mailbox.exchange.models import AccessLog, Event, Factor, Invitation, Rights, Room, RoomFile, RoomMail, Upload
from mailbox.exchange.vault import About, Vault, path
from portal.common import clock, crypto
from tests.mailbox.exchange.conftest import secret

pytestmark = pytest.mark.django_db


@pytest.fixture
def invited(room):
    return actions.invite(room, "Gast@Firma.invalid", rights=Rights.BOTH, factor=Factor.CODE)


def code_of(invitation) -> str:
    assert actions.send_code(invitation)
    return secret(invitation, "code")


def later(**span):
    return clock.frozen(clock.now() + dt.timedelta(**span))


def test_purpose_and_addresses_are_sealed(room, invited):
    assert Vault(room).purpose() == "Pläne für den Umbau"
    assert Vault(room).address(invited) == "gast@firma.invalid"
    stored = b"".join(bytes(value) for value in (room.sealed_purpose, invited.sealed_address))
    assert b"Umbau" not in stored and b"gast" not in stored


@pytest.mark.parametrize(("days", "kept"), [(-5, 1), (0, 1), (7, 7), (400, 30)])
def test_a_room_lives_a_day_at_least_and_a_month_at_most(alice, days, kept):
    room = actions.open_room(alice, purpose="x", days=days)
    assert room.expires_at - room.opened_at == dt.timedelta(days=kept)


def test_nobody_holds_more_than_five_rooms_open(alice):
    rooms = [actions.open_room(alice, purpose="x", days=1) for _ in range(5)]
    with pytest.raises(actions.Refused):
        actions.open_room(alice, purpose="x", days=1)
    actions.end(rooms[0])
    actions.open_room(alice, purpose="x", days=1)


def test_nobody_is_invited_twice_at_once(room, invited):
    with pytest.raises(actions.Refused):
        actions.invite(room, "gast@firma.invalid", rights=Rights.READ, factor=Factor.CODE)
    actions.revoke(invited, by=room.owner)
    assert actions.invite(room, "gast@firma.invalid", rights=Rights.READ, factor=Factor.CODE).number == 2


def test_nobody_sends_mail_in_bulk_by_invitations(alice):
    room = actions.open_room(alice, purpose="x", days=1)
    for number in range(20):
        row = actions.invite(room, f"{number}@firma.invalid", rights=Rights.READ, factor=Factor.CODE)
        actions.revoke(row, by=alice)
    with pytest.raises(actions.Refused):
        actions.invite(room, "21@firma.invalid", rights=Rights.READ, factor=Factor.CODE)
    with later(days=1, minutes=1), pytest.raises(actions.Ended):
        actions.invite(room, "21@firma.invalid", rights=Rights.READ, factor=Factor.CODE)


def test_the_mail_carries_the_link_and_nothing_of_the_room(room, invited):
    assert mails.send_due() == 1
    letter = mail.outbox[0]
    assert letter.to == ["gast@firma.invalid"]
    assert "/austausch/einladung/" in letter.body
    assert "Umbau" not in letter.body + letter.subject and "Alice" not in letter.body + letter.subject
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_secret_is_forgotten_once_it_is_sent(room, invited):
    actions.send_code(invited)
    mails.sweep()
    assert not RoomMail.objects.exclude(sealed_secret=None).exists()


def test_the_link_leads_to_its_invitation_and_rows_hold_no_link(invited):
    token = secret(invited, "invite")
    assert actions.by_token(token) == invited
    assert actions.by_token(token[:-1]) is None
    assert token not in str(Invitation.objects.values().get())


def test_a_code_counts_once(invited):
    code = code_of(invited)
    assert actions.redeem(invited, f" {code[:4]} {code[4:]}")
    assert not actions.redeem(invited, code)


def test_a_code_counts_fifteen_minutes(invited):
    code = code_of(invited)
    with later(minutes=15, seconds=1):
        assert not actions.redeem(invited, code)


def test_five_wrong_codes_end_the_code_and_stand_in_the_log(invited):
    code = code_of(invited)
    wrong = "00000000" if code != "00000000" else "11111111"
    assert not any(actions.redeem(invited, wrong) for _ in range(5))
    assert not actions.redeem(invited, code)
    assert AccessLog.objects.filter(event=Event.LOCKED, actor="guest:1").count() == 1


def test_a_new_code_comes_once_a_minute_and_ends_the_old_one(invited):
    old = code_of(invited)
    assert not actions.send_code(invited)
    with later(minutes=1):
        new = code_of(invited)
        assert not actions.redeem(invited, old)
        assert actions.redeem(invited, new)


def test_a_code_of_one_invitation_opens_no_other(room, invited):
    other = actions.invite(room, "b@firma.invalid", rights=Rights.READ, factor=Factor.CODE)
    code = code_of(invited)
    actions.send_code(other)
    Invitation.objects.filter(pk=other.pk).update(code_hash=Invitation.objects.get(pk=invited.pk).code_hash)
    assert not actions.redeem(other, code)


def test_whoever_was_sent_away_gets_no_mail_and_no_code_counts(room, invited):
    code = code_of(invited)
    assert actions.revoke(invited, by=room.owner)
    assert not actions.revoke(invited, by=room.owner)
    assert not actions.redeem(invited, code)
    assert mails.send_due() == 0


def test_after_the_end_no_remaining_key_opens_anything(room, line, bob, django_capture_on_commit_callbacks):
    """Even with a copy of the disk, and of the rows as they were but for the room's own key."""
    actions.open_room(bob, purpose="x", days=1)
    file = line.clean(b"Geheimnis" * 1000)
    sealed = Vault(file.room).sealed(file.upload)
    copy = sealed.path.read_bytes()
    kept = Upload.objects.values().get()
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.end(room, by="owner:x")
    assert not path(room).exists()
    room.refresh_from_db()
    file = RoomFile.objects.select_related("upload__room").get()
    assert (room.wrapped_key, file.upload.sealed_key, file.upload.sealed_about) == (None, None, None)
    with pytest.raises(crypto.KeyDestroyed):
        Vault(room)
    assert len(copy) > 9000
    others = Room.objects.exclude(wrapped_key=None)
    assert others
    for other in others:
        with pytest.raises(crypto.CannotOpen):
            crypto.Envelope(other.wrapped_key).open(kept["sealed_key"], f"upload:{file.upload}:key")


def test_the_log_stays_after_the_end(room, line):
    line.clean(b"abc")
    actions.end(room, by="owner:x")
    events = list(AccessLog.objects.values_list("event", flat=True))
    assert events == ["opened", "uploaded", "clean", "ended"]


def test_a_room_ends_once(room):
    assert actions.end(room)
    assert not actions.end(room)
    assert AccessLog.objects.filter(event=Event.EXPIRED).count() == 1


def test_a_room_past_its_day_is_closed_before_the_sweep(room, invited):
    code = code_of(invited)
    with later(days=8):
        for verb in (
            lambda: actions.redeem(invited, code),
            lambda: actions.send_code(invited),
            lambda: actions.extend(room, days=3, by=room.owner),
            lambda: uploads.create(Visitor(room), About("x"), 3),
        ):
            with pytest.raises(actions.Ended):
                verb()


def test_one_file_can_go_alone(room, line):
    first, second = line.clean(b"abc", "a.txt"), line.clean(b"def", "b.txt")
    assert actions.delete_file(first, Visitor(room))
    assert not actions.delete_file(first, Visitor(room))
    with pytest.raises(crypto.KeyDestroyed):
        Vault(room).sealed(Upload.objects.get(file=first))
    assert b"".join(records.read(Vault(room).sealed(second.upload))) == b"def"


def test_news_go_to_readers_and_owner_but_not_to_who_brought_them(room):
    for name, rights in {"lesen": Rights.READ, "bringen": Rights.DROP, "beides": Rights.BOTH}.items():
        actions.invite(room, f"{name}@firma.invalid", rights=rights, factor=Factor.CODE)
    mails.send_due()
    mail.outbox.clear()
    for _ in range(3):
        actions.owe_news(room, but=Invitation.objects.get(rights=Rights.BOTH))
    with later(minutes=6):
        mails.send_due()
    assert sorted(letter.to[0] for letter in mail.outbox) == ["alice@stadt.invalid", "lesen@firma.invalid"]
    assert not [letter for letter in mail.outbox if "Umbau" in letter.body]


@pytest.mark.parametrize("statement", ["update(event='ended')", "delete()"])
def test_the_database_refuses_to_change_the_log(room, statement):
    with pytest.raises(IntegrityError), transaction.atomic():
        rows = AccessLog.objects.filter(room=room)
        rows.delete() if statement == "delete()" else rows.update(event="ended")
    assert AccessLog.objects.get().event == "opened"


@pytest.mark.parametrize(
    ("rows", "change"),
    [
        (Room, {"wrapped_key": None}),
        (Room, {"quota": 0}),
        (Room, {"expires_at": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)}),
        (Invitation, {"rights": "all"}),
        (Invitation, {"factor": "none"}),
        (Upload, {"offset": 4}),
        (Upload, {"offset": -1}),
        (Upload, {"sealed_key": None}),
        (RoomFile, {"scan": "clean"}),
        (RoomFile, {"scan_due_at": None}),
        (RoomFile, {"size": -1}),
        (RoomMail, {"kind": "other"}),
    ],
)
def test_the_database_refuses_what_cannot_be(room, invited, line, rows, change):
    line.upload(b"abc")
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.objects.update(**change)


def test_the_database_refuses_an_event_nobody_knows(room):
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessLog.objects.create(room=room, event="other", actor="x")


def test_one_news_mail_waits_for_each_person(room):
    RoomMail.objects.create(room=room, kind="news", notice_due_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        RoomMail.objects.create(room=room, kind="news", notice_due_at=clock.now())
