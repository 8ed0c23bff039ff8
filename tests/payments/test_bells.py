"""Three bells, one settle: webhook, return page and sweep each suffice alone; together they change nothing more."""

import datetime as dt
import json

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as quickly
from hypothesis import strategies as st

from payments import actions, ledger, verify
from payments.gateways.base import Ring
from payments.models import Bell, Payment, Posting, Receivable
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.outbox.models import OutboxMessage
from tests.payments.conftest import owe, pay, session_of, started

pytestmark = pytest.mark.django_db
COMPLETED = "v1.checkout.session.completed"


def rung(payment: Payment, event: str = "evt_1") -> Bell:
    return actions.receive(Ring(event, COMPLETED, session_of(payment)), provider="stripe")


def later(**delta) -> "clock.frozen":
    return clock.frozen(clock.now() + dt.timedelta(**delta))


def rows(owed: Receivable) -> tuple:
    """Everything that must be the same in the end, whatever was heard."""
    owed.refresh_from_db()
    return (
        owed.state,
        owed.paid_at,
        list(owed.payments.order_by("pk").values_list("state", "captured_cents", "booked_as", "settled_at")),
        list(Posting.objects.order_by("pk").values_list("source_type", "leg")),
        ledger.balances(),
        OutboxMessage.objects.filter(topic="payment.settled").count(),
        list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)),
    )


# --- each alone ---


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_webhook_alone_settles(webhook, owed):
    pay(webhook, started(owed))
    assert webhook.ringer.wait_quiet()
    owed.refresh_from_db()
    assert (owed.state, webhook.ringer.delivered[0][1], Bell.objects.get().outcome) == ("paid", 200, "looked")
    assert not verify.findings()


def test_the_return_page_alone_settles(fake, owed, client):
    client.force_login(owed.payer)
    pay(fake, started(owed))
    client.get(f"/zahlung/{owed.public_id}/rueckkehr/")
    owed.refresh_from_db()
    assert owed.state == "paid"


def test_the_sweep_alone_settles(fake, owed):
    pay(fake, started(owed))
    assert actions.sweep_payments() == 0  # not due yet
    with later(minutes=1, seconds=1):
        assert actions.sweep_payments() == 1
    owed.refresh_from_db()
    assert (owed.state, Payment.objects.get().next_look_at) == ("paid", None)


# --- together, lost, doubled, late, reordered ---


@pytest.fixture
def rollback(db):
    """Runs a body in a savepoint that is taken back, so that each example starts from the same rows."""

    def run(body):
        with transaction.atomic():
            result = body()
            transaction.set_rollback(True)
        return result

    return run


@quickly(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.sampled_from(["webhook", "return", "sweep", "settle"]), min_size=1, max_size=8))
def test_any_order_and_number_of_bells_gives_the_same_rows(fake, alice, rollback, client, order):
    client.force_login(alice)

    def after(bells) -> tuple:
        fake.store.reset()
        moment = clock.now()
        with clock.frozen(moment):
            owed = owe(alice)
            payment = started(owed)
            pay(fake, payment)
        charged = dt.datetime.fromtimestamp(next(iter(fake.store.charges.values()))["created"], dt.UTC)
        with clock.frozen(moment + dt.timedelta(minutes=2)):
            for n, bell in enumerate(bells):
                {
                    "webhook": lambda n=n: actions.hear(rung(payment, f"evt_{n}").pk),
                    "return": lambda: client.get(f"/zahlung/{owed.public_id}/rueckkehr/"),
                    "sweep": actions.sweep_payments,
                    "settle": lambda: actions.settle(payment.pk),
                }[bell]()
        found = rows(owed)
        assert found[1] == charged
        return found[0], found[2][0][:3], *found[3:]

    # durable=True forbids a surrounding transaction that is not the test's own: mark the savepoint as such.
    def example(bells):
        connection.atomic_blocks[-1]._from_testcase = True
        return after(bells)

    assert rollback(lambda: example(order)) == rollback(lambda: example(["settle"]))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_five_copies_at_once_settle_once(webhook, owed):
    webhook.plan.set({"webhooks": {"copies": 5}})
    pay(webhook, started(owed))
    assert webhook.ringer.wait_quiet()
    assert [status for _, status in webhook.ringer.delivered] == [200] * 5
    assert (Bell.objects.count(), Posting.objects.filter(source_type="payment").count()) == (1, 1)
    assert OutboxMessage.objects.filter(topic="payment.settled").count() == 1
    assert not verify.findings()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_webhooks_in_reverse_order_end_the_same(webhook, owed):
    webhook.plan.set({"webhooks": {"hold": True}})
    payment = started(owed)
    pay(webhook, payment, "sepa_debit")
    webhook.store.bank_answers(session_of(payment), "paid")
    webhook.store.save()
    assert webhook.ringer.release() == 2
    assert webhook.ringer.wait_quiet()
    owed.refresh_from_db()
    assert (owed.state, Bell.objects.filter(outcome="looked").count()) == ("paid", 2)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_with_every_webhook_lost_the_sweep_settles(webhook, owed):
    webhook.plan.set({"webhooks": {"drop": -1}})
    pay(webhook, started(owed))
    assert webhook.ringer.wait_quiet()
    assert not Bell.objects.exists()
    with later(minutes=6):
        actions.sweep_payments()
    owed.refresh_from_db()
    assert owed.state == "paid"


