"""Text from outside comes in harmless, and cleaning it twice changes nothing more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox import texts

ANY = st.text(alphabet=st.characters(codec=None), max_size=300)


@given(ANY)
def test_cleaning_is_stable_and_leaves_nothing_invisible(text):
    clean = texts.many_lines(text)
    assert texts.many_lines(clean) == clean
    assert not any(ord(char) < 32 and char not in "\n\t" for char in clean)
    clean.encode()


@given(ANY)
def test_one_line_is_one_line_of_bounded_length(text):
    line = texts.one_line(text, 20)
    assert len(line) <= 20
    assert len(line.splitlines()) <= 1


@given(ANY)
def test_a_file_name_is_never_a_path_and_never_empty(text):
    name = texts.file_name(text)
    assert name
    assert len(name) <= texts.FILE_NAME_LENGTH
    assert not set(name) & set('/\\:*?"<>|\r\n\x00')
    assert not name.startswith(".")


def test_words_and_paragraphs_survive():
    assert texts.many_lines(" Grüß Gott,\r\n\r\nStraße\tłódź\r ") == "Grüß Gott,\n\nStraße\tłódź"


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("Bescheid für Müller.pdf", "Bescheid für Müller.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ("Rechnung\u202efdp.exe", "Rechnungfdp.exe"),
        ("", "Anlage"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_file_names(given_name, kept):
    assert texts.file_name(given_name) == kept
