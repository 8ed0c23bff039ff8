"""Folding the provider's answers: order and repetition do not matter, nothing ever goes back."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.fold import Known, Mismatch, fold
from payments.gateways.base import Phase, ProviderState
from payments.states import PAYMENT_MOVES, PaymentState

NEW = Known("p", PaymentState.CREATED, 3000)
OPEN = ProviderState("cs", "p", Phase.OPEN, 3000, "eur")
PROCESSING = replace(OPEN, phase=Phase.PROCESSING)
FAILED = replace(OPEN, phase=Phase.FAILED)
EXPIRED = replace(OPEN, phase=Phase.EXPIRED)
PAID = replace(OPEN, phase=Phase.SUCCEEDED, captured_cents=3000)
PART = replace(PAID, refunded_cents=1000)
BACK = replace(PAID, refunded_cents=3000)
# What can really happen at the provider, one after the other.
HISTORIES = [
    (OPEN, PAID),
    (OPEN, EXPIRED),
    (OPEN, EXPIRED, PAID),
    (OPEN, PROCESSING, PAID),
    (OPEN, PROCESSING, FAILED),
    (OPEN, PROCESSING, FAILED, PAID),
    (OPEN, PAID, PART, BACK),
]


def heard(answers, known=NEW):
    for answer in answers:
        known = fold(answer, known)
    return known


@pytest.mark.parametrize("history", HISTORIES)
def test_any_order_of_the_answers_ends_the_same(history):
    expected = heard(history)
    assert {heard(order) for order in itertools.permutations(history)} == {expected}


@given(st.sampled_from(HISTORIES), st.data())
def test_any_repetition_of_the_answers_ends_the_same(history, data):
    extra = data.draw(st.lists(st.sampled_from(history), max_size=12))
    order = data.draw(st.permutations([*history, *extra]))
    assert heard(order) == heard(history)


@given(st.sampled_from(HISTORIES), st.data())
def test_missing_answers_do_not_matter_if_the_last_is_heard(history, data):
    some = data.draw(st.lists(st.sampled_from(history)))
    assert heard([*some, history[-1]]) == heard(history)


@given(st.lists(st.sampled_from([OPEN, PROCESSING, FAILED, EXPIRED, PAID, PART, BACK])))
def test_nothing_goes_back_whatever_is_heard(answers):
    known = NEW
    for answer in answers:
        then = fold(answer, known)
        assert then.captured_cents >= known.captured_cents
        assert then.refunded_cents >= known.refunded_cents
        assert then.state == known.state or then.state in PAYMENT_MOVES[known.state]
        known = then


@given(st.sampled_from([OPEN, PROCESSING, FAILED, EXPIRED, PAID, PART, BACK]))
def test_hearing_the_same_twice_says_nothing_new(answer):
    once = fold(answer, NEW)
    assert fold(answer, once) == once


def test_success_without_money_is_not_success():
    assert fold(replace(PAID, captured_cents=0), NEW).state == PaymentState.PROCESSING


@pytest.mark.parametrize(
    "other",
    [
        replace(PAID, payment_id="q"),
        replace(PAID, amount_cents=2999),
        replace(PAID, currency="usd"),
        replace(PAID, captured_cents=3001),
        replace(PAID, refunded_cents=3001),
        replace(PAID, captured_cents=-1),
    ],
)
def test_another_payment_amount_or_currency_is_refused(other):
    with pytest.raises(Mismatch):
        fold(other, NEW)
