"""The only doors to a room: for its owner, and for guests who came by their invitation and proved themselves."""

import dataclasses
import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from mailbox.exchange.models import Factor, Invitation, Rights, Room, RoomFile, Upload
from mailbox.exchange.vault import Vault
from portal.accounts.models import User
from portal.common import clock

STAY = dt.timedelta(hours=12)  # after a guest proved who they are
ENTERED, KNOCKED = "exchange_entered", "exchange_knocked"  # in the session: invitation -> moment; the last link
REFRESH = 300  # seconds: a session in use is kept alive no more often than that
_KEPT_AT = "exchange_kept"


@dataclasses.dataclass(frozen=True)
class Visitor:
    """Somebody in a room: the owner (no invitation) or a guest."""

    room: Room
    invitation: Invitation | None = None

    @property
    def is_owner(self) -> bool:
        return self.invitation is None

    @property
    def may_read(self) -> bool:
        return self.invitation is None or self.invitation.rights in (Rights.READ, Rights.BOTH)

    @property
    def may_drop(self) -> bool:
        return self.invitation is None or self.invitation.rights in (Rights.DROP, Rights.BOTH)

    @property
    def actor(self) -> str:
        return f"guest:{self.invitation.number}" if self.invitation else f"owner:{self.room.owner.public_id}"


def owned(user: User, public_id: uuid.UUID) -> Room:
    """A room of the person's own, open or ended. Raises Http404."""
    return get_object_or_404(Room.objects.select_related("owner"), owner=user, public_id=public_id)


def invitation_of(room: Room, public_id: uuid.UUID) -> Invitation:
    return get_object_or_404(Invitation, room=room, public_id=public_id)


def visitor(request: HttpRequest, public_id: uuid.UUID) -> Visitor:
    """Who is asking, as far as this room is concerned; the room may have ended. Raises Http404 for everybody else."""
    room = Room.objects.select_related("owner").filter(public_id=public_id).first()
    if room is None:
        raise Http404
    if isinstance(request.user, User) and request.user.is_active and request.user.pk == room.owner_id:
        return Visitor(room)
    for row in Invitation.objects.filter(room=room, public_id__in=_entered(request), revoked_at=None):
        if _proven(request, row):
            return Visitor(room, row)
    raise Http404


def enter(request: HttpRequest, invitation: Invitation) -> None:
    """From now on this session may enter the room, for STAY."""
    request.session.cycle_key()
    held = _entered(request)
    request.session[ENTERED] = held | {str(invitation.public_id): clock.now().timestamp()}


def leave(request: HttpRequest) -> None:
    for name in (ENTERED, KNOCKED):
        request.session.pop(name, None)


def keep_alive(request: HttpRequest) -> None:
    """A long upload sees no page for hours: its session shall not end under it."""
    now = clock.now().timestamp()
    if now - request.session.get(_KEPT_AT, 0) >= REFRESH:
        request.session[_KEPT_AT] = now


def file_for(visitor: Visitor, number: int) -> RoomFile:
    """A file of the room that the visitor may know of: every one with the right to read, else what they brought."""
    rows = RoomFile.objects.select_related("upload__room").filter(room=visitor.room, deleted_at=None)
    if not visitor.may_read:
        rows = rows.filter(upload__by=visitor.invitation)
    return get_object_or_404(rows, number=number)


def upload_for(visitor: Visitor, public_id: uuid.UUID) -> Upload:
    """An upload that this visitor began. Raises Http404."""
    rows = Upload.objects.select_related("room").filter(room=visitor.room, by=visitor.invitation)
    return get_object_or_404(rows, public_id=public_id)


def _entered(request: HttpRequest) -> dict[str, Any]:
    """Invitations by which this session may enter, those of the last hours."""
    earliest = (clock.now() - STAY).timestamp()
    return {key: at for key, at in request.session.get(ENTERED, {}).items() if at > earliest}


def _proven(request: HttpRequest, invitation: Invitation) -> bool:
    """A guest by account is one only while that account is signed in and has the invited address."""
    if invitation.factor != Factor.ACCOUNT:
        return True
    return isinstance(request.user, User) and is_meant(request.user, invitation)


def is_meant(user: User, invitation: Invitation) -> bool:
    """Whether the invitation was sent to this account's address."""
    if invitation.room.wrapped_key is None:
        return False
    return bool(user.mail_address) and Vault(invitation.room).address(invitation) == user.mail_address
