"""Folding, filler, parts of compounds."""

from hypothesis import given
from hypothesis import strategies as st

from portal.directory import words


def test_both_ways_to_write_without_umlauts():
    assert words.fold("FÜHRERSCHEIN") == ("fuehrerschein", "fuhrerschein")
    assert words.fold("Straße") == ("strasse", "strasse")
    assert words.fold("Şahin") == ("sahin", "sahin")


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text):
    for form in words.fold(text):
        assert words.fold(form)[0] == words.fold(words.fold(form)[0])[0]


def test_filler_is_left_out_unless_it_is_all_there_is():
    assert words.of_search("Wo kann ich meinen Perso verlängern?") == ["Perso", "verlängern"]
    assert words.of_search("wo ist das") == ["wo", "ist", "das"]
    assert words.of_search("?! \x01") == []


def test_a_gendered_word_is_one_word():
    assert words.of_text("Bürger*innen und Ärzt:innen") == ["Bürgerinnen", "und", "Ärztinnen"]


def test_a_search_is_cut_to_what_a_person_would_type():
    found = words.of_search("wort " * 10 + " ".join(f"w{n}x" for n in range(500)))
    assert len(found) == words.MOST_WORDS
    assert all(len(word) <= words.LONGEST for word in words.of_search("x" * 10_000))


def test_the_parts_of_a_compound():
    found = words.parts("kitaplatz")
    assert {"kita", "platz"} <= set(found)
    assert words.parts("hund") == []
