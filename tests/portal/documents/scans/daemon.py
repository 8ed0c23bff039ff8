"""A small clamd on a real socket: speaks zVERSION and zINSTREAM, or misbehaves in the way a test asks for."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from portal.documents.scans.signatures import EICAR


class Daemon:
    """`mood`: fine, garbage, cut (hangs up before it answers), half (no end of the answer), mute, slow, limit."""

    def __init__(self, line: socket.socket, mood: str = "fine", limit: int = 10**9):
        self.line, self.mood, self.limit = line, mood, limit
        self.received = b""
        self.largest = 0

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.line.accept()
                with peer, contextlib.suppress(OSError):
                    peer.settimeout(5)
                    self._talk(peer)

    def _talk(self, peer: socket.socket) -> None:
        command = _until_zero(peer)
        if command == b"zVERSION":
            peer.sendall(b"ClamAV 1.4.3/27700/Sun Nov 22 2026\0")
        elif command == b"zINSTREAM":
            self._stream(peer)

    def _stream(self, peer: socket.socket) -> None:
        self.received = b""
        while length := struct.unpack(">I", _exactly(peer, 4))[0]:
            self.largest = max(self.largest, length)
            self.received += _exactly(peer, length)
            if len(self.received) > self.limit:
                peer.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        time.sleep({"mute": 3, "slow": 0.5}.get(self.mood, 0))
        answers = {"garbage": b"\xff\xfe nonsense OK\0", "cut": b"", "half": b"stream: OK", "mute": b""}
        clean = b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in self.received else b"stream: OK\0"
        peer.sendall(answers.get(self.mood, clean))


def _until_zero(peer: socket.socket) -> bytes:
    heard = b""
    while (byte := peer.recv(1)) not in (b"", b"\0"):
        heard += byte
    return heard


def _exactly(peer: socket.socket, size: int) -> bytes:
    heard = b""
    while len(heard) < size:
        piece = peer.recv(size - len(heard))
        if not piece:
            raise OSError("hung up")
        heard += piece
    return heard


@contextlib.contextmanager
def running(where: Path | None = None, **kwargs: object) -> Iterator[tuple[Daemon, str]]:
    """The daemon and its address: a Unix socket below `where`, or TCP on loopback."""
    if where:
        line, address = socket.socket(socket.AF_UNIX), f"unix:{where / 'clamd.sock'}"
        line.bind(str(where / "clamd.sock"))
    else:
        line = socket.socket()
        line.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{line.getsockname()[1]}"
    line.listen()
    daemon = Daemon(line, **kwargs)  # type: ignore[arg-type]  # words of the tests
    thread = threading.Thread(target=daemon.serve, daemon=True)
    thread.start()
    try:
        yield daemon, address
    finally:
        line.shutdown(socket.SHUT_RDWR) if not where else None
        line.close()
