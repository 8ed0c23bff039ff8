"""Each glyph of a letter says the character it shows, however the text layout took the letter apart."""

import unicodedata

import pytest

from portal.documents import fonts, glyphs

W, DOT, UMLAUT, FI, SWASH = 301, 2533, 12, 746, 999
OWN = {W: "W", DOT: "\u0307", UMLAUT: "ü", FI: "\ufb01"}


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ({W: "", DOT: "Ẇ"}, {W: "W", DOT: "\u0307"}),
        ({W: "Ẇ", DOT: ""}, {W: "W", DOT: "\u0307"}),
        ({W: "W", DOT: "\u0307"}, {W: "W", DOT: "\u0307"}),
        ({UMLAUT: "ü"}, {UMLAUT: "ü"}),
        ({FI: "fi"}, {FI: "fi"}),  # a ligature is two letters, not its sign
        ({SWASH: ""}, {SWASH: "\u200b"}),
        ({SWASH: "Q"}, {SWASH: "Q"}),
    ],
)
def test_each_part_of_a_letter_says_what_it_is(written, mended):
    assert glyphs.mend(written, OWN) == mended


@pytest.mark.parametrize("face", sorted(fonts.FOLDER.glob("*.ttf")), ids=lambda path: path.stem)
def test_every_letter_of_our_faces_is_known_by_its_glyph(face):
    own = glyphs.own_characters(face.read_bytes())
    assert {"W", "ü", "\u0307", "\u0302"} <= set(own.values())
    assert all(len(character) == 1 for character in own.values())


def test_a_letter_taken_apart_is_the_same_letter_again():
    parts = glyphs.mend({W: "", DOT: "Ẇ"}, OWN)
    assert unicodedata.normalize("NFC", "".join(parts.values())) == "Ẇ"


def test_installing_twice_mends_once():
    import weasyprint.pdf

    glyphs.install()
    before = weasyprint.pdf.build_fonts_dictionary
    glyphs.install()
    assert weasyprint.pdf.build_fonts_dictionary is before
