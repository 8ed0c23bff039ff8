"""Verbs of rooms: open, invite, take back, prove, end. Uploads have a file of their own (uploads.py)."""

import datetime as dt
import shutil

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from mailbox.exchange import vault
from mailbox.exchange.access import Visitor
from mailbox.exchange.models import (
    AccessLog,
    Event,
    Factor,
    Invitation,
    MailKind,
    Rights,
    Room,
    RoomFile,
    RoomMail,
    Upload,
)
from mailbox.exchange.vault import Vault
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock, crypto, tickets
from portal.outbox import relay

SYSTEM = "system:exchange"
MAX_ROOMS = {False: 5, True: 50}  # open at once, by whether somebody is of staff
MAX_GUESTS = 30
INVITED_A_DAY = {False: 20, True: 200}  # by one person: nobody uses the city to send mail in bulk
LONGEST = dt.timedelta(days=30)
CODE_DIGITS, CODE_HOLDS, CODE_PAUSE, CODE_TRIES = 8, dt.timedelta(minutes=15), dt.timedelta(minutes=1), 5
NEWS_WAIT = dt.timedelta(minutes=5)  # ten files in a row make one mail


class Refused(Exception):
    """It cannot be done; the sentence is fit for the page."""


class Ended(Refused):
    """The room has ended."""

    def __init__(self) -> None:
        super().__init__(_("Dieser Raum ist beendet."))


def open_room(owner: User, *, purpose: str, days: int) -> Room:
    """A new room for 1 to 30 days. Raises Refused when the person has enough of them."""
    now = clock.now()
    room = Room(owner=owner, opened_at=now, wrapped_key=crypto.new_wrapped_key(), quota=settings.EXCHANGE_ROOM_BYTES)
    room.expires_at = now + min(max(dt.timedelta(days=days), dt.timedelta(days=1)), LONGEST)
    room.sealed_purpose = Vault(room).seal_purpose(purpose)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        if Room.objects.filter(owner=owner, ended_at=None).count() >= MAX_ROOMS[owner.is_staff]:
            raise Refused(_("Sie haben schon viele offene Räume. Beenden Sie zuerst einen davon."))
        room.save(force_insert=True)
        note(room, Event.OPENED, f"owner:{owner.public_id}")
        audit.record("exchange.opened", f"room:{room}", str(owner.public_id))
    return room


def invite(room: Room, address: str, *, rights: Rights, factor: Factor) -> Invitation:
    """Somebody may enter; a worker sends the link. Raises Refused, Ended."""
    token, address = clock.token(), address.strip().lower()
    with transaction.atomic():
        held = held_open(room)
        User.objects.select_for_update(no_key=True).get(pk=held.owner_id)
        _room_for_guests(held)
        safe = Vault(held)
        if any(safe.address(row) == address for row in held.invitations.filter(revoked_at=None)):
            raise Refused(_("Diese Person ist schon eingeladen."))
        last = held.invitations.aggregate(last=Max("number"))["last"] or 0
        row = Invitation(room=held, number=last + 1, rights=rights, factor=factor, token_hash=tickets.digest(token))
        row.sealed_address = safe.seal_address(row, address)
        row.save(force_insert=True)
        owe_mail(held, MailKind.INVITATION, to=row, secret=token)
        note(held, Event.INVITED, f"owner:{held.owner.public_id}", guest=row.number)
    return row


def _room_for_guests(room: Room) -> None:
    day = clock.now() - dt.timedelta(days=1)
    rows = Invitation.objects.filter(room__owner=room.owner_id)
    counts = rows.aggregate(here=Count("pk", Q(room=room, revoked_at=None)), today=Count("pk", Q(created_at__gt=day)))
    if counts["here"] >= MAX_GUESTS:
        raise Refused(_("In diesen Raum sind schon 30 Personen eingeladen."))
    if counts["today"] >= INVITED_A_DAY[room.owner.is_staff]:
        raise Refused(_("Sie haben heute schon viele Personen eingeladen. Versuchen Sie es morgen wieder."))


def revoke(invitation: Invitation, *, by: User) -> bool:
    """The link opens nothing any more, from the next request on. False if that had been done before."""
    with transaction.atomic():
        rows = Invitation.objects.filter(pk=invitation.pk, revoked_at=None)
        if not rows.update(revoked_at=clock.now(), code_hash=""):
            return False
        RoomMail.objects.filter(to=invitation).update(notice_due_at=None, sealed_secret=None)
        note(invitation.room, Event.REVOKED, f"owner:{by.public_id}", guest=invitation.number)
    return True


def by_token(token: str) -> Invitation | None:
    """The invitation of a link, also one that was taken back or whose room has ended."""
    return Invitation.objects.select_related("room__owner").filter(token_hash=tickets.digest(token)).first()


def send_code(invitation: Invitation) -> bool:
    """Owe the guest a fresh code by mail; the one before counts no more. False within a minute of the last one.

    Raises Ended.
    """
    now = clock.now()
    code = f"{int.from_bytes(clock.random_bytes(8), 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"
    with transaction.atomic():
        room = held_open(invitation.room)
        rows = Invitation.objects.filter(pk=invitation.pk, revoked_at=None)
        rows = rows.filter(Q(code_sent_at=None) | Q(code_sent_at__lte=now - CODE_PAUSE))
        if not rows.update(code_hash=_code_hash(invitation, code), code_sent_at=now, code_tries=0):
            return False
        RoomMail.objects.filter(to=invitation, kind=MailKind.CODE).update(notice_due_at=None, sealed_secret=None)
        owe_mail(room, MailKind.CODE, to=invitation, secret=code)
        note(room, Event.CODE, f"guest:{invitation.number}")
    return True


