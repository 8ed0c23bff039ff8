"""The only doors through which a view gets a message. Foreign and not yet visible ones do not exist."""

import uuid

from django.http import Http404
from django.shortcuts import get_object_or_404

from mailbox.models import Attachment, EmergencyLook, Export, Folder, Message
from portal.accounts.models import Mandate, User
from portal.accounts.parties import matters
from portal.common import clock


def message_for_reader(user: User, public_id: uuid.UUID) -> Message:
    """A message of the person's own mailbox, or one they may read for somebody else today. Raises Http404."""
    return get_object_or_404(Message.objects.open_to(user).select_related("mailbox__user"), public_id=public_id)


def attachment_for_reader(user: User, public_id: uuid.UUID, position: int) -> Attachment:
    """An attachment of such a message. Raises Http404."""
    attachments = Attachment.objects.select_related("message__mailbox", "stored")
    message = message_for_reader(user, public_id)
    return get_object_or_404(attachments, message=message, message__withdrawn_at=None, position=position)


def attachment_in_thread(thread: str, public_id: uuid.UUID, position: int) -> Attachment:
    """An attachment of a message of this thread, for those who work on it; the caller checks that. Raises Http404."""
    attachments = Attachment.objects.select_related("message__mailbox", "stored")
    return get_object_or_404(attachments, message__thread=thread, message__public_id=public_id, position=position)


def message_in_thread(thread: str, public_id: uuid.UUID) -> Message:
    """A message of this thread, for those who work on it; the caller checks that. Raises Http404."""
    return get_object_or_404(Message.objects.select_related("mailbox"), thread=thread, public_id=public_id)


def folder_of(whose: User, public_id: uuid.UUID) -> Folder:
    """A folder of this person's mailbox. Raises Http404."""
    return get_object_or_404(Folder.objects.select_related("mailbox"), mailbox__user=whose, public_id=public_id)


def export_of(user: User, public_id: uuid.UUID) -> Export:
    """An archive that this person ordered, of a mailbox they may still read. Raises Http404."""
    rows = Export.objects.select_related("mailbox__user", "stored").filter(asked_by=user, public_id=public_id)
    found = get_object_or_404(rows)
    if found.mailbox.user_id != user.pk and found.mailbox.user not in readable(user):
        raise Http404
    return found


def readable(user: User) -> list[User]:
    """Whose post the person may read today."""
    rows = Mandate.objects.valid(clock.today()).filter(agent=user, scope__in=matters.POST)
    return [row.principal for row in rows.select_related("principal")]


def message_for_staff(public_id: uuid.UUID) -> Message:
    """A message by its number, for the emergency look (looks.py): that decides. Raises Http404."""
    return get_object_or_404(Message.objects.select_related("mailbox__user"), public_id=public_id)


def look_for_staff(public_id: uuid.UUID) -> EmergencyLook:
    rows = EmergencyLook.objects.select_related("message__mailbox__user", "message__author", "asked_by", "answered_by")
    return get_object_or_404(rows, public_id=public_id)
