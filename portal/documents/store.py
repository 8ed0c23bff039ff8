"""The file store: encrypted, content-addressed, written so that a row never points to half a file.

A file is a STREAM of AES-256-GCM chunks (Hoang, Reyhanitabar, Rogaway, Vizár 2015): one byte version, seven random
bytes, then each 64 KiB of plain text with its 16-byte tag. Nonce = the seven bytes + chunk number (4) + last flag (1),
additional data = version + public id of the row. A chunk that is changed, moved, missing or from another file does not
open. Each file has its own data key, wrapped in the row: destroying it destroys the file, also in old backups.

Order of writing: temporary file, fsync, rename to the hash of the ciphertext, fsync the folder, then the row. A crash
in between leaves a file without a row, which sweeping.remove_orphans() clears away. Whoever writes holds an advisory
lock on the file's name until its row is committed, so that the sweep never meets a file whose row is on its way.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import connection, transaction

from portal.common import clock, crypto
from portal.documents.models import Scan, StoredFile
from portal.outbox import relay

CHUNK = 64 * 1024
TAG = 16
VERSION = b"\x01"
PREFIX = 7


class FileDamaged(Exception):
    """The file is missing, changed, cut short or not the one the row means. The message holds no content."""


def put(data: bytes | BinaryIO, *, media_type: str, foreign: bool = False) -> StoredFile:
    """Encrypt and store; a stream is read in pieces of 64 KiB. The row joins the caller's transaction.

    `foreign`: nobody opens it before it was scanned for viruses (scans.queue), for which a worker is rung.
    If the transaction rolls back, the file is swept after an hour. Raises OSError when the disk refuses.
    """
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    row = StoredFile(public_id=clock.uuid(), media_type=media_type, wrapped_key=crypto.new_wrapped_key(), size=0)
    if foreign:
        row.scan, row.scan_due_at = Scan.WAITING, clock.now()
    cipher = crypto.cipher(row.wrapped_key)
    plain_hash, cipher_hash = hashlib.sha256(), hashlib.sha256()
    part = root() / "tmp" / clock.uuid().hex
    part.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            prefix = clock.random_bytes(PREFIX)
            _write(target, VERSION + prefix, cipher_hash)
            for number, (block, last) in enumerate(_blocks(source, CHUNK)):
                plain_hash.update(block)
                row.size += len(block)
                _write(target, cipher.encrypt(_nonce(prefix, number, last), block, _place(row)), cipher_hash)
            target.flush()
            os.fsync(target.fileno())
        name = cipher_hash.hexdigest()
        row.sha256, row.path = plain_hash.hexdigest(), f"{name[:2]}/{name[2:4]}/{name}"
        with transaction.atomic():
            hold(row.path)
            _move_into_place(part, row.path)
            row.save(force_insert=True)
            if foreign:
                relay.ring("documents.scan", str(row.pk))
    finally:
        part.unlink(missing_ok=True)
    return row


def hold(name: str, *, wait: bool = True) -> bool:
    """Keep everybody else from writing or sweeping this name until the transaction ends. False: somebody else does."""
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    key = int(name[-15:], 16)  # 60 bits of the name, which is a hash or random
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s)", [key])
        return wait or bool(cursor.fetchone()[0])


def chunks(stored: StoredFile) -> Iterator[bytes]:
    """The plain bytes in pieces of at most 64 KiB, each authenticated before it is handed out.

    Raises FileDamaged (a missing end is noticed only at the end: a consumer must not call a download complete
    before the iterator is exhausted), crypto.KeyDestroyed after disposal, crypto.CannotOpen for an unknown key.
    """
    cipher = crypto.cipher(stored.wrapped_key)
    found = hashlib.sha256()
    size = 0
    try:
        with open(root() / stored.path, "rb") as source:
            header = source.read(len(VERSION) + PREFIX)
            if header[:1] != VERSION:
                raise FileDamaged("Unbekanntes Format.")
            for number, (block, last) in enumerate(_blocks(source, CHUNK + TAG)):
                plain = cipher.decrypt(_nonce(header[1:], number, last), block, _place(stored))
                found.update(plain)
                size += len(plain)
                yield plain
    except FileNotFoundError:
        raise FileDamaged("Die Datei fehlt.") from None
    except (InvalidTag, ValueError):
        raise FileDamaged("Die Datei wurde verändert, gekürzt oder vertauscht.") from None
    if (found.hexdigest(), size) != (stored.sha256, stored.size):
        raise FileDamaged("Prüfsumme oder Größe weicht von der Zeile ab.")


def read(stored: StoredFile) -> bytes:
    """The whole plain content; for files known to be small. Raises like chunks()."""
    return b"".join(chunks(stored))


def destroy(stored: StoredFile) -> bool:
    """Forget the key for good and unlink the file after commit. False when that had been done before."""
    with transaction.atomic():
        row = StoredFile.objects.select_for_update().filter(pk=stored.pk, destroyed_at=None).first()
        if row is None:
            return False
        path = root() / row.path
        row.wrapped_key, row.sha256, row.path, row.destroyed_at = None, "", "", clock.now()
        row.save(update_fields=["wrapped_key", "sha256", "path", "destroyed_at"])
        # After commit: a rolled back disposal must not have lost the file. Lost bell: the sweep finds the orphan.
        transaction.on_commit(lambda: path.unlink(missing_ok=True), robust=True)
    stored.wrapped_key, stored.sha256, stored.path, stored.destroyed_at = None, "", "", row.destroyed_at
    return True


def problem(stored: StoredFile) -> str | None:
    """What is wrong with the file of this row, in a German sentence; None when it opens and is whole."""
    try:
        for _ in chunks(stored):
            pass
    except (FileDamaged, crypto.CannotOpen) as error:
        return str(error)
    return None


class Reader(io.RawIOBase):
    """The plain content as a seekable file: each 64 KiB are opened, and authenticated, when they are asked for.

    Never more than one piece is in memory. Raises like chunks(); a shortened file shows at its end, a wrong hash not.
    """

    def __init__(self, stored: StoredFile):
        super().__init__()
        self._stored, self._cipher = stored, crypto.cipher(stored.wrapped_key)
        try:
            self._source = open(root() / stored.path, "rb")  # noqa: SIM115 - closed with the reader
        except FileNotFoundError:
            raise FileDamaged("Die Datei fehlt.") from None
        header = self._source.read(len(VERSION) + PREFIX)
        if header[:1] != VERSION:
            raise FileDamaged("Unbekanntes Format.")
        self._prefix, self._at, self._number, self._plain = header[1:], 0, -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._stored.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._stored.size:
            return 0
        number, start = divmod(self._at, CHUNK)
        if number != self._number:
            self._plain, self._number = self._open(number), number
        piece = self._plain[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        if hasattr(self, "_source"):
            self._source.close()
        super().close()

    def _open(self, number: int) -> bytes:
        last = number == (self._stored.size - 1) // CHUNK
        self._source.seek(len(VERSION) + PREFIX + number * (CHUNK + TAG))
        try:
            return self._cipher.decrypt(
                _nonce(self._prefix, number, last), self._source.read(CHUNK + TAG), _place(self._stored)
            )
        except (InvalidTag, ValueError):
            raise FileDamaged("Die Datei wurde verändert, gekürzt oder vertauscht.") from None


def opened(stored: StoredFile) -> BinaryIO:
    """The plain content to read and seek in. Raises like chunks()."""
    return cast(BinaryIO, io.BufferedReader(Reader(stored), CHUNK))


def root() -> Path:
    folder = Path(settings.FILE_STORE)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _place(row: StoredFile) -> bytes:
    return VERSION + row.public_id.bytes


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _write(target: BinaryIO, piece: bytes, found: "hashlib._Hash") -> None:
    target.write(piece)
    found.update(piece)


def _blocks(source: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """Full blocks and whether each is the last; an empty source is one empty last block."""
    block = _read_full(source, size)
    while True:
        ahead = _read_full(source, size) if len(block) == size else b""
        yield block, not ahead
        if not ahead:
            return
        block = ahead


def _read_full(source: BinaryIO, size: int) -> bytes:
    """Sockets and pipes may give less than asked for: go on until full or at the end."""
    pieces: list[bytes] = []
    missing = size
    while missing and (piece := source.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _move_into_place(part: Path, name: str) -> None:
    target = root() / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.replace(part, target)
    # The name itself must survive a power cut: its folder, and the folders above, which may be new.
    for folder in (target.parent, target.parent.parent, root()):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
