"""Patterns take what the engine of Python takes, refuse what only backtracking can do, and never take long."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_engine.definitions import patterns
from forms_engine.definitions.patterns import BadPattern

POSTCODE = "([0]{1}[1-9]{1}|[1-9]{1}[0-9]{1})[0-9]{3}"
MAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{1,63}$"


@pytest.mark.parametrize(
    ("pattern", "fits", "not_"),
    [
        (POSTCODE, ["80331", "01067"], ["00999", "8033", "803311", "8033a", ""]),
        (MAIL, ["a@b.de", "a.b+c@d.e.museum"], ["a@b", "@b.de", "a@b.de "]),
        (r"[\p{L}0-9. ]*", ["", "a1", "Ä. ß"], ["-", "a\n"]),
        (r"^\d{13}$", ["1234567890123"], ["123456789012", "١234567890123"]),
        (r"DE-\w\w(,DE-\w\w)*", ["DE-BY", "DE-BY,DE-HH"], ["DE-B", "DE-BY,", "DE-ÄÖ"]),
        (r"[^\d\s]+", ["abc"], ["a1", "a b", ""]),
        (r"\P{Lu}", ["a", "1"], ["A", "aa"]),
        (r"a?b{2,}c{0,2}", ["bb", "abbbcc"], ["b", "aabb", "bbccc"]),
        (r"(?:ab|c)+?", ["ab", "cab"], ["a", ""]),
        (r"[+-]?[\]\-\\]", ["]", "--", "\\"], ["+", "a"]),
        (r"\u00e4\x41\.", ["äA."], ["äAx"]),
        (r"a\$", ["a$"], ["a"]),
        (r"^a|b$", ["a", "b"], ["ab", "ax"]),
        (r".", ["x", "ä"], ["\n", ""]),
        ("", [""], ["a"]),
    ],
)
def test_the_whole_answer_has_to_fit(pattern, fits, not_):
    found = patterns.read(pattern)
    assert [text for text in fits if not found.fits(text)] == []
    assert [text for text in not_ if found.fits(text)] == []


SIMPLE = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", ".", r"\d", "1"]),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map(lambda some: f"(?:{'|'.join(some)})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "{0}"])).map(
            lambda p: f"({p[0]}){p[1]}"
        )
    ),
    max_leaves=6,
)


@pytest.mark.slow
@settings(max_examples=300)
@given(SIMPLE, st.text("ab1", max_size=7))
def test_it_judges_as_the_engine_of_python_does(pattern, text):
    assert patterns.read(pattern).fits(text) == bool(re.fullmatch(pattern, text))


@given(SIMPLE)
def test_its_example_fits_and_none_is_shorter_than_the_shortest(pattern):
    found = patterns.read(pattern)
    assert not found.example or found.fits(found.example)
    assert len(found.example) >= found.shortest or not found.example


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("(", "nicht geschlossen"),
        ("[a", "nicht geschlossen"),
        ("a)", "Klammer zu viel"),
        ("*a", "nicht möglich"),
        ("a**", "nicht möglich"),
        ("a^b", "nicht möglich"),
        ("[b-a]", "verkehrt herum"),
        ("a{3,2}", "größer als das Maximum"),
        (r"(a)\1", "gibt es hier nicht"),
        (r"\bfoo", "Wortgrenzen"),
        ("(?=a)", "Vorausschau"),
        (r"\p{IsLatin}", "gibt es hier nicht"),
        ("a" * 501, "mehr als 500 Zeichen"),
        ("[a-z]{501}", "mehr als 500 Stellen"),
        ("((a{99}){99}){99}", "mehr als 500 Stellen"),
        ("(" * 30 + "a" + ")" * 30, "stecken ineinander"),
        ("\\", "gibt es hier nicht"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_a_sentence(pattern, sentence):
    with pytest.raises(BadPattern, match=sentence):
        patterns.read(pattern)


@given(st.text(r"ab1()[]{}|*+?.^$\-,dpLu", max_size=40))
def test_no_text_breaks_the_reader(text):
    try:
        patterns.read(text).fits("ab1")
    except BadPattern as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|a)*", "(a*)*b", "(.*)*x", "((){9999}){9999}", "(a?){30}a{30}"])
def test_patterns_that_stall_other_engines_are_judged_at_once(pattern):
    began = time.process_time()
    patterns.read(pattern).fits("a" * 4000 + "!")
    assert time.process_time() - began < 1


def test_a_word_is_told_from_a_pattern():
    assert patterns.read("Mehrfachauswahl").single and not patterns.read("[ab]").single
    assert patterns.read("a{3}").single and not patterns.read("a?").single
