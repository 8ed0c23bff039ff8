"""A file is what its bytes say; each cause of refusal has its own sentence."""

import io
import struct
import zipfile

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.documents import filetypes
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
    assert "Drucken Sie sie neu als PDF" in sentence(samples.pdf(OpenAction=action))


def test_escaped_names_do_not_hide_an_action():
    plain = samples.pdf(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.Launch))
    escaped = plain.replace(b"/Launch", b"/L#61unch")
    assert escaped != plain
    assert "startet andere Programme" in sentence(escaped)


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


LAUNCH = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("x"))
FILES = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array([])))
HIDDEN = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, EF=pikepdf.Dictionary())


@pytest.mark.parametrize(
    ("entry", "part"),
    [
        ({"OpenAction": LAUNCH}, "startet andere Programme"),
        ({"OpenAction": pikepdf.Dictionary(S=pikepdf.Name.JavaScript)}, "Programmcode"),
        ({"Names": FILES}, "stecken weitere Dateien"),
        ({"AF": pikepdf.Array([HIDDEN])}, "stecken weitere Dateien"),
    ],
)
def test_what_a_pdf_does_or_hides_has_its_own_sentence(entry, part):
    assert part in sentence(samples.pdf(**entry))


def test_a_pdf_that_only_speaks_of_such_things_passes():
    assert filetypes.examine(io.BytesIO(samples.pdf(note="/EmbeddedFiles /Launch /JS")), ALL) == filetypes.PDF


OFFICE = (filetypes.PDF, *filetypes.OFFICE)


@pytest.mark.parametrize("kind", filetypes.OFFICE)
def test_office_documents_are_told_by_what_is_in_them(kind):
    assert filetypes.examine(io.BytesIO(samples.office(kind)), OFFICE) == kind
    assert "Dateityp" in sentence(samples.office(kind), ALL)


@pytest.mark.parametrize(
    ("entries", "part"),
    [
        ({"word/media/a": b"\0" * 40_000_000}, "wird beim Öffnen riesig"),
        ({f"word/{n}": b"" for n in range(5000)}, "wird beim Öffnen riesig"),
        ({"word/vbaProject.bin": b"x"}, "Makros"),
        ({"../../etc/passwd": b"x"}, "beschädigt"),
    ],
)
def test_archives_that_swell_act_or_reach_out_are_refused(entries, part):
    assert part in sentence(samples.office(filetypes.DOCX, entries), OFFICE)


def test_entries_that_share_their_bytes_are_a_bomb():
    good = samples.office(filetypes.DOCX, {"word/a": b"x" * 500, "word/b": b"y" * 500})
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        first, second = (archive.getinfo(f"word/{name}").header_offset for name in "ab")
    place = good.rindex(struct.pack("<I", second))
    overlapping = good[:place] + struct.pack("<I", first) + good[place + 4 :]
    assert "riesig" in sentence(overlapping, OFFICE)


def test_a_locked_office_document_says_what_to_do():
    assert "ohne Kennwort" in sentence(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, OFFICE)
    good = bytearray(samples.office(filetypes.DOCX))
    good[good.index(b"PK\x01\x02") + 8] |= 1
    assert "mit einem Kennwort" in sentence(bytes(good), OFFICE)


@pytest.mark.parametrize("first", [samples.pdf(), samples.png(), samples.jpeg()])
def test_an_archive_behind_another_file_is_refused(first):
    hidden = first + samples.office(filetypes.DOCX)
    data = hidden + b"\n%%EOF" if first.startswith(b"%PDF") else hidden
    if first.startswith(b"%PDF"):  # the comment of the archive ends the PDF
        data = hidden[:-2] + struct.pack("<H", 6) + b"\n%%EOF"
    assert "zweite, versteckte Datei" in sentence(data)


def test_a_picture_that_is_also_a_pdf_is_refused():
    data = samples.png()[:33] + b"%PDF-1.4 " + samples.png()[33:]
    assert "zweite, versteckte Datei" in sentence(data)


@given(st.binary(max_size=400))
def test_an_archive_of_rubble_is_refused_and_nothing_breaks(rubble):
    good = samples.office(filetypes.DOCX)
    for data in (b"PK\x03\x04" + rubble, good[:-30] + rubble, good[:50] + rubble + good[50:]):
        try:
            filetypes.examine(io.BytesIO(data), OFFICE)
        except filetypes.Refused as refused:
            assert refused.sentence.endswith(".")
