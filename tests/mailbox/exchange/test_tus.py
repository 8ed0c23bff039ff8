"""The tus protocol, sentence by sentence (tus.io/protocols/resumable-upload, version 1.0.0)."""

import base64
import datetime as dt
import email.utils
import hashlib

import pytest
from django.db import connection

from mailbox.exchange import actions, uploads
from mailbox.exchange.models import Upload
from portal.common import clock
from tests.mailbox.exchange.tus_client import BODY, row

DATA = b"Grundriss " * 120_000  # two records


def sha1(data: bytes) -> str:
    return "sha1 " + base64.b64encode(hashlib.sha1(data).digest()).decode()


# --- what every answer carries


def _answers(line):
    path = line.begin(3)
    yield line.ask("OPTIONS", line.collection)
    yield line.announce(5)
    yield line.announce("x")
    yield line.head(path)
    yield line.patch(path, 0, b"abc")
    yield line.patch(path, 0, b"abc")
    yield line.ask("GET", path)
    yield line.head(line.collection + "00000000-0000-0000-0000-000000000007")
    yield line.ask("HEAD", path, tus=None)


def test_every_answer_names_the_version(line):
    assert {answer["Tus-Resumable"] for answer in _answers(line)} == {"1.0.0"}


def test_no_answer_may_be_stored(line):
    assert {answer["Cache-Control"] for answer in _answers(line)} == {"no-store"}


def test_options_says_what_is_offered_and_needs_no_version(line):
    answer = line.ask("OPTIONS", line.collection, tus=None)
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,expiration,checksum,termination"
    assert answer["Tus-Max-Size"] == "5368709120"
    assert "sha1" in answer["Tus-Checksum-Algorithm"].split(",")


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0.1", "1"])
@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_another_version_is_refused_with_ours_and_changes_nothing(line, method, version):
    path = line.begin(3)
    target = line.collection if method == "POST" else path
    answer = line.ask(method, target, b"abc" if method == "PATCH" else b"", tus=version, upload_offset=0)
    assert answer.status_code == 412
    assert answer["Tus-Version"] == "1.0.0"
    assert row(path).offset == 0
    assert Upload.objects.count() == 1


def test_no_other_site_is_told_that_it_may_ask(line):
    """The answer a browser needs before it lets a foreign page send Tus-Resumable."""
    answer = line.ask("OPTIONS", line.collection, origin="https://evil.invalid", access_control_request_method="PATCH")
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_a_foreign_page_caused_is_refused(line, site):
    assert line.announce(3, sec_fetch_site=site).status_code == 403
    assert not Upload.objects.exists()


# --- creation


def test_a_new_upload_has_an_address_of_its_own(line):
    first, second = line.announce(3), line.announce(3)
    assert first.status_code == second.status_code == 201
    assert first["Location"] != second["Location"]
    assert line.head(first["Location"].removeprefix("http://testserver"))["Upload-Offset"] == "0"


@pytest.mark.parametrize("length", [None, "", "-1", "1.5", "abc", "1" * 19, "٣"])
def test_a_length_that_is_no_number_is_refused(line, length):
    headers = {"upload_length": length}
    if length and not length.isascii():
        headers = {"upload_length": length.encode().decode("latin-1")}
    assert line.announce(0, **headers).status_code == 400
    assert not Upload.objects.exists()


def test_a_length_that_comes_later_is_not_offered_and_refused(line):
    assert line.announce(0, upload_length=None, upload_defer_length=1).status_code == 400


def test_more_than_the_largest_size_is_refused(line, settings):
    settings.EXCHANGE_MAX_BYTES = 100
    assert line.announce(101).status_code == 413
    assert line.announce(100).status_code == 201


def test_more_than_the_room_has_left_is_refused(line, room):
    type(room).objects.update(quota=1000)
    assert line.announce(600).status_code == 201
    assert line.announce(401).status_code == 413
    assert line.announce(400).status_code == 201


