"""The return code: found however it was typed, made up by nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_engine.cases import returning
from portal.common.references import _CODE_LETTERS

NUMBERS = st.integers(min_value=1, max_value=10**11)


@given(NUMBERS, st.sampled_from(["{}", "Re: {} danke", "eingang+{}@stadt.de", "({})", "\n{}\n"]), st.booleans())
def test_it_is_found_in_any_text(number, frame, small):
    code = returning._code(number)
    text = frame.format(code.lower() if small else code)
    assert returning.found_in(text) == [code]


@given(NUMBERS, st.sampled_from(["", " ", ".", "_"]))
def test_it_may_be_written_without_its_dashes(number, between):
    head, *rest = returning._code(number).split("-")
    assert returning.found_in(head + between + between.join(rest)) == ["-".join([head, *rest])]


@given(NUMBERS, st.text(_CODE_LETTERS, min_size=8, max_size=8))
def test_a_made_up_one_counts_for_nothing(number, letters):
    made_up = f"R{number}-{letters[:4]}-{letters[4:]}"
    assert returning.found_in(made_up) == ([made_up] if made_up == returning._code(number) else [])


@given(st.text(max_size=300))
def test_no_text_breaks_the_search(text):
    returning.found_in(text)


@pytest.mark.parametrize("text", ["R0-BBBB-BBBB", "XR7-BBBB-BBBB", "R7-BBBB-BBBBB", "R" + "9" * 13 + "-BBBB-BBBB"])
def test_what_only_looks_like_one_is_none(text):
    assert returning.found_in(text) == []


def test_another_secret_makes_other_codes(settings):
    before = returning._code(7)
    settings.SECRET_KEY = "x" * 50
    assert returning._code(7) != before and returning.found_in(before) == []
