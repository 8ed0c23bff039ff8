"""Uploads are limited while they arrive; what else was posted survives."""

import io

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from portal.documents import quota


def post(*files: SimpleUploadedFile) -> HttpRequest:
    # "zuletzt" stands behind the files in the body: it is lost if reading ends early.
    return RequestFactory().post("/", {"zuerst": "a", "datei": list(files), "zuletzt": "z"})


def test_small_and_middle_files_arrive_whole():
    request = post(SimpleUploadedFile("a.pdf", b"a" * 10), SimpleUploadedFile("b.pdf", b"b" * 3_000_000))
    assert [(file.name, file.size, len(file.read())) for file in request.FILES.getlist("datei")] == [
        ("a.pdf", 10, 10),
        ("b.pdf", 3_000_000, 3_000_000),
    ]
    assert quota.dropped(request) == []


def test_a_file_of_50_megabytes_is_dropped_and_the_rest_is_kept():
    request = post(SimpleUploadedFile("gross.pdf", b"x" * 50_000_000), SimpleUploadedFile("klein.pdf", b"k"))
    assert quota.dropped(request) == [quota.Dropped("datei", "gross.pdf", "size")]
    assert [file.name for file in request.FILES.getlist("datei")] == ["klein.pdf"]
    assert (request.POST["zuerst"], request.POST["zuletzt"]) == ("a", "z")


def test_the_limit_itself_still_fits(settings):
    settings.UPLOAD_MAX_BYTES = 100_000
    assert quota.dropped(post(SimpleUploadedFile("a", b"x" * 100_000))) == []
    assert quota.dropped(post(SimpleUploadedFile("a", b"x" * 100_001))) != []


def test_too_many_files_are_dropped_one_by_one():
    request = post(*[SimpleUploadedFile(f"{n}.pdf", b"x") for n in range(quota.MAX_FILES + 2)])
    assert [item.cause for item in quota.dropped(request)] == ["count", "count"]
    assert len(request.FILES.getlist("datei")) == quota.MAX_FILES
    assert request.POST["zuletzt"] == "z"


def test_an_absurd_request_is_not_read_at_all(settings):
    settings.UPLOAD_MAX_BYTES = 1000
    request = post(SimpleUploadedFile("a", b"x" * 500_000))
    assert [item.cause for item in quota.dropped(request)] == ["size"]
    assert request.POST["zuerst"] == "a"
    assert request._stream.read(1)


def test_an_upload_has_no_name_on_disk():
    file = post(SimpleUploadedFile("a", b"x" * (settings.FILE_UPLOAD_MAX_MEMORY_SIZE + 1))).FILES["datei"]
    assert file.file._rolled
    assert not isinstance(file.file.name, str)


@pytest.mark.parametrize("size", [0, 1])
def test_small_uploads_can_be_read_like_any_stream(size):
    file = post(SimpleUploadedFile("a", b"x" * size)).FILES["datei"]
    assert isinstance(file.file, io.IOBase) or hasattr(file.file, "read")
    assert file.size == size
