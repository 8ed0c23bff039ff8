"""Four hundred days of deliveries to which everything happens that can: each ends in exactly one legal state."""

import collections
import datetime as dt
import itertools
import random

import pytest
from django.db import transaction

from mailbox import actions, bounces, deliveries, letter_runs, sending
from mailbox.delivery_states import LEGAL_ENDS
from mailbox.models import Delivery, DeliveryEvent, Dispatch, Evidence, Kind, Message, Notice
from mailbox.rules import RETRIEVED
from portal.accounts import consents
from portal.common import clock
from tests.mailbox.test_bounces import dsn
from tests.mailbox.test_letters import HEAD

START = dt.datetime(2026, 1, 1, 9, 0, tzinfo=clock.BERLIN)
DAYS = 400
LAST_POSTED = 330  # the latest ways need about sixty days to their end

pytestmark = pytest.mark.django_db


def _fates(dice: random.Random, message: Message, day: int) -> list[tuple[int, str, Message]]:
    """What will happen to one decision: (day, what, message)."""
    fates = [(day + dice.choice([0, 0, 0, 1]), dice.choices(["sent", "unsent"], [9, 1])[0], message)]
    for what, chance, longest in (("read", 0.5, 40), ("bounce", 0.2, 30), ("delay", 0.1, 5), ("withdraw", 0.05, 20)):
        if dice.random() < chance:
            fates.append((day + dice.randrange(longest), what, message))
    return fates


def _posted(alice, dice: random.Random, day: int) -> Message:
    order = deliveries.Order(("Alice Ammer", "Weg 1", "80331 München"), dice.choice([True, False, None]))
    consents.answer(alice, consents.ANNOUNCEMENT, given=dice.random() < 0.7)
    return actions.post(
        recipient=alice, sender="Amt", subject="B", body="B", thread=f"case:{day}", kind=Kind.DECISION, order=order
    )


def _happens(what: str, message: Message, by) -> None:
    notice = Notice.objects.get(message=message, plan_day=0)
    match what:
        case "sent":
            sending.send_notice(notice.pk)
        case "unsent":
            deliveries.notice_failed(message, "SMTPDataError 554")
        case "read":
            message.refresh_from_db()
            actions.mark_read(message, by=by)
        case "bounce" | "delay":
            action = "failed" if what == "bounce" else "delayed"
            bounces.take(bounces.read(dsn(notice.mail_id, action=action)))
        case "withdraw":
            try:
                deliveries.withdraw(message, by=by)
            except deliveries.CannotWithdraw:
                return


def _print_shop(dice: random.Random) -> None:
    """Takes what waits, posts it the same day, and brings some back a week later."""
    now, today = clock.now(), clock.today()
    taken = Dispatch.objects.filter(state="queued", due_at__lte=now)
    keys = list(taken.values_list("public_id", flat=True))
    taken.update(state="handed", handed_at=now)
    back = Dispatch.objects.filter(state="confirmed", handed_at__date=today - dt.timedelta(days=7))
    rows = [f"{key};posted;{today};L-{key};" for key in keys]
    rows += [
        f"{key};returned;{today};L-{key};x" for key in back.values_list("public_id", flat=True) if dice.random() < 0.2
    ]
    assert letter_runs.reconcile([HEAD, *rows]).problems == []


def _reminders() -> None:
    """Those of the day go out; the first notices have their own fates."""
    due = Notice.objects.filter(state="queued", plan_day__gt=0, due_at__lte=clock.now())
    for key in list(due.values_list("pk", flat=True)):
        sending.send_notice(key)


def _simulate(alice, count: int) -> None:
    dice = random.Random(20260101)
    posted = collections.Counter(dice.randrange(LAST_POSTED) for _ in range(count))
    fates: dict[int, list[tuple[str, Message]]] = collections.defaultdict(list)
    for day in range(DAYS):
        with clock.frozen(START + dt.timedelta(days=day)), transaction.atomic():
            for _ in range(posted[day]):
                for when, what, message in _fates(dice, _posted(alice, dice, day), day):
                    fates[when].append((what, message))
        with clock.frozen(START + dt.timedelta(days=day, hours=1)):
            for what, message in fates[day]:
                _happens(what, message, alice)
            _reminders()
            deliveries.sweep()
            _print_shop(dice)


def _judge(count: int) -> None:
    found = list(Delivery.objects.prefetch_related("events"))
    assert len(found) == count
    assert {delivery.state for delivery in found} <= LEGAL_ENDS
    assert not Delivery.objects.exclude(due_at=None).exists()
    for delivery in found:
        events = list(delivery.events.all())
        steps = [event for event in events if event.target]
        # An unbroken way from the first state to the one it is in, and one letter at most.
        assert [one.target for one in steps[1:-1]] == [two.origin for two in steps[2:]]
        assert steps[-1].target == delivery.state
        assert sum(event.kind == Evidence.LETTER_QUEUED for event in events) <= 1
        mails = [clock.local(event.at).date() for event in events if event.kind == Evidence.NOTICE_SENT]
        assert all((two - one).days >= 3 for one, two in itertools.pairwise(mails))
        if delivery.announced_by == "fiction":
            sent = next(event for event in events if event.target == "notice_sent")
            assert delivery.announced_on == clock.local(sent.at).date() + dt.timedelta(days=4)
            assert Evidence.NOTICE_FAILED not in {event.kind for event in events}
            assert delivery.rule["code"] != RETRIEVED
        assert (delivery.appeal_until is None) == (delivery.announced_on is None or delivery.instructed is None)


def _ends() -> set[str]:
    return set(Delivery.objects.values_list("state", flat=True).distinct())


def test_some_deliveries_end_in_one_legal_state_each(alice):
    _simulate(alice, 25)
    _judge(25)


@pytest.mark.slow
def test_two_hundred_deliveries_end_in_one_legal_state_each(alice):
    _simulate(alice, 200)
    _judge(200)
    assert _ends() == set(LEGAL_ENDS)


@pytest.mark.full
def test_ten_thousand_deliveries_end_in_one_legal_state_each(alice):
    _simulate(alice, 10_000)
    _judge(10_000)
    assert _ends() == set(LEGAL_ENDS)
    assert DeliveryEvent.objects.count() > 30_000
