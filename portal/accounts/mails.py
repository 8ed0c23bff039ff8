"""Mails that rows of this app owe: `notice_due_at` says when, a lease keeps two workers from sending the same."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.core.mail import EmailMessage
from django.db.models import QuerySet

from portal.common import clock

LEASE = dt.timedelta(minutes=10)
MAX_ATTEMPTS = 12  # doubling from two minutes: about six days
BATCH = 50


@dataclasses.dataclass(frozen=True)
class Mail:
    """`address` empty: nobody to write to, nothing is sent. `headers` beside the usual ones."""

    address: str
    subject: str
    text: str
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


def send_due(rows: QuerySet[Any], compose: Callable[[Any], Mail]) -> int:
    """Sends what is due among `rows` (a model with notice_due_at and notice_attempts). Returns how many went out."""
    numbers = rows.filter(notice_due_at__lte=clock.now()).order_by("notice_due_at").values_list("pk", flat=True)
    return sum(_send(rows, number, compose) for number in list(numbers[:BATCH]))


def _send(rows: QuerySet[Any], number: int, compose: Callable[[Any], Mail]) -> bool:
    row, now = rows.model._default_manager.filter(pk=number), clock.now()
    if not row.filter(notice_due_at__lte=now).update(notice_due_at=now + LEASE):
        return False  # another worker was faster
    found = rows.get(pk=number)
    mail = compose(found)
    try:
        if mail.address:
            EmailMessage(mail.subject, mail.text, None, [mail.address], headers=dict(mail.headers)).send()
    except OSError:  # SMTP and network; the row says when to try again
        attempts = found.notice_attempts + 1
        again = None if attempts >= MAX_ATTEMPTS else clock.now() + dt.timedelta(minutes=2**attempts)
        row.update(notice_attempts=attempts, notice_due_at=again)
        return False
    row.update(notice_due_at=None)
    return True
