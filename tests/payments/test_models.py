"""The database refuses what the application would never do: each constraint, going around the code."""

import pytest
from django.db import IntegrityError, connection, transaction

from payments import actions, ledger
from payments.models import Bell, OutboundCall, Payment, Posting, PostingLine, Receivable, ReceivableItem
from portal.common import clock, references
from tests.payments.conftest import owe, pay, started

pytestmark = pytest.mark.django_db
NOW = "2026-01-01T00:00:00Z"


def refused(sql: str, *params: object) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("set constraints all immediate")


@pytest.fixture
def payment(owed) -> Payment:
    return Payment.objects.create(
        receivable=owed, provider="stripe", amount_cents=3000, expires_at=clock.now(), provider_ref="cs_1"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"state": "unknown"},
        {"state": "paid"},
        {"paid_at": NOW},
        {"state": "cancelled"},
        {"cancelled_at": NOW},
        {"return_path": "//elsewhere"},
        {"amount_cents": 1},
        {"amount_cents": 0},
        {"kassenzeichen": "1080000000017"},
    ],
)
def test_a_receivable_stays_whole(owed, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Receivable.objects.update(**change)
    assert Receivable.objects.get().state == "open"


@pytest.mark.parametrize("amount", [0, -1])
def test_nobody_owes_nothing(alice, amount):
    with pytest.raises(IntegrityError), transaction.atomic():
        owe(alice, amount)


def copied_with(number: str) -> None:
    columns = "payer_id, subject, purpose, amount_cents, state, due_on, return_path, created_at"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"insert into payments_receivable (public_id, kassenzeichen, {columns})"
            f" select gen_random_uuid(), %s, {columns} from payments_receivable",
            [number],
        )


@pytest.mark.parametrize("digit", sorted(set("0123456789") - {references.check_digit("108999999998")}))
def test_a_kassenzeichen_without_its_check_digit_is_refused(owed, digit):
    number = "108999999998" + digit
    with pytest.raises(IntegrityError, match="kassenzeichen_checked"):
        copied_with(number)
    assert Receivable.objects.count() == 1


@pytest.mark.parametrize("number", ["1080000000", "10800000000a7", ""])
def test_a_kassenzeichen_has_thirteen_digits(owed, number):
    with pytest.raises(IntegrityError, match="kassenzeichen_checked"):
        copied_with(number)
    assert Receivable.objects.count() == 1


def test_a_kassenzeichen_is_given_once(owed, bob):
    columns = "purpose, amount_cents, state, due_on, return_path, created_at"
    refused(
        f"insert into payments_receivable (public_id, kassenzeichen, payer_id, {columns})"
        f" select gen_random_uuid(), kassenzeichen, {bob.pk}, {columns} from payments_receivable"
    )


def test_the_database_checks_the_same_check_digit(owed):
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from generate_series(0, 9) d where payments_damm_valid('108000000001' || d)")
        assert cursor.fetchone() == (1,)


def test_items_add_up_when_the_transaction_ends(owed):
    refused("update payments_receivableitem set amount_cents = amount_cents - 1")
    refused("delete from payments_receivableitem")
    assert ReceivableItem.objects.get().amount_cents == 3000


