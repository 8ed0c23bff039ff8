"""One spelling for each address, or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox.topics import addresses
from mailbox.topics.addresses import NotAnAddress, fingerprint, normal


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Jo@Stadt.Example ", "jo@stadt.example"),
        ("jo@münchen.example", "jo@xn--mnchen-3ya.example"),
        ("jo@MÜNCHEN.example", "jo@xn--mnchen-3ya.example"),
        ("jo@mu\u0308nchen.example", "jo@xn--mnchen-3ya.example"),
        ("jo+rathaus@stadt.example", "jo+rathaus@stadt.example"),
        ("o'neil@stadt.example", "o'neil@stadt.example"),
    ],
)
def test_the_same_mailbox_has_the_same_spelling(typed, kept):
    assert normal(typed) == kept and normal(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", "@", "jo", "jo@", "@stadt.example", "jo@stadt", "jo@@stadt.example", "jo stadt@x.example", "jörg@x.de"),
        *("jo@stadt.example\r\nBcc: a@b.de", "jo@stadt.example\0", '"jo x"@stadt.example', "jo@[127.0.0.1]"),
        *("jo@stadt.example,li@stadt.example", "<jo@stadt.example>", "a" * 250 + "@x.de", "jo@" + "ä" * 70 + ".de"),
    ],
)
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(NotAnAddress):
        normal(typed)


@given(st.text(max_size=80) | st.emails())
def test_what_passes_is_one_plain_line_and_stays_itself(text):
    try:
        kept = normal(text)
    except NotAnAddress:
        return
    assert kept == normal(kept) and kept.isascii() and kept.isprintable() and kept.count("@") == 1
    assert not set(kept) & set(' <>,;"[]\r\n') and len(kept) <= addresses.LENGTH
    assert fingerprint(kept) == fingerprint(normal(kept.upper()))


def test_a_fingerprint_needs_the_houses_secret(settings):
    before = fingerprint("jo@stadt.example")
    settings.SECRET_KEY = "another secret of this house, long enough"
    assert len(before) == 64 and fingerprint("jo@stadt.example") != before
