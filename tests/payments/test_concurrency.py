"""Real transactions in real threads: one live payment, one settlement, no deadlock."""

import multiprocessing
import signal
import time

import pytest
from django.db import connection

from payments import actions, ledger, verify
from payments.models import OutboundCall, Payment, Posting
from portal.outbox.models import OutboxMessage
from tests.payments.conftest import in_parallel, pay, session_of, started

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.mark.slow
def test_eight_clicks_at_once_lead_to_one_page(fake, owed):
    urls = in_parallel(8, lambda: actions.start_payment(owed, by=owed.payer))
    assert len(set(urls)) == 1
    assert str(urls[0]).startswith(fake.url)
    assert (Payment.objects.count(), OutboundCall.objects.count(), len(fake.store.sessions)) == (1, 1, 1)


@pytest.mark.slow
def test_eight_bells_at_once_settle_once(fake, owed):
    payment = started(owed)
    pay(fake, payment)
    changed = in_parallel(8, lambda: actions.settle(payment.pk))
    assert sorted(map(bool, changed)) == [False] * 7 + [True]
    assert Posting.objects.filter(source_type="payment").count() == 1
    assert OutboxMessage.objects.filter(topic="payment.settled").count() == 1
    assert (ledger.balances()["clearing"], verify.findings()) == (3000, [])


@pytest.mark.slow
def test_two_captured_payments_at_once_become_one_settlement_and_one_overpayment(fake, owed):
    first = started(owed)
    fake.store.expire(session_of(first))
    actions.settle(first.pk)
    pay(fake, first, late=True)
    second = started(owed)
    pay(fake, second)
    todo = [first.pk, second.pk]
    assert in_parallel(2, lambda: actions.settle(todo.pop())) == [True, True]
    booked = sorted(owed.payments.values_list("booked_as", flat=True))
    assert (booked, verify.findings()) == (["overpayment", "receivable"], [])


@pytest.mark.slow
def test_cancelling_and_paying_at_once_never_leaves_an_open_page(fake, owed, clara):
    acts = [lambda: actions.start_payment(owed, by=owed.payer), lambda: actions.cancel_receivable(owed, by=clara)] * 3
    in_parallel(6, lambda: acts.pop()())
    owed.refresh_from_db()
    if owed.state == "cancelled":
        assert {session["status"] for session in fake.store.sessions.values()} <= {"expired"}
        assert not owed.payments.filter(state__in=["created", "redirected", "processing"]).exists()
    assert owed.payments.filter(state__in=["created", "redirected", "processing"]).count() <= 1
    assert not verify.findings()


@pytest.mark.faults
def test_a_process_killed_while_calling_out_charges_nobody_twice(fake, owed):
    fake.plan.set({"api": [{"on": "POST /v1/checkout/sessions", "do": "slow", "seconds": 3}]})
    connection.close()  # the child opens its own
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=actions.start_payment, args=[owed], kwargs={"by": owed.payer})
    child.start()
    end = time.monotonic() + 60
    while not fake.store.sessions and time.monotonic() < end:
        time.sleep(0.02)
    child.kill()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert (Payment.objects.get().state, OutboundCall.objects.get().outcome) == ("created", "unknown")
    time.sleep(3.2)  # until the stand-in has given its answer to nobody
    url = actions.start_payment(owed, by=owed.payer)
    (session,) = fake.store.sessions.values()
    assert url == session["url"]
    pay(fake, Payment.objects.get())
    actions.settle(Payment.objects.get().pk)
    assert (ledger.balances()["clearing"], len(fake.store.charges), verify.findings()) == (3000, 1, [])
