"""What lies under a ticket opens with this ticket, for this use, in this place, and unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common import clock, tickets
from portal.common.crypto import CannotOpen


@given(st.binary(max_size=200), st.text(min_size=1, max_size=50), st.text(max_size=20))
def test_what_was_sealed_opens(plain, ticket, place):
    assert tickets.unseal(tickets.seal(plain, ticket, use="u", place=place), ticket, use="u", place=place) == plain


@pytest.mark.parametrize("change", [{"ticket": "other"}, {"use": "other"}, {"place": "other"}])
def test_with_anything_else_it_stays_shut(change):
    right = {"ticket": clock.token(), "use": "u", "place": "p"}
    sealed = tickets.seal(b"x", right["ticket"], use="u", place="p")
    wrong = right | change
    with pytest.raises(CannotOpen):
        tickets.unseal(sealed, wrong["ticket"], use=wrong["use"], place=wrong["place"])


@given(st.binary(max_size=60))
def test_bytes_that_were_never_sealed_stay_shut(rubbish):
    with pytest.raises(CannotOpen):
        tickets.unseal(rubbish, "t", use="u", place="p")


def test_a_digest_tells_nothing_and_is_always_the_same():
    assert tickets.digest("a") == tickets.digest("a") != tickets.digest("b")
    assert len(tickets.digest("a")) == 64
