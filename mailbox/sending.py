"""The notices that wait go out: claimed, mailed and written down several at once. Never inside a transaction.

At least once, under the same Message-ID on each try. A worker that dies in between leaves leases that run out; the next
one sends again. Topics: "delivery.finished" and "notice.failed" (key: public id of the message), each published only
by the transaction that changed the row.
"""

import datetime as dt
import itertools
import logging
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from mailbox import deliveries, journal, reminders, states
from mailbox.channels import email
from mailbox.models import Event, Kind, Message, Notice
from mailbox.states import NoticeState
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock, rows
from portal.outbox import bells, relay

# As long as a worker can live at all (Celery kills it then), so that no two ever send the same notice at once.
LEASE = dt.timedelta(seconds=settings.TASK_HARD_LIMIT)
# What is not mailed by then is given back: a slow mail server must not hold a claim until its lease runs out.
TIME_TO_MAIL = LEASE / 3
# As many mails come twice, with the same Message-ID, when a worker is killed before it writes them down.
BATCH = 25
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(hours=1)
MAX_ATTEMPTS = 20  # about 14 hours
SWEEP_BATCH = 200
log = logging.getLogger(__name__)


class _Outcome(NamedTuple):
    """What became of a claimed notice. `fields`: its columns beside the state. `proof`: what the mail server answered
    when it took the mail."""

    notice: Notice
    target: NoticeState
    fields: dict[str, Any]
    proof: str = ""


def _waiting() -> Q:
    """Due, or left behind by a worker that died."""
    now = clock.now()
    return Q(state=NoticeState.QUEUED, due_at__lte=now) | Q(state=NoticeState.SENDING, lease_until__lt=now)


def due_notices(limit: int = SWEEP_BATCH) -> list[int]:
    """Ids of notices that wait for somebody, longest waiting first."""
    return list(Notice.objects.filter(_waiting()).order_by("due_at", "id").values_list("id", flat=True)[:limit])


def sweep_notices() -> int:
    """Ring as often as the notices that wait need workers; ringing too often does no harm. Returns how many wait."""
    waiting = len(due_notices())
    for number in range(0, waiting, BATCH):
        relay.ring("mailbox.send_notices", str(number))
    return waiting


def send_notices(limit: int = BATCH) -> list[NoticeState | None]:
    """Send those that wait longest. Returns the state that each reached; empty: nothing was waiting.

    None for one that another worker took over meanwhile, because ours was too slow.
    """
    claimed = _claim(Notice.objects.all(), limit)
    if len(claimed) == limit:  # one bell stands for any number of notices
        bells.ring("mailbox.send_notices")
    return _send(claimed)


def send_notice(notice_id: int) -> NoticeState | None:
    """Send this one. None when it was not ours to send (not due, done, or another worker's)."""
    return next(iter(_send(_claim(Notice.objects.filter(pk=notice_id), 1))), None)


def _claim(notices: QuerySet[Notice], limit: int) -> list[Notice]:
    claim = {"fence": F("fence") + 1, "attempts": F("attempts") + 1, "lease_until": clock.now() + LEASE}
    with transaction.atomic(durable=True):
        rows = notices.filter(_waiting()).select_for_update(skip_locked=True, of=("self",))
        known = rows.select_related("message").defer(*(f"message__{sealed}" for sealed in Message.SEALED))
        found = list(known.order_by("due_at", "id")[:limit])
        for origin in (NoticeState.QUEUED, NoticeState.SENDING):
            keys = [notice.pk for notice in found if notice.state == origin]
            if keys:
                states.advance(Notice.objects.filter(pk__in=keys), origin, NoticeState.SENDING, **claim)
    for notice in found:
        notice.state, notice.fence, notice.attempts = NoticeState.SENDING, notice.fence + 1, notice.attempts + 1
    return found


def _send(claimed: Sequence[Notice]) -> list[NoticeState | None]:
    if not claimed:
        return []
    until = clock.now() + TIME_TO_MAIL
    with email.Session() as session:
        outcomes = [_mailed(notice, session, until) for notice in claimed]
    return _finish(outcomes)


def _mailed(notice: Notice, session: email.Session, until: dt.datetime) -> _Outcome:
    if notice.attempts > MAX_ATTEMPTS:  # a worker died on the last one
        return _Outcome(notice, NoticeState.FAILED, {"last_error": "worker lost"})
    if not reminders.wanted(notice):
        return _Outcome(notice, NoticeState.DROPPED, {"last_error": ""})
    if clock.now() > until:
        given_back = {"attempts": notice.attempts - 1, "last_error": notice.last_error}
        return _Outcome(notice, NoticeState.QUEUED, given_back)
    answer = session.send(notice.address, notice.mail_id, reminder=notice.plan_day > 0)
    if isinstance(answer, email.Taken):
        return _Outcome(notice, NoticeState.SENT, {"last_error": ""}, answer.reply)
    if answer.permanent or notice.attempts == MAX_ATTEMPTS:
        return _Outcome(notice, NoticeState.FAILED, {"last_error": answer.error})
    wait = min(FIRST_WAIT * 2 ** (notice.attempts - 1), LONGEST_WAIT)
    return _Outcome(notice, NoticeState.QUEUED, {"last_error": answer.error, "due_at": clock.now() + wait})