@pytest.mark.parametrize(
    "change",
    [
        {"state": "unknown"},
        {"captured_cents": 3001, "state": "succeeded", "booked_as": "receivable", "settled_at": NOW},
        {"refunded_cents": 1},
        {"refunded_cents": -1},
        {"state": "succeeded"},
        {"captured_cents": 3000},
        {"state": "succeeded", "captured_cents": 3000, "settled_at": NOW},
        {"state": "refunded", "captured_cents": 3000, "booked_as": "receivable", "settled_at": NOW},
        {"booked_as": "elsewhere"},
        {"problem": "whatever"},
        {"amount_cents": 1},
        {"provider_ref": "cs_2"},
        {"provider_ref": None},
        {"idempotency_key": "00000000-0000-4000-8000-000000000000"},
    ],
)
def test_a_payment_stays_whole(payment, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.update(**change)
    payment.refresh_from_db()
    assert (payment.state, payment.captured_cents, payment.provider_ref) == ("created", 0, "cs_1")


def test_what_the_provider_never_saw_cannot_be_on_its_page(owed):
    Payment.objects.create(receivable=owed, provider="stripe", amount_cents=3000, expires_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.update(state="redirected")


def test_captured_money_never_shrinks(payment):
    Payment.objects.update(state="succeeded", captured_cents=3000, booked_as="receivable", settled_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.update(captured_cents=2000)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.update(state="failed", captured_cents=0, booked_as="", settled_at=None)


def again(owed, **fields):
    given = {"receivable": owed, "provider": "stripe", "amount_cents": 3000, "expires_at": clock.now(), **fields}
    with transaction.atomic():
        return Payment.objects.create(**given)


def test_a_receivable_has_one_live_payment(payment, owed):
    for state in ("created", "redirected", "processing"):
        with pytest.raises(IntegrityError, match="payment_one_live"):
            again(owed, provider_ref="cs_2", state=state)
    assert again(owed, provider_ref="cs_2", state="expired")


def test_a_receivable_is_settled_by_one_payment(payment, owed):
    paid = {"state": "succeeded", "captured_cents": 3000, "settled_at": NOW}
    Payment.objects.update(booked_as="receivable", **paid)
    with pytest.raises(IntegrityError, match="payment_one_settles"):
        again(owed, provider_ref="cs_2", booked_as="receivable", **paid)
    assert again(owed, provider_ref="cs_2", booked_as="overpayment", **paid)


def test_numbers_and_keys_are_given_once(payment, bob):
    other = owe(bob)
    with pytest.raises(IntegrityError, match="provider_ref"):
        again(other, provider_ref="cs_1")
    with pytest.raises(IntegrityError, match="idempotency"):
        again(other, idempotency_key=payment.idempotency_key)


def test_an_event_and_a_call_are_kept_once(payment):
    Bell.objects.create(provider="stripe", event_id="evt_1", event_type="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Bell.objects.create(provider="stripe", event_id="evt_1", event_type="x")
    OutboundCall.objects.create(key="create:1", payment=payment, request_hash="")
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboundCall.objects.create(key="create:1", payment=payment, request_hash="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Bell.objects.update(outcome="looked")
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboundCall.objects.update(outcome="maybe")


# --- ledger ---


@pytest.mark.parametrize("table", ["payments_posting", "payments_postingline"])
def test_the_ledger_is_append_only(owed, table):
    refused(f"update {table} set id = id + 1000")
    refused(f"delete from {table}")
    assert (Posting.objects.count(), PostingLine.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    ("table", "trigger"),
    [
        ("payments_posting", "payments_posting_no_truncate"),
        ("payments_postingline", "payments_line_no_truncate"),
    ],
)
def test_the_ledger_cannot_be_emptied(owed, table, trigger):
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")  # no pending trigger may stand in the way
        cursor.execute(f"alter table {table} enable trigger {trigger}")
    refused(f"truncate {table} cascade")
    assert PostingLine.objects.count() == 2


INSERT = "insert into payments_posting (source_type, source_id, leg, at, line_count) values (%s, %s, %s, now(), %s)"


@pytest.mark.parametrize("cents", [(100,), (100, -99), (100, -50), ()])
def test_an_unbalanced_or_unfinished_posting_is_refused(owed, cents):
    lines = ", ".join(f"((select max(id) from payments_posting), 'revenue', {c})" for c in cents)
    body = f"; insert into payments_postingline (posting_id, account, cents) values {lines}" if cents else ""
    sql = INSERT.replace("%s", "{}").format("'payment'", "gen_random_uuid()", "'captured:1'", 2) + body
    refused(sql)
    assert Posting.objects.count() == 1


def test_lines_cannot_be_added_to_a_finished_posting(owed):
    (first,) = Posting.objects.values_list("id", flat=True)
    refused(
        "insert into payments_postingline (posting_id, account, cents) values (%s, 'clearing', 5), (%s, 'revenue', -5)",
        first, first,
    )  # fmt: skip
    assert PostingLine.objects.count() == 2


def test_a_leg_is_posted_once(owed):
    with pytest.raises(IntegrityError, match="posting_once_per_leg"), transaction.atomic():
        ledger.post_opened(owed)
    refused(INSERT, "elsewhere", owed.public_id, "x", 2)
    refused(INSERT, "payment", owed.public_id, "x", 1)


def test_a_line_names_a_known_account_and_moves_money(owed):
    (first,) = Posting.objects.values_list("id", flat=True)
    for account, cents in (("pocket", 1), ("revenue", 0)):
        refused(
            "insert into payments_postingline (posting_id, account, cents) values (%s, %s, %s)", first, account, cents
        )


def test_the_accounts_sum_to_zero_whatever_was_posted(fake, alice):
    for cents in (3000, 6000, 1000):
        payment = started(owe(alice, cents))
        pay(fake, payment)
        actions.settle(payment.pk)
    assert sum(ledger.balances().values()) == 0
    assert (ledger.balances()["clearing"], ledger.balances()["receivables"]) == (10_000, 0)