def test_an_empty_file_is_whole_at_once(line):
    path = line.begin(0)
    assert line.head(path)["Upload-Offset"] == line.head(path)["Upload-Length"] == "0"
    assert row(path).file.size == 0


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ("", "Anlage"),
        ("filename", "Anlage"),
        ("filename ", "Anlage"),
        ("is_confidential", "Anlage"),
        ("filename cGxhbi5wZGY=,is_confidential", "plan.pdf"),
        ("filename cGxhbi5wZGY=, filetype YXBwbGljYXRpb24vcGRm", "plan.pdf"),
        ("name w4RtdGVyLnBkZg==", "Ämter.pdf"),
    ],
)
def test_metadata_may_be_empty_and_keys_may_have_no_value(line, metadata, name):
    from mailbox.exchange.vault import Vault

    answer = line.announce(3, upload_metadata=metadata)
    assert answer.status_code == 201
    found = row(answer["Location"])
    assert Vault(found.room).about(found).name == name


def test_metadata_may_be_missing(line):
    assert line.announce(3, upload_metadata=None).status_code == 201


@pytest.mark.parametrize(
    "metadata",
    ["filename ???", "filename w4Q", "filename /w==", "a YQ==,a YQ==", "filename YQ== YQ==", "x " + "A" * 9000],
)
def test_metadata_that_is_no_base64_of_utf8_is_refused(line, metadata):
    assert line.announce(3, upload_metadata=metadata).status_code == 400


# --- core: HEAD


def test_head_says_how_far_and_how_long(line):
    path = line.begin(10)
    line.patch(path, 0, b"abcd")
    answer = line.head(path)
    assert (answer.status_code, answer["Upload-Offset"], answer["Upload-Length"]) == (200, "4", "10")
    assert answer.content == b""


def test_head_of_what_never_was_has_no_body(line):
    answer = line.head(line.collection + "00000000-0000-0000-0000-000000000007")
    assert (answer.status_code, answer.content) == (404, b"")
    assert "Upload-Offset" not in answer


def test_head_of_a_whole_upload_goes_on_to_answer(line):
    """The last answer may have been lost on its way."""
    file = line.upload(b"abc")
    assert line.head(f"{line.collection}{file.upload}")["Upload-Offset"] == "3"


# --- core: PATCH


def test_a_piece_moves_the_offset(line):
    path = line.begin(len(DATA))
    answer = line.patch(path, 0, DATA[:400_000])
    assert (answer.status_code, answer["Upload-Offset"], answer.content) == (204, "400000", b"")
    assert line.patch(path, 400_000, DATA[400_000:])["Upload-Offset"] == str(len(DATA))
    assert row(path).file.size == len(DATA)


@pytest.mark.parametrize("offset", [0, 3, 5, 10])
def test_a_piece_for_another_place_is_refused_and_changes_nothing(line, offset):
    path = line.begin(10)
    line.patch(path, 0, b"abcd")
    assert line.patch(path, offset, b"x").status_code == 409
    assert row(path).offset == 4


@pytest.mark.parametrize("offset", [None, "", "-1", "x"])
def test_a_piece_without_a_place_is_refused(line, offset):
    path = line.begin(10)
    assert line.patch(path, offset, b"x").status_code == 400


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", "multipart/form-data; boundary=x"])
def test_a_piece_of_another_type_is_refused(line, kind):
    path = line.begin(10)
    assert line.patch(path, 0, b"x", kind=kind).status_code == 415
    assert row(path).offset == 0


def test_more_than_was_announced_is_refused_whole(line):
    path = line.begin(3)
    assert line.patch(path, 0, b"abcd").status_code == 413
    assert row(path).offset == 0


def test_a_piece_for_what_never_was_is_refused(line):
    assert line.patch(line.collection + "00000000-0000-0000-0000-000000000007", 0, b"x").status_code == 404


def test_an_empty_piece_is_legal(line):
    path = line.begin(3)
    assert line.patch(path, 0, b"")["Upload-Offset"] == "0"


def test_a_whole_upload_takes_no_more(line):
    file = line.upload(b"abc")
    assert line.patch(f"{line.collection}{file.upload}", 3, b"d").status_code == 413
    assert line.patch(f"{line.collection}{file.upload}", 0, b"abc").status_code == 409


@pytest.mark.parametrize("method", ["PATCH", "HEAD", "DELETE"])
def test_the_method_may_stand_in_a_header(line, method):
    path = line.begin(3)
    answer = line.ask(
        "POST", path, b"abc" if method == "PATCH" else b"", upload_offset=0, x_http_method_override=method
    )
    assert answer.status_code == {"HEAD": 200}.get(method, 204)


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_other_methods_are_refused(line, method):
    assert line.ask(method, line.begin(3)).status_code == 405


