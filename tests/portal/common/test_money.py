from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common import formats, money

cents = st.integers(-money.MAX_CENTS, money.MAX_CENTS)


@given(cents)
def test_what_is_written_reads_back(amount):
    assert money.parse_eur(formats.eur(amount)) == amount
    assert money.from_decimal(money.to_decimal(amount)) == amount


@pytest.mark.parametrize(("text", "amount"), [("30", 3000), ("30,5", 3050), ("1.234,50 €", 123450), ("0,01 EUR", 1)])
def test_people_write_amounts_in_several_ways(text, amount):
    assert money.parse_eur(text) == amount


@pytest.mark.parametrize("text", ["", "30.50", "1,234.50", "dreißig", "1e5", "3,999", "1.23,00", "999.999.999.999"])
def test_anything_else_gets_a_sentence(text):
    with pytest.raises(money.BadAmount, match=r"Betrag .*\.$"):
        money.parse_eur(text)


def test_half_a_cent_is_rounded_away_from_zero():
    assert (money.from_decimal(Decimal("0.005")), money.from_decimal(Decimal("-0.005"))) == (1, -1)
