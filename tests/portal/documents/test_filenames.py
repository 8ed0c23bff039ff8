"""File names are shown, stored and offered for download: nothing invisible, nothing that leads elsewhere."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.documents.filenames import MAX_LENGTH, clean


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("Führerschein.pdf", "Führerschein.pdf"),
        (unicodedata.normalize("NFD", "Führerschein.pdf"), "Führerschein.pdf"),
        ("..\\..\\windows\\brief.pdf", "brief.pdf"),
        ("/etc/passwd", "passwd"),
        ("rechnung\u202efdp.exe", "rechnungfdp.exe"),
        ("Fahr\u00adzeug\u200b.pdf", "Fahrzeug.pdf"),
        ('a\r\nSet-Cookie: "x".pdf', "a Set-Cookie x .pdf"),
        ("  ..pdf. ", "pdf"),
        ("...", "Datei"),
        ("", "Datei"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_are_cleaned(given_name, expected):
    assert clean(given_name) == expected


@given(st.text())
def test_a_clean_name_is_short_visible_and_stays_as_it_is(name):
    cleaned = clean(name)
    assert 0 < len(cleaned) <= MAX_LENGTH
    assert not set(cleaned) & set('/\\\r\n\0"<>\u202e')
    assert clean(cleaned) == cleaned
