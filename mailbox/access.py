"""The only doors through which a view gets a message. Foreign and not yet visible ones do not exist."""

import uuid

from django.shortcuts import get_object_or_404

from mailbox.models import Attachment, Message
from portal.accounts.models import User


def message_for_reader(user: User, public_id: uuid.UUID) -> Message:
    """A message of the person's own mailbox, or one they may read for somebody else today. Raises Http404."""
    return get_object_or_404(Message.objects.open_to(user).select_related("mailbox__user"), public_id=public_id)


def attachment_for_reader(user: User, public_id: uuid.UUID, position: int) -> Attachment:
    """An attachment of such a message. Raises Http404."""
    attachments = Attachment.objects.select_related("message__mailbox", "stored")
    return get_object_or_404(attachments, message=message_for_reader(user, public_id), position=position)
