"""The mails that an issue owes, in batches: claim with a lease and a fence, send with no transaction open, write down.

A worker that is killed leaves at most one mail behind of which nobody knows whether it went out; it goes again under
the same Message-ID when the lease has run out. Before each mail the row is asked once more: is it still ours, does the
subscription still run?
"""

import collections
import contextlib
import datetime as dt
import logging
import smtplib
import time

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import F, Q, QuerySet

from mailbox import actions as mailbox
from mailbox.topics import actions, bounces, mails
from mailbox.topics.models import Channel, Dispatch, Issue, Subscription, SubscriptionState
from mailbox.topics.states import DispatchState, advance
from portal.accounts.models import User
from portal.common import clock

LEASE = dt.timedelta(seconds=settings.TASK_HARD_LIMIT)
BATCH = 50
SWEEP_SECONDS = 4.0  # so that the newsletter leaves the workers to others between two sweeps
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=1), dt.timedelta(hours=2)
MAX_ATTEMPTS = 20  # about a day and a half
log = logging.getLogger(__name__)
Outcome = collections.Counter[DispatchState]


class ServerAway(Exception):
    """The mail server takes nothing at all now: it is about us, not about one address."""


def sweep_dispatches() -> int:
    """Send for a few seconds. How many rows moved on."""
    return sum(send_due(seconds=SWEEP_SECONDS).values())


def send_due(*, limit: int | None = None, seconds: float | None = None) -> Outcome:
    """Send what is due, batch by batch, until nothing is left, `limit` rows are done, or `seconds` are over.

    Never inside a transaction. Any number of these may run beside each other.
    """
    done, deadline = Outcome(), time.monotonic() + (seconds or float("inf"))
    with _Post() as post:
        while time.monotonic() < deadline and (limit is None or done.total() < limit):
            batch = claim(BATCH if limit is None else min(BATCH, limit - done.total()))
            if not batch:
                break
            if not _send_batch(batch, post, done, deadline):
                break
    return done


def waiting() -> QuerySet[Dispatch]:
    """What is due, or left behind by a worker that died; longest waiting first."""
    now = clock.now()
    due = Q(state=DispatchState.QUEUED, due_at__lte=now) | Q(state=DispatchState.SENDING, lease_until__lt=now)
    return Dispatch.objects.filter(due).order_by("due_at", "id")


def claim(count: int) -> list[Dispatch]:
    """Up to `count` rows that wait, ours for LEASE."""
    now = clock.now()
    with transaction.atomic(durable=True):
        free = waiting().select_for_update(skip_locked=True)
        found = dict(free.values_list("id", "state")[:count])
        fields = {"fence": F("fence") + 1, "attempts": F("attempts") + 1, "lease_until": now + LEASE}
        for origin in set(found.values()):
            rows = Dispatch.objects.filter(id__in=[pk for pk, state in found.items() if state == origin])
            advance(rows, DispatchState(origin), DispatchState.SENDING, **fields)
        claimed = Dispatch.objects.filter(id__in=found).select_related("issue__topic", "subscription__reader__user")
        return list(claimed.order_by("due_at", "id"))


def _send_batch(batch: list[Dispatch], post: "_Post", done: Outcome, deadline: float) -> bool:
    """False: no more for now, time is over or the server is away. What was not begun is given back."""
    for place, row in enumerate(batch):
        if time.monotonic() >= deadline:
            _give_back(batch[place:])
            return False
        try:
            target = _send(row, post)
        except ServerAway as away:
            log.warning("newsletter: %s", away)
            _later(batch[place:], str(away))
            return False
        if target:
            done[target] += 1
    return True


def _send(row: Dispatch, post: "_Post") -> DispatchState | None:
    """One mail or message, and what became of it; None if another worker took it over. Raises ServerAway."""
    if not _still_ours(row):
        return None
    subscription = row.subscription
    # Once more: much may have happened since the claim.
    state, channel = Subscription.objects.values_list("state", "channel").get(pk=subscription.pk)
    if state != SubscriptionState.CONFIRMED:
        return _finish(row, DispatchState.DROPPED)
    user = subscription.reader.user
    if channel == Channel.POSTBOX and user is not None:
        return _into_postbox(row, user, post.sheet(row.issue))
    if row.attempts > MAX_ATTEMPTS:
        return _finish(row, DispatchState.FAILED, "worker lost")
    return _by_mail(row, subscription, post)


