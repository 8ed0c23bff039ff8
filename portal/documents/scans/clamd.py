"""ClamAV's daemon over a Unix or TCP socket, with the commands zVERSION and zINSTREAM (man 8 clamd).

A stream is sent in chunks, each after its length as four bytes in network order, ended by a chunk of length zero. The
answer ends with a zero byte. Only "stream: OK" after the whole stream means clean; whatever else is no verdict.

clamd begins to look once it has every byte, and is silent until it is done (MaxScanTime, 120 seconds by default).
"""

import contextlib
import re
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from portal.documents.scans.base import TooLarge, Unavailable, Verdict

CHUNK = 64 * 1024
MAX_ANSWER = 4096
# "Technical design limitations prevent ClamAV from scanning files greater than 2 GB" (man 5 clamd.conf, MaxFileSize).
# Without AlertExceedsMax, clamd 1.4.6 says "OK" to a larger stream of which it has seen nothing.
LARGEST = 2_000_000_000
SECONDS = 20  # without any progress while we connect or send
LONGEST = 240  # for one stream and its verdict; below the time limit of a task
TOO_LARGE = "Die Datei ist größer, als der Virenscanner annimmt."
_FOUND = re.compile(r"stream: (.{1,150}) FOUND")


class Clamd:
    def __init__(self, address: str | None = None, *, seconds: float = SECONDS, longest: float = LONGEST):
        self._address = settings.CLAMD if address is None else address
        self._seconds, self._longest = seconds, longest

    def version(self) -> str:
        with self._line() as line:
            return self._ask(line, b"zVERSION\0", (), self._seconds)[:100]

    def scan(self, pieces: Iterator[bytes]) -> Verdict:
        by = self.version()
        with self._line() as line:
            answer = self._ask(line, b"zINSTREAM\0", _measured(pieces), self._longest)
        if answer == "stream: OK":
            return Verdict("", by)
        if found := _FOUND.fullmatch(answer):
            return Verdict(found[1], by)
        if "size limit exceeded" in answer:
            raise TooLarge(TOO_LARGE)
        raise Unavailable("Der Virenscanner gab keine verständliche Antwort.")

    def _ask(self, line: socket.socket, command: bytes, pieces: Any, longest: float) -> str:
        ends = time.monotonic() + longest
        cut = False
        try:
            line.sendall(command)
            for piece in _chunked(pieces):
                if time.monotonic() > ends:
                    raise Unavailable("Der Virenscanner brauchte zu lange.")
                line.sendall(piece)
        except TimeoutError:
            raise Unavailable("Der Virenscanner nimmt nichts mehr an.") from None
        except OSError:  # it hung up before the end: it may have said why
            cut = True
        answer = self._answer(line, ends)
        if cut and "size limit exceeded" not in answer:
            raise Unavailable("Der Virenscanner hat die Verbindung getrennt.")
        return answer

    def _answer(self, line: socket.socket, ends: float) -> str:
        heard = b""
        try:
            while b"\0" not in heard and len(heard) < MAX_ANSWER and (left := ends - time.monotonic()) > 0:
                line.settimeout(left)
                piece = line.recv(1024)
                if not piece:
                    break
                heard += piece
        except OSError:
            raise Unavailable("Der Virenscanner antwortet nicht.") from None
        text, end, _ = heard.partition(b"\0")
        if not end:
            raise Unavailable("Der Virenscanner gab keine vollständige Antwort.")
        return text.decode("utf-8", "replace").strip()

    @contextlib.contextmanager
    def _line(self) -> Iterator[socket.socket]:
        kind, target = parse_address(self._address)
        line = socket.socket(kind, socket.SOCK_STREAM)
        with line:
            line.settimeout(self._seconds)
            try:
                line.connect(target)
            except OSError:
                raise Unavailable("Der Virenscanner ist nicht erreichbar.") from None
            yield line


def parse_address(text: str) -> tuple[socket.AddressFamily, Any]:
    """Family and target of "unix:/path" or "tcp://host:port". Raises ValueError."""
    if text.startswith("unix:/"):
        return socket.AF_UNIX, text.removeprefix("unix:")
    parts = urlsplit(text)
    if parts.scheme == "tcp" and parts.hostname and parts.port:
        return socket.AF_INET, (parts.hostname, parts.port)
    raise ValueError(text)


def _measured(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Raises TooLarge before the byte that no clamd looks at."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST:
            raise TooLarge(TOO_LARGE)
        yield piece


def _chunked(pieces: Any) -> Iterator[bytes]:
    if pieces == ():  # a command without a stream
        return
    for piece in pieces:
        for start in range(0, len(piece), CHUNK):
            part = piece[start : start + CHUNK]
            yield struct.pack(">I", len(part)) + part
    yield struct.pack(">I", 0)
