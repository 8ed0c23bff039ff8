import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.common import references as ref

digits = st.text("0123456789", min_size=1, max_size=20)


@given(digits)
def test_a_check_digit_is_valid(body):
    assert ref.is_valid(body + ref.check_digit(body))


@given(digits, st.data())
def test_one_wrong_digit_is_found(body, data):
    whole = body + ref.check_digit(body)
    index = data.draw(st.integers(0, len(whole) - 1))
    wrong = data.draw(st.sampled_from("0123456789"))
    assume(wrong != whole[index])
    assert not ref.is_valid(whole[:index] + wrong + whole[index + 1 :])


@given(digits, st.data())
def test_swapped_neighbours_are_found(body, data):
    whole = body + ref.check_digit(body)
    index = data.draw(st.integers(0, len(whole) - 2))
    assume(whole[index] != whole[index + 1])
    assert not ref.is_valid(whole[:index] + whole[index + 1] + whole[index] + whole[index + 2 :])


def test_numbers_have_their_shape():
    assert ref.is_file_number(ref.file_number("KVR", 2026, 42))
    assert not ref.is_file_number("KVR-2026-000042-" + str((int(ref.file_number("KVR", 2026, 42)[-1]) + 1) % 10))
    assert len(ref.cash_reference(108, 1)) == 13
    assert ref.is_valid(ref.mailbox_number(1))


@pytest.mark.parametrize(("area", "serial"), [(1000, 1), (-1, 1), (1, 10**9)])
def test_a_number_that_does_not_fit_is_refused(area, serial):
    with pytest.raises(ValueError, match="at most"):
        ref.cash_reference(area, serial)


def test_readable_codes_have_no_lookalikes():
    code = ref.readable_code()
    assert len(code) == 14
    assert not set(code) & set("01IOAEU")
