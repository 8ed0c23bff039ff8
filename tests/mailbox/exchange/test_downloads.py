"""Ranges by RFC 9110, and all files as one archive."""

import io
import zipfile

import pytest

from mailbox.exchange import actions
from mailbox.exchange.downloads import Span, Unsatisfiable, span
from mailbox.exchange.models import AccessLog
from mailbox.exchange.records import RECORD
from mailbox.exchange.vault import path

pytestmark = pytest.mark.django_db
DATA = bytes(range(256)) * 9000  # three records


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", None),
        ("bytes=0-9", Span(0, 10)),
        ("bytes=5-", Span(5, 100)),
        ("bytes=-5", Span(95, 100)),
        ("bytes=-500", Span(0, 100)),
        ("bytes=0-999", Span(0, 100)),
        ("bytes=99-99", Span(99, 100)),
        ("bytes=0-0,5-9", None),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("items=0-5", None),
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_a_range_is_one_stretch_or_none(header, found):
    assert span(header, 100) == found


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0)])
def test_a_range_without_a_byte_is_unsatisfiable(header, size):
    with pytest.raises(Unsatisfiable):
        span(header, size)


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [("bytes=0-0", 0, 1), (f"bytes={RECORD - 1}-{RECORD}", RECORD - 1, RECORD + 1), ("bytes=-3", -3, None)],
)
def test_a_part_over_the_edges_of_records(line, header, start, stop):
    line.clean(DATA)
    answer = line.client.get(f"/austausch/{line.room}/datei/1/", headers={"range": header})
    expected = DATA[start:stop]
    assert (answer.status_code, body(answer)) == (206, expected)
    assert answer["Content-Length"] == str(len(expected))
    assert answer["Content-Range"].endswith(f"/{len(DATA)}")


def test_the_whole_file_says_that_parts_are_possible(line):
    file = line.clean(DATA)
    answer = line.client.get(f"/austausch/{line.room}/datei/1/")
    assert (answer.status_code, body(answer)) == (200, DATA)
    assert (answer["Accept-Ranges"], answer["ETag"]) == ("bytes", f'"{file.sha256}"')


def test_a_part_of_a_file_that_was_another_one_is_the_whole(line):
    line.clean(DATA)
    headers = {"range": "bytes=5-", "if-range": '"another"'}
    assert line.client.get(f"/austausch/{line.room}/datei/1/", headers=headers).status_code == 200


def test_a_range_behind_the_end_is_refused_with_the_size(line):
    line.clean(b"abc")
    answer = line.client.get(f"/austausch/{line.room}/datei/1/", headers={"range": "bytes=3-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */3")


def test_an_empty_file_comes_out_empty(line):
    line.clean(b"")
    assert body(line.client.get(f"/austausch/{line.room}/datei/1/")) == b""


def test_a_damaged_file_is_no_answer_with_half_of_it(line):
    file = line.clean(DATA)
    stored = path(file.upload)
    stored.write_bytes(stored.read_bytes()[:-1])
    stored.unlink()
    answer = line.client.get(f"/austausch/{line.room}/datei/1/")
    assert answer.status_code == 503
    assert not AccessLog.objects.filter(event="downloaded").exists()


def test_all_files_come_as_one_archive_that_a_foreign_program_opens(line):
    line.clean(DATA, "Pläne.pdf")
    line.clean(b"zwei", "Pläne.pdf")
    line.clean(b"", "leer")
    line.upload(b"noch nicht geprueft", "wartet.txt")
    answer = line.client.get(f"/austausch/{line.room}/alles/")
    with zipfile.ZipFile(io.BytesIO(body(answer))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["Pläne.pdf", "Pläne (2).pdf", "leer"]
        assert archive.read("Pläne.pdf") == DATA


def test_a_room_without_clean_files_has_no_archive(line):
    line.upload(b"abc")
    assert line.client.get(f"/austausch/{line.room}/alles/").status_code == 404


def test_a_deleted_file_is_in_no_archive(line):
    from mailbox.exchange.access import Visitor

    actions.delete_file(line.clean(b"abc", "a"), Visitor(line.room))
    line.clean(b"def", "b")
    with zipfile.ZipFile(io.BytesIO(body(line.client.get(f"/austausch/{line.room}/alles/")))) as archive:
        assert archive.namelist() == ["b"]
