"""Hostile and broken files: each is refused with a line and a sentence, fast and without asking anybody."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_engine.fim import reader
from forms_engine.fim.xml import MAX_ATTRIBUTE, MAX_DEPTH, FimError, parse
from tests.forms_engine.fim.samples import HUND

HEAD = "<?xml version='1.0' encoding='UTF-8'?>"
LAUGHS = f"""{HEAD}
<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;"><!ENTITY z "&y;&y;&y;&y;&y;&y;&y;&y;">]>
<a>&z;&z;&z;</a>"""
OUTSIDE = f"""{HEAD}
<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<a>&x;</a>"""


@pytest.mark.parametrize(
    ("data", "line", "sentence"),
    [
        (b"", 0, "Die Datei ist leer."),
        (b" \n\t", 0, "Die Datei ist leer."),
        (b"\0\0\0\0", 0, "Die Datei ist leer."),
        (LAUGHS.encode(), 2, "DOCTYPE"),
        (OUTSIDE.encode(), 2, "DOCTYPE"),
        (b"<!DOCTYPE a SYSTEM 'http://boese.invalid/a.dtd'><a/>", 1, "DOCTYPE"),
        (b"<a>&unbekannt;</a>", 1, "wohlgeformtes"),
        (b"<a><b></a>", 1, "wohlgeformtes"),
        (b"kein xml", 1, "wohlgeformtes"),
        (b"<a/><b/>", 1, "wohlgeformtes"),
        (b"<a>\xff\xfe</a>", 1, "wohlgeformtes"),
        (b"<?xml version='1.0' encoding='utf-7'?><a/>", 1, "utf-7"),
        (b"<?xml version='1.0' encoding='shift_jis'?><a/>", 1, "shift_jis"),
        (b"<?xml version='1.0' encoding='utf-16'?><a/>", 1, "utf-16"),
        (("<a>" * (MAX_DEPTH + 1)).encode(), 1, "zu tief"),
        (f"<a b='{'x' * (MAX_ATTRIBUTE + 1)}'/>".encode(), 1, "Attribut"),
        (b"<a>" + b"<relation>" * 200, 1, "zu tief"),
    ],
)
def test_a_hostile_file_is_refused_with_line_and_sentence(data, line, sentence):
    with pytest.raises(FimError) as refused:
        parse(data)
    problem = refused.value.problems[0]
    assert problem.line == line and sentence in problem.sentence


def test_a_text_without_end_is_refused():
    with pytest.raises(FimError, match="länger als"):
        parse(b"<a>" + b"x" * 600_000 + b"</a>")


def test_relations_are_counted_and_never_kept():
    root = parse(b"<a>" + b"<relation><x>1</x></relation>" * 1000 + b"<b>da</b></a>")
    assert root.skipped == 1000 and [child.name for child in root.children] == ["b"] and root.text == ""


def test_a_file_of_relations_is_read_in_no_time():
    began = time.process_time()
    assert parse(b"<a>" + b"<relation><x>1</x><y>2</y></relation>" * 60_000 + b"</a>").skipped == 60_000
    assert time.process_time() - began < 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_encodings_of_real_editors_are_read(encoding):
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    root = parse(mark + "<a>Straße</a>".encode(encoding))
    assert root.text == "Straße"


def test_latin_1_is_read_where_it_is_declared():
    assert parse("<?xml version='1.0' encoding='ISO-8859-1'?><a>Größe</a>".encode("latin-1")).text == "Größe"


def test_every_node_knows_line_and_column_also_in_a_file_of_one_line():
    root = parse(b"<a><b/><c/></a>")
    assert [(child.line, child.column) for child in root.children] == [(1, 4), (1, 8)]


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_the_answer_is_a_tree_or_a_sentence(data):
    try:
        reader.read(data)
    except FimError as error:
        assert error.problems and all(problem.sentence for problem in error.problems)


@given(st.integers(0, len(HUND) - 1), st.sampled_from([b"<", b">", b"&", b"\0", b"\xff", b"x", b""]))
def test_one_damaged_byte_never_breaks_the_reader(at, byte):
    try:
        reader.read(HUND[:at] + byte + HUND[at + 1 :])
    except FimError as error:
        assert all(problem.sentence.endswith(".") for problem in error.problems)