def redeem(invitation: Invitation, code: str) -> bool:
    """Whether the code was right: it counts once, for 15 minutes and five tries. Raises Ended."""
    typed = "".join(code.split())
    with transaction.atomic():
        room = held_open(invitation.room)
        row = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
        fresh = row.code_sent_at is not None and row.code_sent_at > clock.now() - CODE_HOLDS
        if not row.code_hash or not fresh or row.revoked_at is not None:
            return False
        right = constant_time_compare(row.code_hash, _code_hash(row, typed))
        row.code_tries += not right
        if right or row.code_tries >= CODE_TRIES:
            row.code_hash = ""
            note(room, Event.ENTERED if right else Event.LOCKED, f"guest:{row.number}")
        row.save(update_fields=["code_hash", "code_tries"])
    return right


def entered_by_account(invitation: Invitation) -> None:
    """Somebody signed in with the invited address has come in. Raises Ended."""
    with transaction.atomic():
        note(held_open(invitation.room), Event.ENTERED, f"guest:{invitation.number}")


def _code_hash(invitation: Invitation, code: str) -> str:
    """Keyed, because eight digits are guessed in no time by whoever has the rows."""
    return salted_hmac("mailbox.exchange.code", f"{invitation.public_id}:{code}", algorithm="sha256").hexdigest()


def extend(room: Room, *, days: int, by: User) -> None:
    """A new end, counted from now and at most 30 days away. Raises Ended."""
    now = clock.now()
    with transaction.atomic():
        held = held_open(room)
        held.expires_at = now + min(max(dt.timedelta(days=days), dt.timedelta(days=1)), LONGEST)
        held.save(update_fields=["expires_at"])
        note(held, Event.EXTENDED, f"owner:{by.public_id}")


def delete_file(file: RoomFile, visitor: Visitor) -> bool:
    """Its key and its bytes are gone for good. False if they had been before, or the room has ended."""
    with transaction.atomic():
        room = Room.objects.select_for_update(no_key=True).get(pk=file.room_id)
        if not RoomFile.objects.filter(pk=file.pk, deleted_at=None).update(deleted_at=clock.now()):
            return False
        drop(file.upload)
        note(room, Event.DELETED, visitor.actor, file=file.number)
    return True


def drop(upload: Upload) -> bool:
    """Destroy the key of one upload; its bytes go after the commit. False if that had been done before."""
    rows = Upload.objects.filter(pk=upload.pk, ended_at=None)
    if not rows.update(ended_at=clock.now(), sealed_key=None, sealed_about=None):
        return False
    path = vault.path(upload)
    transaction.on_commit(lambda: path.unlink(missing_ok=True), robust=True)
    return True


def end(room: Room, *, by: str = SYSTEM) -> bool:
    """Destroy the room's key, and with it whatever it sealed; the files go after the commit, the log stays.

    `by`: as in the log. False if it had ended before.
    """
    with transaction.atomic():
        held = Room.objects.select_for_update(no_key=True).filter(pk=room.pk, ended_at=None).first()
        if held is None:
            return False
        now = clock.now()
        held.wrapped_key, held.ended_at = None, now
        held.save(update_fields=["wrapped_key", "ended_at"])
        open_uploads = Upload.objects.filter(room=held, ended_at=None)
        open_uploads.update(ended_at=now, sealed_key=None, sealed_about=None)
        RoomFile.objects.filter(room=held, deleted_at=None).update(deleted_at=now)
        RoomMail.objects.filter(room=held).update(notice_due_at=None, sealed_secret=None)
        note(held, Event.EXPIRED if by == SYSTEM else Event.ENDED, by)
        audit.record("exchange.ended", f"room:{held}", by)
        transaction.on_commit(lambda: shutil.rmtree(vault.path(held), ignore_errors=True), robust=True)
    return True


def end_all(user: User) -> int:
    """Ends every room of a person (their account is deleted). Returns how many."""
    return sum(end(room, by=f"owner:{user.public_id}") for room in Room.objects.filter(owner=user, ended_at=None))


def held_open(room: Room) -> Room:
    """The row, locked, while it is open. Not the strongest lock: rows that point to it may come. Raises Ended."""
    held = Room.objects.select_for_update(no_key=True, of=("self",)).select_related("owner").get(pk=room.pk)
    if not held.is_open:
        raise Ended
    return held


def note(room: Room, event: Event, actor: str, *, guest: int | None = None, file: int | None = None) -> None:
    """One line of the log, in the caller's transaction."""
    AccessLog.objects.create(room=room, event=event, actor=actor, guest=guest, file=file)


def owe_mail(room: Room, kind: MailKind, *, to: Invitation | None, secret: str) -> None:
    mail = RoomMail(room=room, to=to, kind=kind, notice_due_at=clock.now())
    mail.sealed_secret = Vault(room).seal_secret(mail, secret)
    mail.save(force_insert=True)
    relay.ring("exchange.send_mails")


def owe_news(room: Room, *, but: Invitation | None) -> None:
    """Everybody who may read, and the owner, hear that there is something new; `but` brought it. One mail at a time."""
    readers = room.invitations.filter(revoked_at=None).exclude(rights=Rights.DROP)
    people: list[Invitation | None] = [*readers, None]
    mine = but.pk if but else None
    due = clock.now() + NEWS_WAIT
    rows = [
        RoomMail(room=room, to=person, kind=MailKind.NEWS, notice_due_at=due)
        for person in people
        if (person.pk if person else None) != mine
    ]
    RoomMail.objects.bulk_create(rows, ignore_conflicts=True)
