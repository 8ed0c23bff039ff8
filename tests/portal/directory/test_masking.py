"""The matter stays, the person goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.directory.masking import LONGEST, mask

PERSONAL = [
    ("erika@muster.de Strafzettel", "erika"),
    ("Mahnung 4711-0815 bezahlen", "4711"),
    ("Kennzeichen M-AB 1234", "1234"),
    ("Ich heiße Xaver Hinterhuber und ziehe um", "Hinterhuber"),
    ("mein Name ist Zoë Łuczak", "Łuczak"),
    ("Herr Dr. Bräsig Bescheid", "Bräsig"),
    ("Frau Öztürk sucht Kita", "Öztürk"),
    ("Akte von Maria Hinterhuber", "Hinterhuber"),
    ("für meinen Sohn Lukas", "Lukas"),
    ("Ruppertstraße 19 Baum fällen", "Ruppert"),
    ("Implerstr. 11a Lärm", "Implerstr"),
    ("https://x.invalid/?token=abc hilfe", "token"),
    ("DE02120300000000202051 abbuchen", "DE02"),
    ("geboren 27.03.1984 Urkunde", "1984"),
    ("089 233 96000 anrufen", "233"),
]


@pytest.mark.parametrize(("text", "secret"), PERSONAL)
def test_what_leads_to_a_person_is_gone(text, secret):
    assert secret.lower() not in mask(text).lower()


def test_the_matter_stays():
    assert mask("Strafzettel bezahlen") == "Strafzettel bezahlen"
    assert mask("Hund in der Wohnung") == "Hund in der Wohnung"
    assert "ziehe um" in mask("Ich heiße Xaver Hinterhuber und ziehe um")


@pytest.mark.parametrize("text", ["", "  ", "12345", "erika@muster.de", "Maria Huber", "?!"])
def test_where_nothing_else_is_left_nothing_is_kept(text):
    assert mask(text) == ""


@given(st.text(max_size=200))
def test_no_digit_and_no_mail_address_ever_stays(text):
    masked = mask(text)
    assert len(masked) <= LONGEST
    assert not any(sign.isdigit() for sign in masked)
    assert "@" not in masked
