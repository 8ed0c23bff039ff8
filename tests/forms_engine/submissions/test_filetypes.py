"""A file is what its bytes say; each cause of refusal has its own sentence."""

import io

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_engine.submissions import filetypes
from tests.forms_engine.submissions import samples

ALL = (filetypes.PDF, filetypes.JPEG, filetypes.PNG, filetypes.HEIC)


def sentence(data: bytes, allowed: tuple[str, ...] = ALL) -> str:
    with pytest.raises(filetypes.Refused) as refused:
        filetypes.examine(io.BytesIO(data), allowed)
    return refused.value.sentence


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (samples.pdf(), filetypes.PDF),
        (b"\xef\xbb\xbf\r\n" + samples.pdf(), filetypes.PDF),  # some scanners put a mark before the header
        (samples.jpeg(), filetypes.JPEG),
        (samples.png(), filetypes.PNG),
        (samples.heic(), filetypes.HEIC),
    ],
)
def test_good_files_are_recognised_and_rewound(data, expected):
    stream = io.BytesIO(data)
    assert filetypes.examine(stream, ALL) == expected
    assert stream.tell() == 0


def test_nothing_at_all_is_empty():
    assert "leer" in sentence(b"")


@pytest.mark.parametrize(
    "head",
    [b"MZ\x90\0", b"\x7fELF\x02", b"\xca\xfe\xba\xbe", b"#!/bin/sh\n", b"@ECHO off", b"\xcf\xfa\xed\xfe", b"dex\n035"],
)
def test_programs_are_refused_whatever_they_are_called(head):
    assert "Programm" in sentence(head + samples.pdf())


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"GIF89a", b"<html>", b"Hallo", b"\0" * 50, b"RIFF1234WEBP"])
def test_other_types_are_refused_with_the_types_that_go(data):
    assert sentence(data).endswith("vom Typ PDF, JPG, PNG oder HEIC.")


def test_a_good_type_is_refused_where_the_question_does_not_take_it():
    assert sentence(samples.png(), (filetypes.PDF,)).endswith("vom Typ PDF.")


@pytest.mark.parametrize("user", ["geheim", ""])
def test_a_locked_pdf_is_refused(user):
    assert "Kennwort" in sentence(samples.locked_pdf(user))


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7 hallo %%EOF", samples.pdf(3)[:-60], b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF"]
)
def test_a_broken_pdf_is_refused(data):
    assert "beschädigt" in sentence(data)


def test_a_pdf_without_pages_is_refused():
    assert "keine Seiten" in sentence(samples.pdf(0))


@pytest.mark.parametrize(
    "action",
    [
        pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")),
        pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("x")),
        pikepdf.Dictionary(S=pikepdf.Name.GoTo, Next=pikepdf.Array([pikepdf.Dictionary(S=pikepdf.Name.Launch)])),
        pikepdf.Dictionary(S=pikepdf.Name.Rendition, JS=pikepdf.String("x")),
    ],
)
def test_a_pdf_that_acts_is_refused_wherever_the_action_hides(action):
    assert "Programmcode" in sentence(samples.pdf(OpenAction=action))


def test_escaped_names_do_not_hide_an_action():
    plain = samples.pdf(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.Launch))
    escaped = plain.replace(b"/Launch", b"/L#61unch")
    assert escaped != plain
    assert "Programmcode" in sentence(escaped)


def test_words_of_actions_in_plain_text_are_no_action():
    assert filetypes.examine(io.BytesIO(samples.pdf(note="Kurs /JavaScript und /Launch")), ALL) == filetypes.PDF


@pytest.mark.parametrize("make", [samples.png, samples.jpeg, samples.heic])
def test_huge_pictures_are_refused_by_their_header(make):
    assert filetypes.examine(io.BytesIO(make(10_000, 10_000)), ALL)
    assert "Megapixel" in sentence(make(10_001, 10_000))


@pytest.mark.parametrize("data", [samples.png()[:20], samples.jpeg()[:12], samples.jpeg(0, 0), samples.heic()[:20]])
def test_broken_pictures_are_refused(data):
    assert "Bilddatei ist beschädigt" in sentence(data)


@given(st.sampled_from([b"", b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypheic"]), st.binary())
def test_any_bytes_end_in_a_type_or_a_sentence(head, rest):
    try:
        assert filetypes.examine(io.BytesIO(head + rest), ALL) in ALL
    except filetypes.Refused as refused:
        assert refused.sentence.endswith(".")
