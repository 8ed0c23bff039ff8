"""Whatever happens on the way: in the end a receivable is paid exactly when the provider holds its money."""

import contextlib
import datetime as dt
import json
import random
import time

import pytest

from payments import actions, ledger, verify
from payments.fakestripe import ringer
from payments.gateways import gateway_for
from payments.gateways.base import GatewayError
from payments.models import Bell, Payment, Receivable
from portal.common import clock
from tests.payments.conftest import SECRET, owe

pytestmark = pytest.mark.django_db
PEOPLE, STEPS = 12, 160
TROUBLE = [
    ("POST /v1/checkout/sessions", "error_after"),
    ("POST /v1/checkout/sessions", "error_before"),
    ("GET /v1/checkout/sessions", "error_before"),
]


class World:
    """People, bank, post and time, moved at random but repeatably."""

    def __init__(self, fake, alice, seed: int):
        self.fake, self.alice, self.dice = fake, alice, random.Random(seed)
        self.start, self.minutes = clock.now(), 0
        self.owed = [owe(alice, 100 * n) for n in range(10, 10 + PEOPLE)]
        self.letters: list[dict] = []
        fake.store.rang = self.letters.append
        self.acts = [self.click] * 6 + [self.person_pays] * 5 + [self.bank] * 2 + [self.post] * 4
        self.acts += [self.come_back] * 3 + [self.time_passes] * 3 + [self.trouble] * 2 + [self.cancel, self.late]

    def step(self) -> None:
        with clock.frozen(self.start + dt.timedelta(minutes=self.minutes)):
            with contextlib.suppress(GatewayError, actions.PaymentUnavailable, actions.CannotCancel):
                self.dice.choice(self.acts)()
            self.fake.store.save()

    def click(self) -> None:
        actions.start_payment(self.dice.choice(self.owed), by=self.alice)

    def session(self, *states: str) -> str | None:
        found = [ident for ident, row in self.fake.store.sessions.items() if row["status"] in states]
        return self.dice.choice(found) if found else None

    def person_pays(self) -> None:
        # Nobody can pay on a page whose address was never handed out.
        handed_out = set(Payment.objects.exclude(redirect_url="").values_list("provider_ref", flat=True))
        if (ident := self.session("open")) in handed_out:
            self.fake.store.pay(ident, self.dice.choice(["card", "paypal", "sepa_debit", "declined"]))

    def late(self) -> None:
        if ident := self.session("expired"):
            self.fake.store.pay(ident, "card", late=True)

    def bank(self) -> None:
        if self.fake.store.debits:
            ident = self.dice.choice(list(self.fake.store.debits))
            self.fake.store.bank_answers(ident, self.dice.choice(["paid", "paid", "returned"]))

    def post(self) -> None:
        """One letter in three gets lost; the others come late, doubled and in any order."""
        if not self.letters:
            return
        letter = self.letters.pop(self.dice.randrange(len(self.letters)))
        for _ in range(self.dice.choice([0, 1, 5])):
            body = json.dumps(letter)
            headers = {"Stripe-Signature": ringer.signature(body, [SECRET], int(time.time()))}
            bell = actions.receive(gateway_for("stripe").parse_bell(body.encode(), headers), provider="stripe")
            if self.dice.random() < 0.7:
                actions.hear(bell.pk)

    def come_back(self) -> None:
        payments = list(Payment.objects.order_by("pk"))
        if payments:
            actions.settle(self.dice.choice(payments).pk)

    def time_passes(self) -> None:
        minutes = self.dice.choice([1, 5, 30, 120])
        self.minutes += minutes
        self.fake.store.ahead += minutes * 60
        self.fake.store.tick()
        with clock.frozen(self.start + dt.timedelta(minutes=self.minutes)):
            actions.sweep_payments()

    def trouble(self) -> None:
        on, do = self.dice.choice(TROUBLE)
        self.fake.plan.set({"api": [{"on": on, "do": do, "times": self.dice.randint(1, 4)}]})

    def cancel(self) -> None:
        actions.cancel_receivable(self.dice.choice(self.owed), by=None)

    def come_to_rest(self) -> None:
        self.fake.plan.reset()
        for ident in list(self.fake.store.debits):
            self.fake.store.bank_answers(ident, "paid")
        for hours in (1, 8, 30, 60, 200):
            self.fake.store.ahead += hours * 3600
            self.fake.store.tick()
            self.minutes += hours * 60
            with clock.frozen(self.start + dt.timedelta(minutes=self.minutes)):
                actions.sweep_payments(limit=1000)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.slow
def test_in_the_end_our_books_are_the_providers(fake, alice, seed):
    world = World(fake, alice, seed)
    for _ in range(STEPS):
        world.step()
    world.come_to_rest()
    captured: dict[str, int] = {}
    for session in fake.store.sessions.values():
        if session["payment_status"] == "paid":
            receivable = Payment.objects.get(public_id=session["client_reference_id"]).receivable
            captured[str(receivable.pk)] = captured.get(str(receivable.pk), 0) + session["amount_total"]
    for receivable in Receivable.objects.all():
        held = captured.get(str(receivable.pk), 0)
        if receivable.state != "cancelled":
            assert (receivable.state == "paid") == bool(held)
        booked = receivable.amount_cents if receivable.state == "paid" else 0
        over = sum(p.captured_cents for p in receivable.payments.filter(booked_as="overpayment"))
        assert booked + over == held
    assert ledger.balances()["clearing"] == sum(captured.values()) > 0
    assert not Payment.objects.filter(state__in=["created", "redirected", "processing"]).exists()
    assert not Bell.objects.filter(outcome="waiting").exists()
    assert verify.findings() == []