def test_who_writes_second_is_told_at_once(line):
    path = line.begin(3)
    other = connection.copy()  # another process
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [row(path).public_id.int >> 65])
        assert line.patch(path, 0, b"abc").status_code == 423
        assert line.ask("DELETE", path).status_code == 423
    finally:
        other.close()
    assert line.patch(path, 0, b"abc").status_code == 204  # a process that died holds nothing


# --- expiration


def test_an_unfinished_upload_says_when_it_is_given_up(line):
    start = clock.now().replace(microsecond=0)
    with clock.frozen(start):
        answer = line.announce(10)
    assert email.utils.parsedate_to_datetime(answer["Upload-Expires"]) == start + uploads.KEPT
    with clock.frozen(start + dt.timedelta(minutes=30)):
        answer = line.patch(answer["Location"].removeprefix("http://testserver"), 0, b"abc")
    later = start + dt.timedelta(minutes=30) + uploads.KEPT
    assert email.utils.parsedate_to_datetime(answer["Upload-Expires"]) == later


def test_no_upload_outlives_its_room(line, room):
    type(room).objects.update(expires_at=clock.now() + dt.timedelta(hours=2))
    assert email.utils.parsedate_to_datetime(line.announce(10)["Upload-Expires"]) < clock.now() + dt.timedelta(hours=3)


def test_a_whole_upload_does_not_expire(line):
    path = line.begin(3)
    assert "Upload-Expires" not in line.patch(path, 0, b"abc")
    Upload.objects.update(expires_at=clock.now() - dt.timedelta(days=3))
    assert line.head(path).status_code == 200


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_an_expired_upload_is_gone(line, method):
    path = line.begin(3)
    Upload.objects.update(expires_at=clock.now() - dt.timedelta(seconds=1))
    answer = line.ask(method, path, b"abc" if method == "PATCH" else b"", upload_offset=0)
    assert answer.status_code == 410
    assert row(path).offset == 0


# --- checksum


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512", "md5"])
def test_a_piece_with_the_right_checksum_is_kept(line, algorithm):
    path = line.begin(len(DATA))
    promise = f"{algorithm} {base64.b64encode(hashlib.new(algorithm, DATA).digest()).decode()}"
    assert line.patch(path, 0, DATA, upload_checksum=promise).status_code == 204
    assert row(path).is_whole


def test_a_piece_with_a_wrong_checksum_is_dropped_and_may_come_again(line):
    path = line.begin(len(DATA))
    assert line.patch(path, 0, DATA, upload_checksum=sha1(b"anderes")).status_code == 460
    assert line.head(path)["Upload-Offset"] == "0"
    assert line.patch(path, 0, DATA, upload_checksum=sha1(DATA)).status_code == 204


@pytest.mark.parametrize("promise", ["crc32 AAAA", "sha1 ???", "sha1", "shake_128 AAAA", ""])
def test_a_checksum_that_nobody_can_check_is_refused(line, promise):
    path = line.begin(3)
    expected = 460 if promise == "sha1" else 400  # an empty digest is one that no bytes have
    assert line.patch(path, 0, b"abc", upload_checksum=promise).status_code == expected
    assert row(path).offset == 0


# --- termination


def test_an_upload_can_be_given_up(line):
    path = line.begin(len(DATA))
    line.patch(path, 0, DATA[:1000])
    answer = line.ask("DELETE", path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert line.head(path).status_code == line.patch(path, 1000, b"x").status_code == 410
    assert row(path).sealed_key is None


def test_a_whole_file_is_not_given_up_behind_the_rooms_back(line):
    file = line.upload(b"abc")
    assert line.ask("DELETE", f"{line.collection}{file.upload}").status_code == 410
    file.refresh_from_db()
    assert file.deleted_at is None


def test_in_a_room_that_ended_everything_is_gone(line, room):
    path = line.begin(3)
    actions.end(room, by="owner:x")
    assert line.announce(3).status_code == 410
    assert line.head(path).status_code == line.patch(path, 0, b"abc").status_code == 410


def test_the_type_of_a_piece_may_be_written_in_any_case(line):
    assert line.patch(line.begin(3), 0, b"abc", kind=BODY.upper()).status_code == 204
