"""How a file lies on the disk: records that are only ever appended, each sealed on its own.

A record: length of what follows the header (4 bytes), counter (8 bytes), ciphertext with its tag (AES-256-GCM, NIST SP
800-38D). Nonce: the counter. Additional data: id of the upload and the place of the record in the plain file, so that
no record can be moved, left out or taken from another file.

The counter is the number of the opening (4 bytes) and of the record in it (4 bytes). Every writer gets an opening of
its own, committed before it writes. So a record that was written, lost with a crash and written anew with other bytes
never has the counter of the lost one, which may live on in a copy of the disk: under one counter, GCM would give both
away (section 8 of the standard).

Whoever reads or writes brings from the row how many plain bytes count and where they end on the disk. What lies behind
is the work of a writer that died: cut off by the next one, ignored by readers.
"""

import io
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.documents.store import FileDamaged

RECORD = 1024 * 1024  # plain bytes at most; as much as gunicorn takes off the line at once
TAG = 16
_HEADER = struct.Struct(">IQ")
CHANGED = "Die Datei wurde verändert, gekürzt oder vertauscht."


class Sealed(NamedTuple):
    """One file on the disk: where, under which id and key, how many plain bytes count and where they end there."""

    path: Path
    identity: bytes  # 16
    key: bytes  # 32
    offset: int
    position: int


class Writer:
    """Appends. After keep(), `offset` and `position` are safe on the disk and may go into the row."""

    def __init__(self, sealed: Sealed, opening: int):
        self.offset, self.position = sealed.offset, sealed.position
        self._identity, self._cipher = sealed.identity, AESGCM(sealed.key)
        self._counter = opening << 32
        self._file = os.open(sealed.path, os.O_WRONLY | os.O_CREAT, 0o600)
        if os.fstat(self._file).st_size < sealed.position:
            os.close(self._file)
            raise FileDamaged("Die Datei ist kürzer, als ihre Zeile sagt.")
        os.ftruncate(self._file, sealed.position)
        if not sealed.position:
            _keep_name(sealed.path.parent)

    def append(self, plain: bytes) -> None:
        """At most RECORD bytes, at least one."""
        place = self._identity + self.offset.to_bytes(8, "big")
        body = self._cipher.encrypt(_nonce(self._counter), plain, place)
        self._write([_HEADER.pack(len(body), self._counter), body])
        self._counter += 1
        self.offset += len(plain)

    def keep(self) -> None:
        os.fdatasync(self._file)

    def _write(self, parts: list[bytes]) -> None:
        written, whole = os.pwritev(self._file, parts, self.position), sum(map(len, parts))
        left = memoryview(b"".join(parts))[written:] if written < whole else memoryview(b"")
        while left:
            left = left[os.pwrite(self._file, left, self.position + whole - len(left)) :]
        self.position += whole

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)


def read(sealed: Sealed, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The plain bytes from `start` up to `stop`, record by record, each authenticated before it is handed out.

    Records before `start` are passed over by their headers. Raises FileDamaged; what is wrong at the beginning shows
    with the first piece.
    """
    stop = sealed.offset if stop is None else min(stop, sealed.offset)
    if start >= stop:
        return
    try:
        with open(sealed.path, "rb", buffering=0) as source:
            yield from _opened(sealed, source, start, stop)
    except FileNotFoundError:
        raise FileDamaged("Die Datei fehlt.") from None
    except (InvalidTag, ValueError):
        raise FileDamaged(CHANGED) from None


def _opened(sealed: Sealed, source: io.FileIO, start: int, stop: int) -> Iterator[bytes]:
    """Raises FileDamaged, InvalidTag, ValueError."""
    cipher = AESGCM(sealed.key)
    offset = position = 0
    while offset < stop:
        size, counter = _header(source.read(_HEADER.size))
        position += _HEADER.size + size
        if position > sealed.position:
            raise FileDamaged(CHANGED)
        if offset + size - TAG <= start:
            source.seek(size, os.SEEK_CUR)
        else:
            place = sealed.identity + offset.to_bytes(8, "big")
            plain = cipher.decrypt(_nonce(counter), source.read(size), place)
            yield plain[max(0, start - offset) : stop - offset]
        offset += size - TAG


def _header(data: bytes) -> tuple[int, int]:
    """Length of the body and counter. What no writer of ours wrote is damage, and no length to trust."""
    if len(data) == _HEADER.size:
        size, counter = _HEADER.unpack(data)
        if TAG < size <= RECORD + TAG:
            return size, counter
    raise FileDamaged(CHANGED)


def _nonce(counter: int) -> bytes:
    return counter.to_bytes(12, "big")


def _keep_name(folder: Path) -> None:
    """The name itself must survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
