"""The letters of names and texts against the table of DIN SPEC 91379 itself."""

import unicodedata
from xml.etree import ElementTree

import pytest

from forms_engine.definitions.letters import strange_in_name, strange_in_text
from tests.fimfiles import FOLDER, needed

LETTERS, MARKS, NAMES = {"bll"}, {"dc"}, {"bnlreq"}
TEXT = LETTERS | NAMES | {"bnl", "bnlopt", "bnlnot"}
OUTSIDE = {"gl", "cl", "enl"}


def table(groups):
    """Each character or sequence of the groups in NFC."""
    tree = ElementTree.parse(FOLDER / "din91379" / "latinchars-1.2.xml")
    for entry in tree.iter():
        if entry.get("group") in groups:
            points = next(one.text or "" for one in entry.iter() if one.tag.endswith("}cp"))
            yield unicodedata.normalize("NFC", "".join(chr(int(point, 16)) for point in points.split()))


@pytest.mark.sample(2)
@needed
@pytest.mark.parametrize(("strange", "groups"), [(strange_in_name, LETTERS | NAMES), (strange_in_text, TEXT)])
def test_all_normative_letters_are_taken_and_no_extended_ones(strange, groups):
    assert [text for text in table(groups) if strange(text)] == []
    assert [text for text in table(OUTSIDE) if not strange(text)] == []
    assert len(list(table(groups))) > 500


@needed
def test_signs_of_places_and_texts_are_none_of_names():
    assert [text for text in table(TEXT - LETTERS - NAMES) if not strange_in_name(text)] == []


def test_a_mark_needs_a_letter_before_it():
    assert strange_in_text("\u0302M") and not strange_in_text("M\u0302")