def test_a_bell_nobody_heard_is_followed_by_the_sweep(fake, owed):
    payment = started(owed)
    pay(fake, payment)
    rung(payment)
    assert actions.sweep_payments() == 0  # the worker goes first
    Payment.objects.update(next_look_at=None)
    with later(minutes=2):
        assert actions.sweep_payments() == 1
    assert Bell.objects.get().outcome == "looked"


def test_a_bell_for_an_expired_payment_brings_the_late_success(fake, owed):
    payment = started(owed)
    fake.store.expire(session_of(payment))
    actions.settle(payment.pk)
    pay(fake, payment, late=True)
    assert actions.hear(rung(payment).pk)
    owed.refresh_from_db()
    assert owed.state == "paid"


def test_a_bell_faster_than_the_number_finds_its_payment(fake, owed):
    payment = actions._intend(owed.pk, owed.payer)
    state = actions.gateways.gateway_for("stripe").create(actions._order(payment))
    fake.store.pay(state.ref, "card")
    bell = actions.receive(Ring("evt_1", COMPLETED, state.ref), provider="stripe")
    assert actions.hear(bell.pk)
    payment.refresh_from_db()
    assert (payment.state, payment.provider_ref) == ("succeeded", state.ref)


def test_the_same_event_twice_is_one_row(fake, owed):
    payment = started(owed)
    assert rung(payment).pk == rung(payment).pk
    assert Bell.objects.count() == 1


def test_a_bell_that_was_followed_is_not_followed_again(fake, owed):
    payment = started(owed)
    bell = rung(payment)
    actions.hear(bell.pk)
    asked = len(fake.app.seen)
    assert not actions.hear(bell.pk)
    assert len(fake.app.seen) == asked


@pytest.mark.parametrize("ref", ["cs_test_nobody", ""])
def test_an_event_that_is_not_ours_is_kept_and_left_alone(fake, owed, ref):
    bell = actions.receive(Ring("evt_1", COMPLETED if ref else "v1.payout.paid", ref), provider="stripe")
    assert not actions.hear(bell.pk)
    bell.refresh_from_db()
    assert (bell.outcome, bell.processed_at is not None) == ("foreign", True)


def test_a_session_of_somebody_else_in_the_same_account_is_not_ours(fake, owed):
    payment = started(owed)
    session = json.loads(json.dumps(fake.store.sessions[session_of(payment)]))
    fake.store.sessions["cs_test_shop"] = {**session, "id": "cs_test_shop", "client_reference_id": "order 17"}
    bell = actions.receive(Ring("evt_1", COMPLETED, "cs_test_shop"), provider="stripe")
    assert not actions.hear(bell.pk)
    bell.refresh_from_db()
    assert bell.outcome == "foreign"


def test_a_bell_waits_while_the_provider_is_silent_and_is_given_up_after_a_day(fake, owed, settings):
    bell = rung(started(owed))
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert not actions.hear(bell.pk)
    bell.refresh_from_db()
    assert bell.outcome == "waiting"
    with later(days=1, minutes=1):
        actions.hear(bell.pk)
    bell.refresh_from_db()
    assert bell.outcome == "given_up"
