"""A stand-in of the provider over real HTTP on loopback, a receivable of Alice, and short ways to act."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
import stripe
from django.db import connection

from payments import actions
from payments.fakestripe.server import FakeStripe
from payments.gateways.base import GatewayError
from payments.models import Payment, Receivable
from portal.celery import app as celery_app
from portal.common import clock

KEY, SECRET = "sk_test_only", "whsec_only"
# Fees of the parking permits (service catalogue): what each tier costs, in cents.
TIERS = {
    "Bewohnerparkausweis, 12 Monate": 3000,
    "Bewohnerparkausweis, 24 Monate": 6000,
    "Ersatz oder Umschreibung": 1000,
    "Altstadt, 6 Monate": 5600,
    "Altstadt, 12 Monate": 10200,
    "Altstadt, 24 Monate": 20400,
}


@pytest.fixture
def fake(settings, monkeypatch):
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.02)  # the SDK's pause before it tries again
    stand_in = FakeStripe(keys=[KEY], secrets=[SECRET], debit_seconds=3600)
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = KEY, [SECRET]
    settings.STRIPE_API_BASE = stand_in.url
    stand_in.start()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def nobody_there(settings):
    """A provider that refuses every connection."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = KEY, "http://127.0.0.1:9"


@pytest.fixture
def worker(monkeypatch):
    """Rings are heard at once, in the thread that rings."""

    celery_app.loader.import_default_modules()

    def heard(name: str, args: tuple[str, ...], **_: object) -> None:
        if name.startswith("payments."):
            celery_app.tasks[name].apply(args, throw=True)

    monkeypatch.setattr(celery_app, "send_task", heard)


@pytest.fixture
def webhook(fake, live_server, worker):
    """The stand-in tells a running portal."""
    fake.ringer.url = f"{live_server.url}/zahlung/webhook/stripe/"
    return fake


@pytest.fixture
def owed(alice) -> Receivable:
    return owe(alice)


def owe(payer, amount_cents=3000, purpose="Bewohnerparkausweis, 12 Monate") -> Receivable:
    return actions.open_receivable(
        payer=payer,
        amount_cents=amount_cents,
        purpose=purpose,
        due_on=clock.today() + dt.timedelta(days=14),
        return_path="/antraege/",
    )


def started(owed: Receivable) -> Payment:
    """Begun and sent to the payment page."""
    actions.start_payment(owed, by=owed.payer)
    return owed.payments.latest("pk")


def session_of(payment: Payment) -> str:
    payment.refresh_from_db()
    assert payment.provider_ref
    return payment.provider_ref


def pay(fake: FakeStripe, payment: Payment, method: str = "card", **how) -> None:
    """The person pays on the provider's page; nobody has told us yet."""
    fake.store.pay(session_of(payment), method, **how)
    fake.store.save()


def in_parallel(count: int, act: Callable[[], object]) -> list[object]:
    """Results of `act`, run by `count` threads at the same moment; a refusal is a result."""
    gate, results = threading.Barrier(count), []

    def run() -> None:
        gate.wait()
        try:
            results.append(act())
        except (GatewayError, actions.PaymentUnavailable, actions.CannotCancel) as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