def _by_mail(row: Dispatch, subscription: Subscription, post: "_Post") -> DispatchState | None:
    address = actions.address_of(subscription.reader)
    if not address:
        return _finish(row, DispatchState.FAILED, "no address")
    number = row.public_id.hex
    links = mails.Links.of(actions.token_of(subscription), actions.token_of(subscription.reader))
    raw = mails.compose(post.sheet(row.issue), address, mails.mail_id(number), links)
    refusal = post.send(mails.Ready(raw, sender=mails.return_path(number), address=address))
    if refusal is None:
        return _finish(row, DispatchState.SENT)
    code, words = refusal
    if code < 500 and row.attempts < MAX_ATTEMPTS:
        return _finish(row, DispatchState.QUEUED, f"SMTP {code}")
    return _refused(row, code, words)


def _refused(row: Dispatch, code: int, words: bytes) -> DispatchState | None:
    status = bounces.status_of(code, words)
    target = _finish(row, DispatchState.FAILED, f"SMTP {code} {status}")
    if target:
        bounces.bounced(row.public_id.hex, status)
    return target


def _into_postbox(row: Dispatch, user: User, sheet: mails.Sheet) -> DispatchState | None:
    """Message and outcome in one transaction: exactly one, whoever is killed."""
    with transaction.atomic(durable=True):
        mailbox.post(
            recipient=user,
            sender=settings.CITY["name"],
            subject=sheet.subject,
            body=f"{sheet.line}\n\n{sheet.written.text}",
            thread=f"newsletter:{sheet.topic.slug}",
            dedupe_key=f"newsletter:{row.public_id}",
            link_path=sheet.online.removeprefix(settings.PUBLIC_URL),
            link_text="Im Archiv lesen",
            reply_allowed=False,
        )
        return _finish(row, DispatchState.SENT)


def _still_ours(row: Dispatch) -> bool:
    """The lease has to last for this mail and its time-outs; where it may not, it is stretched if nobody was faster."""
    if row.lease_until and clock.now() < row.lease_until - LEASE / 2:
        return True
    rows = Dispatch.objects.filter(pk=row.pk, fence=row.fence)
    return bool(advance(rows, DispatchState.SENDING, DispatchState.SENDING, lease_until=clock.now() + LEASE))


def _finish(row: Dispatch, target: DispatchState, error: str = "") -> DispatchState | None:
    fields: dict[str, object] = {"lease_until": None, "last_error": error}
    if target == DispatchState.SENT:
        fields["sent_at"] = clock.now()
    if target == DispatchState.QUEUED:
        fields["due_at"] = clock.now() + min(FIRST_WAIT * 2 ** (row.attempts - 1), LONGEST_WAIT)
    rows = Dispatch.objects.filter(pk=row.pk, fence=row.fence)
    return target if advance(rows, DispatchState.SENDING, target, **fields) else None


def _give_back(batch: list[Dispatch]) -> None:
    """Never tried: the claim did not count."""
    for row in batch:
        rows = Dispatch.objects.filter(pk=row.pk, fence=row.fence)
        advance(rows, DispatchState.SENDING, DispatchState.QUEUED, lease_until=None, attempts=F("attempts") - 1)


def _later(batch: list[Dispatch], error: str) -> None:
    for row in batch:
        target = DispatchState.QUEUED if row.attempts < MAX_ATTEMPTS else DispatchState.FAILED
        _finish(row, target, error)


class _Post:
    """One connection for many mails, opened with the first, and the issues that were read for it."""

    def __init__(self) -> None:
        self._connection = mail.get_connection()
        self._sheets: dict[int, mails.Sheet] = {}
        self._is_open = False

    def __enter__(self) -> "_Post":
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def sheet(self, issue: Issue) -> mails.Sheet:
        """What is approved never changes again, so once is enough."""
        if issue.pk not in self._sheets:
            self._sheets = {issue.pk: mails.Sheet.of(issue)}
        return self._sheets[issue.pk]

    def send(self, ready: mails.Ready) -> tuple[int, bytes] | None:
        """None: the server took responsibility (RFC 5321, 6.1). Else its words about this mail. Raises ServerAway."""
        try:
            if not self._is_open:
                self._connection.open()
                self._is_open = True
            self._connection.send_messages([ready])
        except smtplib.SMTPRecipientsRefused as error:
            return next(iter(error.recipients.values()))
        except smtplib.SMTPDataError as error:
            return int(error.smtp_code), b"5.7.1" if error.smtp_code >= 500 else b""
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            raise ServerAway(f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()) from None
        return None

    def _close(self) -> None:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self._connection.close()
        self._is_open = False
