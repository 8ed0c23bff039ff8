"""Owing, paying, settling, cancelling: each promise against the stand-in over real HTTP."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from payments import actions, ledger, verify
from payments.gateways.base import GatewayError
from payments.models import OutboundCall, Payment, Posting, Receivable
from portal.audit.models import AuditEntry
from portal.common import clock, references
from portal.outbox.models import OutboxMessage
from tests.payments.conftest import TIERS, owe, pay, session_of, started

pytestmark = pytest.mark.django_db


def settled_facts() -> int:
    return OutboxMessage.objects.filter(topic="payment.settled").count()


# --- owing ---


def test_a_receivable_has_a_kassenzeichen_that_checks_and_is_posted(owed):
    assert references.is_valid(owed.kassenzeichen)
    assert owed.kassenzeichen.startswith("108")
    assert ledger.balances() == {
        "receivables": 3000, "revenue": -3000, "clearing": 0, "overpayments": 0, "suspense": 0
    }  # fmt: skip


def test_every_receivable_gets_its_own_number(alice):
    assert len({owe(alice).kassenzeichen for _ in range(20)}) == 20


def test_items_must_add_up(alice):
    with pytest.raises(ValueError, match="add up"):
        actions.open_receivable(
            payer=alice, amount_cents=3000, purpose="x", due_on=clock.today(), return_path="/",
            items=[actions.Item("Gebühr", 2000)],
        )  # fmt: skip
    assert not Receivable.objects.exists()


def test_items_keep_their_booking_data(alice):
    items = [actions.Item("Gebühr", 3500, {"konto": "4711"}), actions.Item("Ermäßigung", -500)]
    receivable = actions.open_receivable(
        payer=alice, amount_cents=3000, purpose="x", due_on=clock.today(), return_path="/", items=items
    )
    assert list(receivable.items.values_list("position", "amount_cents")) == [(1, 3500), (2, -500)]
    assert receivable.items.first().booking == {"konto": "4711"}


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "/\\evil.example", "", "relativ"])
def test_a_return_path_never_leaves_the_house(alice, path):
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.open_receivable(payer=alice, amount_cents=1, purpose="x", due_on=clock.today(), return_path=path)
    assert not Receivable.objects.exists()


# --- paying ---


@pytest.mark.parametrize(("purpose", "cents"), TIERS.items())
def test_each_tier_is_paid_to_the_cent(fake, alice, purpose, cents):
    receivable = owe(alice, cents, purpose)
    payment = started(receivable)
    session = fake.store.sessions[session_of(payment)]
    assert (session["amount_total"], session["currency"]) == (cents, "eur")
    pay(fake, payment)
    assert actions.settle(payment.pk)
    receivable.refresh_from_db()
    assert (receivable.state, ledger.balances()["clearing"]) == ("paid", cents)
    assert not verify.findings()


def test_the_intent_is_written_before_the_call_and_closed_after_it(fake, owed):
    payment = actions._intend(owed.pk, owed.payer)
    assert OutboundCall.objects.get().outcome == "unknown"
    assert not fake.store.sessions
    actions.start_payment(owed, by=owed.payer)
    call = OutboundCall.objects.get()
    assert (call.outcome, call.attempts, call.key) == ("ok", 1, f"create:{payment.idempotency_key}")


def test_a_second_click_leads_to_the_same_page(fake, owed):
    first = actions.start_payment(owed, by=owed.payer)
    assert actions.start_payment(owed, by=owed.payer) == first
    assert (Payment.objects.count(), len(fake.store.sessions)) == (1, 1)


def test_nothing_personal_reaches_the_provider(fake, owed):
    started(owed)
    sent = str(fake.store.sessions) + str(fake.store.intent_data)
    assert owed.kassenzeichen in sent
    assert not [part for part in ("alice", "Alice", "Ammer", str(owed.payer.public_id)) if part in sent]


def test_whoever_paid_and_clicks_again_is_not_sent_to_pay(fake, owed):
    payment = started(owed)
    pay(fake, payment)
    assert actions.start_payment(owed, by=owed.payer) == f"/zahlung/{owed.public_id}/"
    owed.refresh_from_db()
    assert (owed.state, len(fake.store.sessions)) == ("paid", 1)


def test_whoever_waits_for_the_bank_is_not_sent_to_pay(fake, owed):
    payment = started(owed)
    pay(fake, payment, "sepa_debit")
    assert actions.start_payment(owed, by=owed.payer) == f"/zahlung/{owed.public_id}/rueckkehr/"
    payment.refresh_from_db()
    assert (payment.state, len(fake.store.sessions)) == ("processing", 1)


def test_an_expired_page_makes_room_for_a_new_one(fake, owed):
    first = started(owed)
    fake.store.ahead = 2 * 3600
    with clock.frozen(clock.now() + dt.timedelta(hours=2)):
        actions.start_payment(owed, by=owed.payer)
    first.refresh_from_db()
    assert first.state == "expired"
    assert list(owed.payments.order_by("pk").values_list("state", flat=True)) == ["expired", "redirected"]


def test_a_page_the_provider_forgot_makes_room_for_a_new_one(fake, owed):
    first = started(owed)
    fake.store.reset()
    actions.start_payment(owed, by=owed.payer)
    first.refresh_from_db()
    assert (first.state, first.problem) == ("expired", "missing")
    assert owed.payments.count() == 2


@pytest.mark.slow
def test_a_provider_that_is_down_loses_nothing(nobody_there, owed):
    with pytest.raises(actions.PaymentUnavailable):
        actions.start_payment(owed, by=owed.payer)
    payment = owed.payments.get()
    assert (payment.state, payment.provider_ref) == ("created", None)
    assert OutboundCall.objects.get().outcome == "unknown"


def test_a_refused_key_ends_the_attempt_at_once(fake, owed, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    with pytest.raises(actions.PaymentUnavailable):
        actions.start_payment(owed, by=owed.payer)
    payment = owed.payments.get()
    assert (payment.state, payment.last_error) == ("failed", "AuthenticationError")
    assert OutboundCall.objects.get().outcome == "error"


def test_an_answer_lost_after_the_effect_is_looked_up_not_repeated(fake, owed):
    fake.plan.set({"api": [{"on": "POST /v1/checkout/sessions", "do": "error_after", "times": 9}]})
    url = actions.start_payment(owed, by=owed.payer)
    (session,) = fake.store.sessions.values()
    assert url == session["url"]
    assert owed.payments.get().provider_ref == session["id"]


def test_calling_out_inside_a_transaction_is_refused(fake, owed, django_db_blocker):
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        actions.start_payment(owed, by=owed.payer)
    assert not fake.app.seen


# --- settling ---


def test_settling_pays_posts_announces_and_records_once(fake, owed):
    payment = started(owed)
    pay(fake, payment)
    assert actions.settle(payment.pk)
    owed.refresh_from_db()
    payment.refresh_from_db()
    assert (owed.state, payment.state, payment.booked_as, payment.method) == ("paid", "succeeded", "receivable", "card")
    assert owed.paid_at == payment.settled_at
    assert ledger.balances()["receivables"] == 0
    assert OutboxMessage.objects.get(topic="payment.settled").key == str(owed.public_id)
    assert AuditEntry.objects.filter(action="payment.succeeded", subject=f"payment:{payment.public_id}").count() == 1


@pytest.mark.slow
def test_settling_again_changes_nothing(fake, owed):
    payment = started(owed)
    pay(fake, payment)
    actions.settle(payment.pk)
    before = (Posting.objects.count(), AuditEntry.objects.count(), settled_facts())
    assert not actions.settle(payment.pk)
    assert (Posting.objects.count(), AuditEntry.objects.count(), settled_facts()) == before


def test_the_day_of_payment_is_the_providers_not_the_day_we_noticed(fake, owed):
    payment = started(owed)
    pay(fake, payment)
    with clock.frozen(clock.now() + dt.timedelta(days=3)):
        actions.settle(payment.pk)
        owed.refresh_from_db()
        assert clock.now() - owed.paid_at > dt.timedelta(days=2)


def test_a_debit_is_paid_when_the_bank_says_so(fake, owed):
    payment = started(owed)
    pay(fake, payment, "sepa_debit")
    actions.settle(payment.pk)
    owed.refresh_from_db()
    assert (owed.state, settled_facts()) == ("open", 0)
    fake.store.bank_answers(session_of(payment), "paid")
    assert actions.settle(payment.pk)
    owed.refresh_from_db()
    assert (owed.state, settled_facts()) == ("paid", 1)


def test_a_returned_debit_leaves_the_receivable_open_for_a_new_attempt(fake, owed):
    payment = started(owed)
    pay(fake, payment, "sepa_debit_returned")
    actions.settle(payment.pk)
    fake.store.bank_answers(session_of(payment), "returned")
    actions.settle(payment.pk)
    payment.refresh_from_db()
    assert (payment.state, ledger.balances()["clearing"]) == ("failed", 0)
    assert started(owed).pk != payment.pk


def test_once_failed_later_paid_is_taken_in(fake, owed):
    payment = started(owed)
    fake.store.expire(session_of(payment))
    actions.settle(payment.pk)
    pay(fake, payment, late=True)
    assert actions.settle(payment.pk)
    owed.refresh_from_db()
    payment.refresh_from_db()
    assert (owed.state, payment.state, payment.ended_at) == ("paid", "succeeded", None)


def test_a_late_success_on_a_paid_receivable_is_booked_as_overpayment(fake, owed):
    first = started(owed)
    fake.store.expire(session_of(first))
    actions.settle(first.pk)
    second = started(owed)
    pay(fake, second)
    actions.settle(second.pk)
    pay(fake, first, late=True)
    assert actions.settle(first.pk)
    first.refresh_from_db()
    assert (first.state, first.booked_as) == ("succeeded", "overpayment")
    assert ledger.balances()["overpayments"] == -3000
    assert [matter.code for matter in verify.open_matters()] == ["overpayment"]
    assert AuditEntry.objects.filter(action="payment.overpayment").count() == 1
    assert (settled_facts(), verify.findings()) == (1, [])


def test_an_object_of_another_amount_is_never_booked(fake, owed):
    payment = started(owed)
    pay(fake, payment)
    fake.store.sessions[session_of(payment)]["amount_total"] = 1
    actions.settle(payment.pk)
    payment.refresh_from_db()
    owed.refresh_from_db()
    assert (payment.problem, payment.state, owed.state) == ("mismatch", "redirected", "open")
    assert ledger.balances()["clearing"] == 0
    assert not actions.settle(payment.pk)


def test_money_given_back_at_the_provider_is_seen(fake, owed):
    payment = started(owed)
    pay(fake, payment)
    actions.settle(payment.pk)
    intent = fake.store.sessions[session_of(payment)]["payment_intent"]
    fake.store.refund({"payment_intent": intent, "amount": 1000, "metadata": {}})
    actions.settle(payment.pk)
    payment.refresh_from_db()
    assert (payment.state, payment.refunded_cents) == ("partially_refunded", 1000)
    fake.store.refund({"payment_intent": intent, "metadata": {}})
    actions.settle(payment.pk)
    owed.refresh_from_db()
    assert (owed.state, ledger.balances()["clearing"], verify.findings()) == ("refunded", 0, [])


def test_no_answer_is_no_answer(fake, owed, settings):
    payment = started(owed)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(GatewayError):
        actions.settle(payment.pk)
    payment.refresh_from_db()
    assert (payment.state, payment.last_error) == ("redirected", "APIConnectionError")


# --- cancelling ---


def test_cancelling_closes_the_page_first(fake, owed, clara):
    payment = started(owed)
    assert actions.cancel_receivable(owed, by=clara)
    owed.refresh_from_db()
    assert owed.state == "cancelled"
    assert fake.store.sessions[session_of(payment)]["status"] == "expired"
    assert set(ledger.balances().values()) == {0}
    assert AuditEntry.objects.get(action="receivable.cancelled").actor == str(clara.public_id)


def test_cancelling_what_is_already_paid_there_settles_instead(fake, owed, clara):
    pay(fake, started(owed))
    assert not actions.cancel_receivable(owed, by=clara)
    owed.refresh_from_db()
    assert (owed.state, settled_facts()) == ("paid", 1)


def test_cancelling_waits_while_the_bank_decides(fake, owed, clara):
    pay(fake, started(owed), "sepa_debit")
    with pytest.raises(actions.CannotCancel, match="Zahlung"):
        actions.cancel_receivable(owed, by=clara)
    owed.refresh_from_db()
    assert owed.state == "open"


def test_cancelling_without_an_answer_changes_nothing(fake, owed, clara, settings):
    started(owed)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(GatewayError):
        actions.cancel_receivable(owed, by=clara)
    owed.refresh_from_db()
    assert owed.state == "open"


def test_cancelling_a_receivable_nobody_began_to_pay_needs_no_provider(nobody_there, owed, clara):
    assert actions.cancel_receivable(owed, by=clara)
    assert not actions.cancel_receivable(owed, by=clara)


def test_money_for_a_cancelled_receivable_is_an_overpayment(fake, owed, clara):
    payment = started(owed)
    actions.cancel_receivable(owed, by=clara)
    pay(fake, payment, late=True)
    actions.settle(payment.pk)
    payment.refresh_from_db()
    owed.refresh_from_db()
    assert (owed.state, payment.booked_as, verify.findings()) == ("cancelled", "overpayment", [])


def test_a_page_opened_while_the_receivable_was_cancelled_is_closed_again(fake, owed, clara):
    payment = actions._intend(owed.pk, owed.payer)
    with connection.cursor() as cursor:  # the cancelling process ended the lost intent meanwhile
        cursor.execute("update payments_payment set state = 'failed', ended_at = now() where id = %s", [payment.pk])
    assert actions._page_of(payment) == ""
    (session,) = fake.store.sessions.values()
    assert session["status"] == "expired"
