"""payments_verify finds every broken promise and says nothing while all holds."""

import datetime as dt
import io
import json

import pytest
from django.core.management import call_command
from django.db import connection

from payments import actions, verify
from payments.models import Bell, Payment
from portal.common import clock
from tests.payments.conftest import pay, started

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(fake, owed) -> Payment:
    payment = started(owed)
    pay(fake, payment)
    actions.settle(payment.pk)
    return payment


def break_it(*statements: str) -> None:
    """As somebody would who may do anything: triggers off for a moment."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("set session_replication_role = origin")


def codes() -> set[str]:
    return {finding.code for finding in verify.findings()}


def test_nothing_is_found_while_all_holds(settled, bob):
    assert verify.findings() == []
    assert verify.open_matters() == []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update payments_postingline set cents = cents + 1 where account = 'clearing'", "posting_unbalanced"),
        ("update payments_postingline set cents = cents + 1 where account = 'clearing'", "ledger_not_zero"),
        ("update payments_postingline set cents = cents + 1 where account = 'clearing'", "payment_against_ledger"),
        ("update payments_postingline set account = 'revenue' where account = 'receivables'", "wrong_account"),
        ("update payments_postingline set account = 'suspense' where account = 'revenue'", "wrong_account"),
        ("delete from payments_postingline", "posting_unbalanced"),
        ("delete from payments_postingline where posting_id = (select max(posting_id) from payments_postingline)",
         "receivable_against_ledger"),
        ("update payments_posting set source_id = gen_random_uuid()", "posting_without_source"),
        ("update payments_receivable set state = 'open', paid_at = null", "receivable_against_ledger"),
        ("update payments_receivable set state = 'open', paid_at = null", "paid_without_payment"),
        ("update payments_payment set booked_as = 'suspense'", "paid_without_payment"),
        ("update payments_receivableitem set amount_cents = 1", "items_do_not_add_up"),
        ("update payments_payment set amount_cents = 4000", "payment_of_other_amount"),
    ],
)  # fmt: skip
def test_each_broken_promise_is_found(settled, statement, code):
    break_it(statement)
    assert code in codes()


def test_a_sweep_that_does_not_run_is_found(fake, owed):
    started(owed)
    assert not codes()
    with clock.frozen(clock.now() + dt.timedelta(hours=2)):
        assert codes() == {"sweep_stalled"}
        Payment.objects.update(next_look_at=None)
        assert codes() == {"live_without_look"}
        Payment.objects.update(state="failed")
        Bell.objects.create(provider="stripe", event_id="1", event_type="x", due_at=clock.now() - dt.timedelta(hours=2))
        assert codes() == {"bell_unheard"}


def run(*args: str) -> tuple[str, str, int]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("payments_verify", *args, stdout=out, stderr=err)
    except SystemExit as end:
        return out.getvalue(), err.getvalue(), int(str(end.code))
    return out.getvalue(), err.getvalue(), 0


def test_the_command_is_content_while_all_holds(settled):
    out, err, code = run()
    assert (code, err, "Alles stimmt." in out, "clearing" in out) == (0, "", True, True)


def test_the_command_ends_with_1_and_names_what_is_wrong(settled):
    break_it("update payments_receivableitem set amount_cents = 1")
    _, err, code = run()
    assert code == 1
    assert f"items_do_not_add_up {settled.receivable.kassenzeichen}" in err
    found = json.loads(run("--json")[0])["findings"]
    assert [finding["code"] for finding in found] == ["items_do_not_add_up"]


def test_what_waits_for_a_person_is_told_but_is_no_error(settled):
    Payment.objects.update(problem="mismatch")
    out, _, code = run()
    assert (code, "Zu klären" in out) == (0, True)
    told = json.loads(run("--json")[0])
    assert [matter["code"] for matter in told["open"]] == ["mismatch"]
    assert (told["checked"]["payments"], sum(told["balances"].values())) == (1, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_outside_tests_it_reads_one_snapshot(settled):
    assert verify.findings() == []


def test_the_sweep_command_says_what_it_moved(fake, owed):
    pay(fake, started(owed))
    out = io.StringIO()
    with clock.frozen(clock.now() + dt.timedelta(minutes=2)):
        call_command("payments_sweep", stdout=out)
    assert out.getvalue() == "1 Zahlungen haben sich geändert.\n"