def _finish(outcomes: Sequence[_Outcome]) -> list[NoticeState | None]:
    """All in one transaction; if that fails each alone, so that one that cannot be written down stops no other."""
    try:
        return _write_down(outcomes)
    except Exception:
        if len(outcomes) == 1:
            raise
        log.exception("%s notices could not be written down together", len(outcomes))
    return [_finish_alone(outcome) for outcome in outcomes]


def _finish_alone(outcome: _Outcome) -> NoticeState | None:
    try:
        return _write_down([outcome])[0]
    except Exception:  # its lease runs out, and it is sent again
        log.exception("notice %s could not be written down", outcome.notice.pk)
        return None


def _write_down(outcomes: Sequence[_Outcome]) -> list[NoticeState | None]:
    """Write the outcomes whose claim is still ours: a newer fence means that another worker took over."""
    with transaction.atomic(durable=True), rows.gathered():
        held = Notice.objects.select_for_update().filter(pk__in=[outcome.notice.pk for outcome in outcomes])
        fences = dict(held.filter(state=NoticeState.SENDING).order_by("pk").values_list("pk", "fence"))
        ours = [outcome for outcome in outcomes if fences.get(outcome.notice.pk) == outcome.notice.fence]
        _advance(ours)
        _tell_sent([outcome for outcome in ours if outcome.target == NoticeState.SENT])
        for outcome in ours:
            if outcome.target == NoticeState.FAILED:
                tell_failure(outcome.notice)
    for outcome in outcomes:
        if outcome not in ours:
            log.warning("notice %s: claim %s was taken over", outcome.notice.pk, outcome.notice.fence)
    return [outcome.target if outcome in ours else None for outcome in outcomes]


def _advance(outcomes: Sequence[_Outcome]) -> None:
    """One UPDATE for all that end alike; the rows are locked."""
    now = clock.now()
    for outcome in outcomes:
        outcome.notice.last_error = outcome.fields["last_error"]
        if outcome.target == NoticeState.SENT:
            outcome.fields["sent_at"] = now

    def ending(outcome: _Outcome) -> tuple[str, str]:
        return outcome.target.value, repr(sorted(outcome.fields.items()))

    for _ending, alike in itertools.groupby(sorted(outcomes, key=ending), key=ending):
        group = list(alike)
        waiting = Notice.objects.filter(pk__in=[outcome.notice.pk for outcome in group])
        states.advance(waiting, NoticeState.SENDING, group[0].target, lease_until=None, **group[0].fields)


def _tell_sent(sent: Sequence[_Outcome]) -> None:
    for notice, *_ in sent:
        tried = f"day {notice.plan_day}, try {notice.attempts}"
        journal.note(notice.message, Event.NOTICE_SENT, journal.SYSTEM, tried)
    told = [
        deliveries.Told(outcome.notice.message, outcome.notice.plan_day, outcome.proof)
        for outcome in sent
        if outcome.notice.message.kind == Kind.DECISION
    ]
    if told:
        deliveries.notices_sent(told, at=clock.now())
    for notice, *_ in sent:
        key = notice.message.public_id
        relay.publish("delivery.finished", key, dedupe=f"delivery.finished:{key}")
        _queue_reminder(notice)


def _queue_reminder(sent: Notice) -> None:
    """The next mail of the plan, in the transaction that wrote the one before it down as sent."""
    following = reminders.after(sent)
    if following is None:
        return
    day, wait = following
    mail_id, due = email.new_message_id(), clock.now() + wait
    rows.insert(Notice(message=sent.message, plan_day=day, address=sent.address, mail_id=mail_id, due_at=due))


def tell_failure(notice: Notice) -> None:
    """In the transaction that wrote the failure down. A reminder that fails is no news: the first notice arrived, and
    its reports come by themselves."""
    if notice.plan_day:
        return
    journal.note(notice.message, Event.NOTICE_FAILED, journal.SYSTEM, notice.last_error)
    if notice.message.kind == Kind.DECISION:
        deliveries.notice_failed(notice.message, notice.last_error)
    relay.publish("notice.failed", notice.message.public_id)


@transaction.atomic
def retry_notices(ids: Iterable[int], *, by: User) -> int:
    """Give failed notices a fresh start, e.g. after an outage of the mail server. Returns how many changed."""
    failed = Notice.objects.filter(pk__in=list(ids)).exclude(address="")
    moved = list(failed.filter(state=NoticeState.FAILED).select_for_update().values_list("id", "message__public_id"))
    rows = Notice.objects.filter(pk__in=[notice_id for notice_id, _ in moved])
    changed = states.advance(rows, NoticeState.FAILED, NoticeState.QUEUED, attempts=0, due_at=clock.now())
    for _notice_id, public_id in moved:
        audit.record("notice.retried", f"message:{public_id}", journal.name_of(by))
    relay.ring("mailbox.send_notices")
    return changed
