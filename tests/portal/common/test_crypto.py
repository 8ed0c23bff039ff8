"""Envelopes open only with their key, in their place, unchanged; rotation needs no re-sealing; disposal is final."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common import crypto

OLD = "old:" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
NEW = "new:" + "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="


@given(plain=st.binary(max_size=500), place=st.text(max_size=40))
def test_what_is_sealed_opens_again(plain, place):
    envelope = crypto.Envelope(crypto.new_wrapped_key())
    sealed = envelope.seal(plain, place)
    assert envelope.open(sealed, place) == plain
    assert sealed != envelope.seal(plain, place)


@pytest.mark.slow
@given(st.data())
def test_one_changed_byte_is_noticed(data):
    envelope = crypto.Envelope(crypto.new_wrapped_key())
    sealed = bytearray(envelope.seal(b"M-AB 1234", "draft:1:answers"))
    index = data.draw(st.integers(0, len(sealed) - 1))
    sealed[index] ^= data.draw(st.integers(1, 255))
    with pytest.raises(crypto.CannotOpen):
        envelope.open(bytes(sealed), "draft:1:answers")


def test_a_value_moved_to_another_row_does_not_open():
    envelope = crypto.Envelope(crypto.new_wrapped_key())
    with pytest.raises(crypto.CannotOpen):
        envelope.open(envelope.seal(b"x", "draft:1:answers"), "draft:2:answers")


def test_another_data_key_does_not_open():
    sealed = crypto.Envelope(crypto.new_wrapped_key()).seal(b"x", "p")
    with pytest.raises(crypto.CannotOpen):
        crypto.Envelope(crypto.new_wrapped_key()).open(sealed, "p")


def test_a_destroyed_key_says_so():
    with pytest.raises(crypto.KeyDestroyed):
        crypto.Envelope(None)


def test_rotation_keeps_sealed_values_readable(settings):
    settings.KEY_ENCRYPTION_KEYS = OLD
    wrapped = crypto.new_wrapped_key()
    sealed = crypto.Envelope(wrapped).seal(b"x", "p")
    settings.KEY_ENCRYPTION_KEYS = f"{NEW},{OLD}"
    rewrapped = crypto.rewrap(wrapped)
    settings.KEY_ENCRYPTION_KEYS = NEW
    assert crypto.kek_id(rewrapped) == "new"
    assert crypto.Envelope(rewrapped).open(sealed, "p") == b"x"
    with pytest.raises(crypto.CannotOpen):
        crypto.Envelope(wrapped)


@pytest.mark.parametrize("text", ["", "a", "a:###", "a:QUFB", ":QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="])
def test_nonsense_keys_are_refused(text):
    with pytest.raises(ValueError, match="Schlüssel"):
        crypto.parse_keks(text)
