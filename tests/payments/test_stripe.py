"""The gateway speaks to the provider as the provider wants it, through the genuine SDK, over real HTTP."""

import datetime as dt
import json
import time

import pytest

from payments.fakestripe import ringer
from payments.gateways import GATEWAYS, gateway_for
from payments.gateways.base import BadBell, GatewayError, Order, Patience, Phase, Ring, UnknownThere
from payments.gateways.stripe import StripeGateway
from portal.common import clock

SECRET = "whsec_only"


def order(**other) -> Order:
    now = clock.now()
    given = {
        "payment_id": "0b5e8a0e-0000-4000-8000-000000000001",
        "idempotency_key": "key-1",
        "amount_cents": 3000,
        "purpose": "Bewohnerparkausweis, 12 Monate",
        "kassenzeichen": "1080000000017",
        "created_at": now,
        "expires_at": now + dt.timedelta(minutes=90),
        "success_url": "http://127.0.0.1:8000/zurueck/",
        "cancel_url": "http://127.0.0.1:8000/abbruch/",
    }
    return Order(**{**given, **other})


@pytest.fixture
def stripe(fake) -> StripeGateway:
    return StripeGateway()


def test_every_named_provider_can_be_loaded():
    assert {gateway_for(name).name for name in GATEWAYS} == set(GATEWAYS)


def test_a_page_is_opened_with_all_that_finds_it_again(stripe, fake):
    wanted = order()
    state = stripe.create(wanted)
    session = fake.store.sessions[state.ref]
    assert (state.phase, state.payment_id, state.amount_cents) == (Phase.OPEN, wanted.payment_id, 3000)
    assert state.url == f"{fake.url}/c/pay/{state.ref}"
    assert session["metadata"] == {"payment": wanted.payment_id, "kassenzeichen": wanted.kassenzeichen}
    assert (session["locale"], session["adaptive_pricing"]) == ("de", {"enabled": False})
    assert fake.store.intent_data[state.ref]["metadata"] == session["metadata"]
    assert session["expires_at"] == int(wanted.expires_at.timestamp())


def test_the_key_and_the_pinned_version_are_sent(stripe, fake):
    stripe.create(order())
    assert fake.app.seen == [("POST", "/v1/checkout/sessions", "key-1")]
    assert fake.app.versions == {"2026-10-28.endive"}


def test_the_same_order_yields_the_same_page(stripe, fake):
    wanted = order()
    assert stripe.create(wanted).ref == stripe.create(wanted).ref
    assert len(fake.store.sessions) == 1


def test_another_order_under_the_same_key_is_refused(stripe):
    stripe.create(order())
    with pytest.raises(GatewayError) as refused:
        stripe.create(order(amount_cents=4000))
    assert not refused.value.permanent  # look it up, do not give it up


def test_a_passing_failure_is_repeated_with_the_same_key(stripe, fake):
    fake.plan.set({"api": [{"on": "POST /v1/checkout/sessions", "do": "error_before", "times": 1}]})
    stripe.create(order())
    assert [key for _, _, key in fake.app.seen] == ["key-1", "key-1"]
    assert len(fake.store.sessions) == 1


@pytest.mark.parametrize(
    ("method", "bank", "phase", "captured"),
    [
        ("card", None, Phase.SUCCEEDED, 3000),
        ("paypal", None, Phase.SUCCEEDED, 3000),
        ("declined", None, Phase.OPEN, 0),
        ("sepa_debit", None, Phase.PROCESSING, 0),
        ("sepa_debit", "paid", Phase.SUCCEEDED, 3000),
        ("sepa_debit", "returned", Phase.FAILED, 0),
    ],
)
def test_the_truth_is_told_in_our_words(stripe, fake, method, bank, phase, captured):
    ref = stripe.create(order()).ref
    fake.store.pay(ref, method)
    if bank:
        fake.store.bank_answers(ref, bank)
    truth = stripe.fetch(ref)
    assert (truth.phase, truth.captured_cents, truth.refunded_cents) == (phase, captured, 0)
    assert truth.method == ("" if not captured else method)
    assert (truth.captured_at is not None, truth.intent_ref.startswith("pi_")) == (bool(captured), True)


def test_money_given_back_is_told(stripe, fake):
    ref = stripe.create(order()).ref
    fake.store.pay(ref, "card")
    fake.store.refund({"payment_intent": fake.store.sessions[ref]["payment_intent"], "amount": 500, "metadata": {}})
    assert stripe.fetch(ref).refunded_cents == 500


@pytest.mark.slow
def test_a_lost_page_is_found_among_others_by_our_id(stripe, fake):
    wanted = order()
    ref = stripe.create(wanted).ref
    for n in range(120):  # more than one page of the list
        stripe.create(order(payment_id=f"other-{n}", idempotency_key=f"other-{n}"))
    assert [state.ref for state in stripe.find(wanted)] == [ref]
    assert stripe.find(order(payment_id="nobody")) == []


