"""The sweep: planned looks, lost intents, orphan pages, a silent provider, several sweepers."""

import datetime as dt

import pytest

from payments import actions, verify
from payments.models import OutboundCall, Payment
from portal.common import clock
from tests.payments.conftest import in_parallel, owe, pay, session_of, started

pytestmark = pytest.mark.django_db
LOSE_ANSWERS = {
    "api": [
        {"on": "POST /v1/checkout/sessions", "do": "error_after", "times": 3},
        {"on": "GET /v1/checkout/sessions", "do": "error_before", "times": 3},
    ]
}


def at(**after) -> "clock.frozen":
    return clock.frozen(clock.now() + dt.timedelta(**after))


def test_looks_follow_the_plan_until_the_page_expires(fake, owed):
    payment = started(owed)
    begun = payment.created_at
    waits = []
    for _ in range(4):
        payment.refresh_from_db()
        waits.append(round((payment.next_look_at - begun).total_seconds() / 60))
        with clock.frozen(payment.next_look_at):
            actions.sweep_payments()
    assert waits == [1, 5, 15, 60]


def test_a_payment_expires_only_after_asking(fake, owed):
    payment = started(owed)
    with at(hours=7):  # long past the page's end by our clock; the provider's clock says open
        actions.sweep_payments()
    payment.refresh_from_db()
    assert payment.state == "redirected"
    fake.store.ahead = 7 * 3600
    with at(hours=31):
        actions.sweep_payments()
    payment.refresh_from_db()
    assert (payment.state, payment.ended_at is not None) == ("expired", True)


def test_what_expired_is_checked_again_and_a_late_success_found(fake, owed):
    payment = started(owed)
    fake.store.expire(session_of(payment))
    actions.settle(payment.pk)
    pay(fake, payment, late=True)
    with at(hours=2):
        assert actions.sweep_payments() == 1
    owed.refresh_from_db()
    assert owed.state == "paid"


def test_an_intent_whose_process_died_before_the_call_ends_without_a_charge(fake, owed):
    payment = actions._intend(owed.pk, owed.payer)  # committed; then the process is gone
    with at(minutes=2):
        actions.sweep_payments()
    payment.refresh_from_db()
    assert payment.state == "created"  # another process might still be calling
    with at(minutes=16):
        actions.sweep_payments()
    payment.refresh_from_db()
    assert (payment.state, payment.last_error, fake.store.sessions) == ("failed", "never_reached", {})
    assert started(owed).state == "redirected"


def test_after_a_crash_the_person_goes_on_with_the_same_payment(fake, owed):
    payment = actions._intend(owed.pk, owed.payer)
    actions.start_payment(owed, by=owed.payer)
    payment.refresh_from_db()
    assert (Payment.objects.count(), len(fake.store.sessions), payment.state) == (1, 1, "redirected")


def test_an_intent_whose_answer_was_lost_is_found_and_settled_not_charged_twice(fake, owed):
    fake.plan.set(LOSE_ANSWERS)
    with pytest.raises(actions.PaymentUnavailable):
        actions.start_payment(owed, by=owed.payer)
    assert (OutboundCall.objects.get().outcome, Payment.objects.get().provider_ref) == ("unknown", None)
    (ref,) = fake.store.sessions
    fake.store.pay(ref, "card")
    with at(minutes=2):
        assert actions.sweep_payments() == 1
    owed.refresh_from_db()
    assert (owed.state, len(fake.store.charges), verify.findings()) == ("paid", 1, [])


def test_a_page_found_too_late_is_closed_so_that_nobody_pays_twice(fake, owed):
    fake.plan.set(LOSE_ANSWERS)
    with pytest.raises(actions.PaymentUnavailable):
        actions.start_payment(owed, by=owed.payer)
    (session,) = fake.store.sessions.values()
    first = Payment.objects.get()
    actions._end_unpaid(first.pk, "failed", "never_reached")
    second = started(owed)
    actions.settle(first.pk)
    assert (session["status"], second.state) == ("expired", "redirected")
    first.refresh_from_db()
    assert (first.state, first.provider_ref) == ("failed", session["id"])


def test_a_lost_answer_after_an_hour_is_looked_up_never_sent_again(fake, owed):
    actions._intend(owed.pk, owed.payer)
    with at(minutes=56):
        actions.start_payment(owed, by=owed.payer)
    posted = [key for method, _, key in fake.app.seen if method == "POST"]
    states = list(owed.payments.order_by("pk").values_list("state", flat=True))
    assert (states, len(posted)) == (["failed", "redirected"], 1)


@pytest.mark.slow
def test_a_silent_provider_is_left_alone_and_asked_soon_again(nobody_there, alice):
    for _ in range(5):
        actions._intend(owe(alice).pk, alice)
    with at(minutes=2):
        assert actions.sweep_payments() == 0
        waiting = Payment.objects.exclude(last_error="")
        assert waiting.count() == 3
        assert all(p.next_look_at <= clock.now() + dt.timedelta(minutes=10) for p in Payment.objects.all())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_several_sweepers_ask_once_for_each_payment(fake, alice):
    for _ in range(4):
        pay(fake, started(owe(alice)))
    Payment.objects.update(next_look_at=clock.now())
    asked = len(fake.app.seen)
    moved = in_parallel(4, actions.sweep_payments)
    assert sum(moved) == 4
    assert len(fake.app.seen) - asked == 4
    assert not verify.findings()
