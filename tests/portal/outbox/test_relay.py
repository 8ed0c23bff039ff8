"""The relay keeps its promises: with the transaction or not at all, once per success, back-off, dead letters."""

import contextlib
import datetime as dt

import pytest
from django.db import transaction

from portal.common import clock
from portal.outbox import bells, relay
from portal.outbox.models import OutboxMessage

heard: list[str] = []


def hear(key: str) -> None:
    heard.append(key)


def fail(key: str) -> None:
    OutboxMessage.objects.create(topic="half", key="done")
    raise ValueError("with a name that must not be stored")


HANDLERS = {"a": "tests.portal.outbox.test_relay.hear", "b": "tests.portal.outbox.test_relay.fail"}


@pytest.fixture(autouse=True)
def _quiet():
    heard.clear()


@pytest.mark.django_db(transaction=True)
def test_a_fact_without_a_transaction_is_refused():
    with pytest.raises(RuntimeError):
        relay.publish("a", 1)
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_a_fact_is_handled_once():
    relay.publish("a", 7)
    assert relay.drain_one(HANDLERS)
    assert not relay.drain_one(HANDLERS)
    assert heard == ["7"]


@pytest.mark.django_db
def test_a_fact_of_the_same_name_is_dropped():
    relay.publish("a", 7, dedupe="a:7")
    relay.publish("a", 7, dedupe="a:7")
    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db
def test_a_fact_that_is_not_due_waits():
    relay.publish("a", 7, delay=dt.timedelta(minutes=1))
    assert not relay.drain_one(HANDLERS)
    with clock.frozen(clock.now() + dt.timedelta(minutes=2)):
        assert relay.drain_one(HANDLERS)


@pytest.mark.django_db
def test_a_failed_handler_leaves_nothing_half_done_and_is_due_later():
    relay.publish("b", 7)
    assert relay.drain_one(HANDLERS)
    row = OutboxMessage.objects.get()
    assert (row.attempts, row.done_at, row.last_error) == (1, None, "builtins.ValueError")
    assert row.due_at > clock.now()


@pytest.mark.django_db
def test_back_off_doubles_to_one_hour_and_ends_in_a_dead_letter():
    relay.publish("b", 7)
    waits = []
    moment = clock.now()
    while OutboxMessage.objects.filter(dead_at=None).exists():
        with clock.frozen(moment):
            relay.drain_one(HANDLERS)
        row = OutboxMessage.objects.get()
        waits.append((row.due_at - moment).total_seconds())
        moment = row.due_at
    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) == 3600
    assert len(waits) == relay.MAX_ATTEMPTS
    assert not relay.drain_one(HANDLERS)


@pytest.mark.django_db
def test_a_dead_letter_gets_a_fresh_start():
    relay.publish("a", 7)
    row = OutboxMessage.objects.get()
    OutboxMessage.objects.update(dead_at=clock.now(), attempts=24)
    assert relay.retry([row.id]) == 1
    assert relay.drain_one(HANDLERS)
    assert relay.retry([row.id]) == 0  # a done row stays done


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_cause_leaves_no_fact():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        relay.publish("a", 7)
        _ = 1 / 0
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_a_bell_rings_once_for_all_who_asked(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as bells:
        for number in range(3):
            relay.publish("a", number)
        relay.ring("other.task", "1")
        relay.ring("other.task", "2")
    assert len(bells) == 3


@pytest.mark.django_db(transaction=True)
def test_a_bell_that_was_undone_is_rung_by_the_next_who_asks(monkeypatch):
    rung = []
    monkeypatch.setattr(bells.current_app, "send_task", lambda name, args, **kwargs: rung.append((name, *args)))
    with transaction.atomic():
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            relay.ring("some.task", "1")
            raise ZeroDivisionError
        relay.ring("some.task", "1")
        relay.ring("some.task", "1")
        with transaction.atomic():
            relay.ring("some.task", "1")
    assert rung == [("some.task", "1")]
