"""HTML of unknown origin becomes harmless, and its sentences stay what they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.directory import richtext

DANGEROUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<p onclick="x()" style="color:red" class="y">x</p>',
    "<svg><script>alert(1)</script></svg>",
    "<style>p{}</style><iframe src=//x></iframe>",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_nothing_that_acts_survives(text):
    found = richtext.clean(text)
    for bad in ("script", "onerror", "onclick", "style", "javascript", "data:", "class", "svg", "iframe", "alert(1)<"):
        assert bad not in found


def test_links_paragraphs_and_lists_survive():
    text = '<p>Ein <strong>Satz</strong> mit <a href="https://stadt.invalid/x">Link</a>.</p><ul><li>a</li></ul>'
    kept = richtext.clean(text)
    assert kept.replace(' rel="noopener noreferrer"', "") == text


def test_invisible_characters_and_hard_spaces_go():
    assert richtext.clean("<p>​Ge\u00adbühr:\u00a030&nbsp;Euro&#8203;</p>") == "<p>Gebühr: 30 Euro</p>"
    assert richtext.line("  a\u200b\u00a0 b\n") == "a b"


def test_breaks_at_the_edge_of_a_paragraph_leave_no_hole():
    assert richtext.clean("<p><br> Text <br>\n <br></p><p> </p>") == "<p>Text</p>"


@given(st.text(alphabet=st.sampled_from("<>/pbraliulo stx&;\"'=\u00a0\u200bä1"), max_size=60))
def test_cleaning_twice_is_cleaning_once(text):
    once = richtext.clean(text)
    assert richtext.clean(once) == once


def test_sentences_end_where_they_end():
    text = "<p>Das gilt z. B. für Hunde. Der 4. März zählt. Kommen Sie! Nr. 5 bleibt.</p><ul><li>Ein Punkt</li></ul>"
    assert richtext.sentences(text) == [
        "Das gilt z. B. für Hunde.",
        "Der 4. März zählt.",
        "Kommen Sie!",
        "Nr. 5 bleibt.",
        "Ein Punkt",
    ]


def test_a_table_row_is_one_line_without_its_head():
    table = "<table><caption>X</caption><thead><tr><th>A</th></tr></thead><tbody><tr><th>Neu</th><td>30 €</td></tr>"
    assert richtext.sentences(richtext.clean(table)) == ["Neu 30 €"]


def test_plain_text_becomes_paragraphs_and_lists():
    assert richtext.from_plain("a & b\n\nc") == "<p>a &amp; b</p><p>c</p>"
    assert richtext.from_list(["<b>", "x"]) == "<ul><li>&lt;b&gt;</li><li>x</li></ul>"
