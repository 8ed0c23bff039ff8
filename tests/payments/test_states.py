import pytest

from payments.models import Payment, Receivable
from payments.states import IllegalMove, advance
from portal.common import clock

pytestmark = pytest.mark.django_db


def test_a_move_writes_state_and_changes_together(owed):
    assert advance(owed, "paid", paid_at=clock.now())
    assert Receivable.objects.get().state == owed.state == "paid"


def test_an_illegal_move_is_named_and_writes_nothing(owed):
    with pytest.raises(IllegalMove, match="open -> refunded"):
        advance(owed, "refunded")
    assert Receivable.objects.get().state == "open"


def test_the_slower_of_two_writes_nothing(owed):
    other = Receivable.objects.get()
    assert advance(owed, "cancelled", cancelled_at=clock.now())
    assert not advance(other, "paid", paid_at=clock.now())
    assert (other.state, Receivable.objects.get().state) == ("open", "cancelled")


def test_a_changed_number_counts_as_somebody_faster(owed, fake):
    payment = Payment.objects.create(
        receivable=owed, provider="stripe", amount_cents=3000, expires_at=clock.now(), provider_ref="cs"
    )
    Payment.objects.update(state="succeeded", captured_cents=100, booked_as="suspense", settled_at=clock.now())
    payment.state = "succeeded"  # seen before the cents grew
    assert not advance(payment, "refunded", captured_cents=3000)
    assert Payment.objects.get().captured_cents == 100