def test_the_paid_one_of_several_is_named_first(stripe, fake):
    wanted = order()
    first = stripe.create(wanted).ref
    second = stripe.create(order(idempotency_key="key-2")).ref
    fake.store.pay(first, "card")
    assert [state.ref for state in stripe.find(wanted)] == [first, second]


def test_closing_a_page_tells_what_became_of_it(stripe, fake):
    ref = stripe.create(order()).ref
    assert stripe.expire(ref).phase is Phase.EXPIRED
    paid = stripe.create(order(idempotency_key="key-2")).ref
    fake.store.pay(paid, "card")
    assert stripe.expire(paid).phase is Phase.SUCCEEDED


def test_an_unknown_number_is_named_so(stripe):
    with pytest.raises(UnknownThere):
        stripe.fetch("cs_test_nobody")
    with pytest.raises(UnknownThere):
        stripe.expire("cs_test_nobody")


@pytest.mark.parametrize("key", ["", "sk_test_wrong"])
def test_without_a_good_key_nothing_is_worth_repeating(stripe, settings, key):
    settings.STRIPE_SECRET_KEY = key
    with pytest.raises(GatewayError) as refused:
        stripe.fetch("cs_test_1")
    assert refused.value.permanent


def test_errors_carry_a_code_and_no_text_of_the_provider(stripe):
    with pytest.raises(GatewayError) as refused:
        stripe.create(order(amount_cents=1))
    assert str(refused.value) == "amount_too_small"


@pytest.mark.slow
def test_a_person_waits_two_seconds_at_most(stripe, fake):
    ref = stripe.create(order()).ref
    fake.plan.set({"api": [{"on": "GET /v1/checkout/sessions/", "do": "slow", "seconds": 4}]})
    begun = time.monotonic()
    with pytest.raises(GatewayError):
        stripe.fetch(ref, Patience.BRIEF)
    assert time.monotonic() - begun < 2.2


# --- webhooks ---


def thin(kind="v1.checkout.session.completed", related=True, **other) -> bytes:
    about = {"id": "cs_test_1", "type": "checkout.session", "url": "/v1/checkout/sessions/cs_test_1"}
    event = {
        "id": "evt_1",
        "object": "v2.core.event",
        "type": kind,
        "created": "2026-11-01T00:00:00.000Z",
        "livemode": False,
        "context": None,
        **({"related_object": about} if related else {}),
        **other,
    }
    return json.dumps(event).encode()


def signed(body: bytes, *secrets: str, at: int | None = None) -> dict[str, str]:
    return {"Stripe-Signature": ringer.signature(body.decode(), secrets or [SECRET], at or int(time.time()))}


def test_a_signed_bell_says_where_to_look(stripe):
    assert stripe.parse_bell(thin(), signed(thin())) == Ring("evt_1", "v1.checkout.session.completed", "cs_test_1")


def test_two_secrets_are_good_while_they_are_rotated(stripe, settings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", SECRET]
    assert stripe.parse_bell(thin(), signed(thin())).ref
    assert stripe.parse_bell(thin(), signed(thin(), "whsec_new")).ref
    assert stripe.parse_bell(thin(), signed(thin(), "whsec_other", "whsec_new")).ref


@pytest.mark.parametrize("kind", ["v1.payout.paid", "v2.core.account.updated", "v1.something.new"])
def test_other_events_are_no_bells_for_payments(stripe, kind):
    assert stripe.parse_bell(thin(kind), signed(thin(kind))).ref == ""


def test_an_event_about_nothing_is_no_bell(stripe):
    body = thin("v1.something.new", related=False)
    assert stripe.parse_bell(body, signed(body)).ref == ""


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (thin(), {}),
        (thin(), {"Stripe-Signature": "nonsense"}),
        (thin(), signed(thin(), "whsec_wrong")),
        (thin(), signed(thin(id="evt_2"))),
        (thin(), signed(thin(), at=int(time.time()) - 301)),
        (b"\xff\xfe", {"Stripe-Signature": "t=1,v1=0"}),
        (b"[]", signed(b"[]")),
        (b"no json", signed(b"no json")),
        (b"{}", signed(b"{}")),
        (b'{"object":"event","id":"evt_1","type":"x"}', signed(b'{"object":"event","id":"evt_1","type":"x"}')),
    ],
)
def test_what_is_not_surely_from_the_provider_is_refused(stripe, body, headers):
    with pytest.raises(BadBell):
        stripe.parse_bell(body, headers)


def test_without_a_secret_every_bell_is_refused(stripe, settings):
    settings.STRIPE_WEBHOOK_SECRETS = []
    with pytest.raises(BadBell):
        stripe.parse_bell(thin(), signed(thin()))


@pytest.mark.parametrize(("key", "test"), [("sk_test_1", True), ("rk_test_1", True), ("sk_live_1", False)])
def test_test_mode_is_read_from_the_key(settings, key, test):
    settings.STRIPE_SECRET_KEY = key
    assert StripeGateway().test_mode is test
