"""Clients of other houses, over a real gunicorn: whole, cut and resumed, and with the server killed under them."""

import hashlib
import random
import socket
import time

import pytest
from django.test import Client
from tusclient.client import TusClient

from mailbox.exchange import actions, records
from mailbox.exchange.models import RoomFile, Upload
from mailbox.exchange.vault import Vault
from tests.mailbox.exchange import foreign
from tests.mailbox.exchange.server import Server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
MEBI = 1024 * 1024
CANARY = b"Kanarienvogel Zitronengelb"


@pytest.fixture
def server(settings, tmp_path):
    with Server(settings.FILE_STORE) as running:
        yield running


@pytest.fixture
def room(alice):
    return actions.open_room(alice, purpose="Pläne", days=7)


@pytest.fixture
def cookie(alice):
    client = Client()
    client.force_login(alice)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


@pytest.fixture
def large(tmp_path):
    """large(n): a file of n MiB that does not compress, with the canary here and there."""

    def write(size: int):
        path = tmp_path / "plan.zip"
        noise = random.Random(size).randbytes(MEBI - len(CANARY)) + CANARY
        path.write_bytes(noise * size)
        return path

    return write


def sha256(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def arrived() -> str:
    """SHA-256 of the one file in the room, as it is read back."""
    file = RoomFile.objects.select_related("upload__room").get()
    pieces = records.read(Vault(file.upload.room).sealed(file.upload))
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def wait_for(share: float, size: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        row = Upload.objects.first()
        if row and row.offset >= share * size:
            return
        time.sleep(0.005)
    raise AssertionError("nothing arrives")


@pytest.mark.parametrize("piece", [5 * MEBI, 1024 * MEBI])
@pytest.mark.slow
def test_tus_js_client_uploads_is_cut_and_resumes(server, room, cookie, large, piece):
    path = large(24)
    endpoint = f"{server.address}/austausch/tus/{room}/"
    said = {"endpoint": endpoint, "file": str(path), "piece": piece, "cookie": cookie}
    cut = foreign.outcome(foreign.begin(**said, stopAt=9 * MEBI))
    assert cut["ended"] == "cut"
    whole = foreign.outcome(foreign.begin(**said, uploadUrl=cut["url"]))
    assert (whole["ended"], whole["url"]) == ("whole", cut["url"])
    assert arrived() == sha256(path)
    about = Vault(room).about(Upload.objects.get())
    assert (about.name, about.media_type) == ("Pläne für den Umbau.zip", "application/zip")


@pytest.mark.parametrize("checksum", [False, True])
@pytest.mark.sample(2)
def test_tuspy_uploads_is_cut_and_resumes(server, room, cookie, large, checksum):
    path = large(12)
    client = TusClient(f"{server.address}/austausch/tus/{room}/", headers={"Cookie": cookie})
    said = {"chunk_size": 5 * MEBI, "upload_checksum": checksum}
    first = client.uploader(str(path), **said)
    first.upload(stop_at=7 * MEBI)
    assert Upload.objects.get().offset == first.offset >= 7 * MEBI
    second = client.uploader(str(path), url=first.url, **said)
    second.upload()
    assert arrived() == sha256(path)


@pytest.mark.parametrize("kills", [1, 4])
@pytest.mark.slow
def test_kill_9_while_a_client_goes_on_loses_and_doubles_nothing(server, room, cookie, large, kills):
    size = 48 * (kills + 1)
    path = large(size)
    endpoint = f"{server.address}/austausch/tus/{room}/"
    with foreign.begin(endpoint=endpoint, file=str(path), piece=4 * MEBI, cookie=cookie) as process:
        for number in range(1, kills + 1):
            wait_for(number / (kills + 1.5), size * MEBI)
            server.kill()
            server.start()
        assert foreign.outcome(process)["ended"] == "whole"
    assert arrived() == sha256(path)
    assert Upload.objects.get().openings > kills


@pytest.mark.slow
def test_what_came_before_a_cut_is_kept(server, room, cookie):
    """A line that goes dead in the middle of a piece."""
    upload = _announced(room, 4 * MEBI)
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        head = (
            f"PATCH /austausch/tus/{room}/{upload} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
            "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
            f"Content-Length: {4 * MEBI}\r\n\r\n"
        )
        line.sendall(head.encode() + b"x" * MEBI)
        line.shutdown(socket.SHUT_WR)
        line.recv(1000)
    wait_for(1, MEBI)
    upload.refresh_from_db()
    assert upload.offset == MEBI


def _announced(room, length: int) -> Upload:
    from mailbox.exchange import uploads
    from mailbox.exchange.access import Visitor
    from mailbox.exchange.vault import About

    return uploads.create(Visitor(room), About("plan.zip"), length)


@pytest.mark.slow
def test_two_writers_at_once_one_wins_the_other_is_told(server, room, cookie):
    """The first one is in the middle of its piece, and stays there."""
    upload = _announced(room, MEBI)
    head = (
        f"PATCH /austausch/tus/{room}/{upload} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
        "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
        f"Content-Length: {MEBI}\r\nConnection: close\r\n\r\n"
    ).encode()
    address = ("127.0.0.1", server.port)
    with socket.create_connection(address) as first, socket.create_connection(address) as second:
        first.sendall(head + b"a" * 1000)
        deadline = time.monotonic() + 20
        while not Upload.objects.get().openings and time.monotonic() < deadline:
            time.sleep(0.01)
        second.sendall(head)
        assert second.recv(100).startswith(b"HTTP/1.1 423")
        first.sendall(b"a" * (MEBI - 1000))
        assert first.recv(100).startswith(b"HTTP/1.1 204")
    assert Upload.objects.get().openings == 1
    assert arrived() == hashlib.sha256(b"a" * MEBI).hexdigest()


@pytest.mark.slow
def test_no_plaintext_lies_on_the_disk(server, room, cookie, large, settings):
    path = large(3)
    client = TusClient(f"{server.address}/austausch/tus/{room}/", headers={"Cookie": cookie})
    client.uploader(str(path), metadata={"filename": CANARY.decode()}).upload()
    stored = [file for file in settings.FILE_STORE.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in stored) > 3 * MEBI
    assert not [file for file in stored if CANARY in file.read_bytes() or CANARY.decode() in str(file)]
    row = Upload.objects.values().get()
    assert CANARY not in b"".join(bytes(value) for value in row.values() if isinstance(value, memoryview | bytes))
