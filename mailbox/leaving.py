"""What goes with an account."""

from django.db import transaction
from django.db.models import Q

from mailbox import deliveries, states
from mailbox.models import Export, Folder, Mailbox, Message, Notice
from mailbox.states import NoticeState
from portal.accounts.models import User
from portal.documents import store


@transaction.atomic
def forget(user: User, *, keep_messages: bool) -> None:
    """The account is being deleted: no address stays, no notice goes out, and without `keep_messages` (needed by case
    files) nothing in the postbox can be read any more."""
    numbers = list(Notice.objects.filter(message__mailbox__user=user).values_list("pk", flat=True))
    notices = Notice.objects.filter(pk__in=numbers)
    states.advance(notices, NoticeState.QUEUED, NoticeState.DROPPED, last_error="account deleted")
    notices.update(address="")
    deliveries.forget(user)
    _clear_shelves(user)
    if not keep_messages:
        Mailbox.objects.filter(user=user).update(wrapped_key=None)


def _clear_shelves(user: User) -> None:
    """Own folders, whose names may tell something, and archives, whose files have keys of their own."""
    Message.objects.filter(mailbox__user=user, folder__isnull=False).update(folder=None)
    Folder.objects.filter(mailbox__user=user).delete()
    for export in Export.objects.filter(Q(mailbox__user=user) | Q(asked_by=user)).select_related("stored"):
        export.delete()
        if export.stored:
            store.destroy(export.stored)
