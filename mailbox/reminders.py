"""The plan of reminders: the neutral notice again, days later, while nobody has opened the message.

The next reminder is ordered only when the mail before it went out, and lies as many days after it as the plan says. So
a mail server that was away for weeks never gets a whole plan at once, which would look like phishing. Whether a
reminder is still wanted is asked again at the moment of sending. It proves nothing and moves no day of the law.
"""

import datetime as dt
from collections.abc import Mapping

from mailbox.delivery_states import DeliveryState
from mailbox.models import Delivery, Kind, Message, Notice
from portal.accounts import notices
from portal.accounts.models import MailWhen
from portal.common import clock

# Days after the first notice. A decision's: the day before it counts (fourth day, § 9 OZG), and early in its appeal.
DAYS: Mapping[str, tuple[int, ...]] = {Kind.DECISION: (3, 10), Kind.MESSAGE: (7,)}
WHILE = (DeliveryState.NOTICE_SENT, DeliveryState.ANNOUNCED)  # else a letter is on its way, or there is nothing to read


def after(sent: Notice) -> tuple[int, dt.timedelta] | None:
    """The next day of the plan and how long to wait from now. None after the last one, and where there is no plan."""
    message = sent.message
    if message.is_copy or sent.digest_of_id or not sent.address:
        return None
    days = [day for day in DAYS.get(message.kind, ()) if day > sent.plan_day]
    return (days[0], dt.timedelta(days=days[0] - sent.plan_day)) if days else None


def wanted(notice: Notice) -> bool:
    """Whether a mail still has something to tell. A first notice always has: the law may hang on it."""
    if notice.digest_of_id:
        since = Message.objects.unread().filter(
            mailbox=notice.digest_of_id, visible_from__gte=notice.message.visible_from
        )
        return since.filter(visible_from__lte=clock.now()).exists()
    return not notice.plan_day or _waits(notice.message)


def _waits(message: Message) -> bool:
    """For its owner to open it, who has not turned such mails off meanwhile."""
    if message.archived_at or not Message.objects.unread().filter(pk=message.pk).exists():
        return False
    if message.kind == Kind.DECISION:
        return Delivery.objects.filter(message=message, state__in=WHILE).exists()
    return notices.when(message.mailbox.user, message.kind) == MailWhen.NOW
