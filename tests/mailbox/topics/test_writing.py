"""What editors may write, as HTML and as text: the same words, and nothing that acts."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from mailbox.topics import writing

BASE = "https://stadt.example"
TAGS = {"p", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "br"}


def read(text: str) -> writing.Written:
    return writing.read(text, base=BASE)


def test_headings_lists_links_and_emphasis_come_through():
    found = read("# Termine\n\nEin **fetter** *Satz*, [Link](/x/)\n\n1. eins\n2. zwei\n\n#### Klein")
    assert found.html.startswith('<h2 id="teil-1">Termine</h2>')
    assert f'<strong>fetter</strong> <em>Satz</em>, <a href="{BASE}/x/">Link</a>' in found.html
    assert "<ol><li>eins</li>" in found.html and "<h3>Klein</h3>" in found.html
    assert found.headings == (("teil-1", "Termine"),)


def test_the_text_has_its_addresses_and_marks():
    found = read("## Termine\n\n* [Rathaus](/x/)\n* <https://y.example/>\n  1. innen\n\nEnde")
    assert found.text == (
        "Termine\n=======\n\n* Rathaus <https://stadt.example/x/>\n* https://y.example/\n  1. innen\n\nEnde\n"
    )


@pytest.mark.parametrize(
    "source",
    [
        *("[x](javascript:alert(1))", "[x](data:text/html,x)", "[x](//boese.example/)"),
        *("[x](vbscript:x)", "[x](file:///etc/passwd)", "<javascript:alert(1)>", "[x](JaVaScRiPt:x)"),
    ],
)
def test_links_lead_nowhere_but_to_pages(source):
    assert "<a" not in read(source).html


@pytest.mark.parametrize("source", ["<b>x</b>", "<script>x</script>", "<!-- x -->", "![Bild](https://x.example/y.png)"])
def test_neither_html_nor_pictures_pass(source):
    assert set(re.findall(r"<([a-z0-9]+)", read(source).html)) <= {"p", "a"}


def test_long_lines_are_wrapped_but_addresses_stay_whole():
    address = "https://stadt.example/" + "x" * 100
    lines = read("wort " * 40 + f"<{address}>").text.splitlines()
    assert address in lines and max(len(line) for line in lines if line != address) <= writing.WIDTH


@hypothesis(max_examples=150, deadline=None)
@given(st.text(max_size=400) | st.text("#*_[]()<>!&\n -1.`:/\\ax\"'", max_size=120))
def test_no_input_gives_another_tag_or_attribute(source):
    found = read(source)
    tags = re.findall(r"<(/?)([a-z0-9]+)([^>]*)>", found.html)
    assert {tag for _slash, tag, _rest in tags} <= TAGS
    assert all(not rest or re.fullmatch(r' (id="teil-\d+"|href="[^"<>]*")', rest) for _slash, _tag, rest in tags)
    opened = [tag for slash, tag, _rest in tags if not slash and tag != "br"]
    assert sorted(opened) == sorted(tag for slash, tag, _rest in tags if slash)
    assert "<" not in re.sub(r"</?[a-z0-9]+[^>]*>", "", found.html)


@hypothesis(max_examples=80, deadline=None)
@given(st.lists(st.text("abcäöü", min_size=1, max_size=9), min_size=1, max_size=30))
def test_both_forms_have_the_same_words(words):
    found = read(" ".join(words))
    assert html.unescape(re.sub(r"<[^>]+>", " ", found.html)).split() == found.text.split() == words
