"""Mails that came back: what ends a subscription, and what does not.

A hard one (the address does not exist) ends all subscriptions of the address at once; of soft ones (mailbox full,
server away) the fifth within 14 days. What the other side thinks of us (5.7: policy, spam) never ends anything.
"""

import datetime as dt
import re

from django.db import transaction

from mailbox.topics import actions
from mailbox.topics.models import Bounce, Dispatch, Ended, Reader
from mailbox.topics.states import DispatchState, advance
from portal.common import clock, rows

SOFT_LIMIT, SOFT_WITHIN = 5, dt.timedelta(days=14)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")  # RFC 3463
# No such mailbox, domain or system; moved without a new address; disabled. 5.0.0 says nothing but "permanent".
_HARD = re.compile(r"5\.(1\.([0-36]|10)|2\.1|4\.4)|5\.0\.0")


def status_of(code: int, words: bytes | str = b"") -> str:
    """The enhanced status code of an SMTP reply to RCPT, or the class of the plain one."""
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    found = _STATUS.match(text.strip())
    return found[0] if found else f"{code // 100}.0.0"


def is_hard(status: str) -> bool:
    return bool(_HARD.fullmatch(status))


@transaction.atomic
def bounced(dispatch: str, status: str) -> bool:
    """A parsed report (RFC 3464) or a refusal by the server. `dispatch`: 32 digits (mails.returned); `status`: such as
    5.1.1; anything else, success and delay among it, is no bounce. True if it counted: the first of this mail.
    """
    row = Dispatch.objects.select_related("subscription").filter(public_id=dispatch).first()
    if row is None or not _STATUS.fullmatch(status) or status.startswith("2"):
        return False
    reader = Reader.objects.select_for_update().get(pk=row.subscription.reader_id)
    entry = Bounce(dispatch=row, reader=reader, status=status, is_hard=is_hard(status))
    if not rows.insert_once(entry):
        return False
    advance(Dispatch.objects.filter(pk=row.pk), DispatchState.SENT, DispatchState.FAILED, last_error=f"DSN {status}")
    since = clock.now() - SOFT_WITHIN
    soft = Bounce.objects.filter(reader=reader, is_hard=False, at__gt=since).exclude(status__startswith="5.7").count()
    if entry.is_hard or soft >= SOFT_LIMIT:
        why = Ended.HARD if entry.is_hard else Ended.SOFT
        actions.end(list(reader.subscriptions.all()), why, actor="system:topics")
    return True
