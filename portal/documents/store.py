"""The file store: encrypted, content-addressed, written so that a row never points to half a file.

A file is a STREAM of AES-256-GCM chunks (Hoang, Reyhanitabar, Rogaway, Vizár 2015): one byte version, seven random
bytes, then each 64 KiB of plain text with its 16-byte tag. Nonce = the seven bytes + chunk number (4) + last flag (1),
additional data = version + public id of the row. A chunk that is changed, moved, missing or from another file does not
open. Each file has its own data key, wrapped in the row: destroying it destroys the file, also in old backups.

Order of writing: temporary file, fsync, rename to the hash of the ciphertext, fsync the folder, then the row. A crash
in between leaves a file without a row, which remove_orphans() clears away.
"""

import contextlib
import hashlib
import io
import math
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import transaction

from portal.common import clock, crypto
from portal.documents.models import StoredFile

CHUNK = 64 * 1024
TAG = 16
VERSION = b"\x01"
PREFIX = 7
ORPHAN_SECONDS = 3600  # longer than any transaction between writing a file and committing its row
_OURS = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{60}|tmp/[0-9a-f]{32}")


class FileDamaged(Exception):
    """The file is missing, changed, cut short or not the one the row means. The message holds no content."""


def put(data: bytes | BinaryIO, *, media_type: str) -> StoredFile:
    """Encrypt and store; a stream is read in pieces of 64 KiB. The row joins the caller's transaction.

    If that transaction rolls back, the file is swept after an hour. Raises OSError when the disk refuses.
    """
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    row = StoredFile(public_id=clock.uuid(), media_type=media_type, wrapped_key=crypto.new_wrapped_key(), size=0)
    cipher = crypto.cipher(row.wrapped_key)
    plain_hash, cipher_hash = hashlib.sha256(), hashlib.sha256()
    part = _root() / "tmp" / clock.uuid().hex
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
        _move_into_place(part, row.path)
    finally:
        part.unlink(missing_ok=True)
    row.save(force_insert=True)
    return row


def chunks(stored: StoredFile) -> Iterator[bytes]:
    """The plain bytes in pieces of at most 64 KiB, each authenticated before it is handed out.

    Raises FileDamaged (a missing end is noticed only at the end: a consumer must not call a download complete
    before the iterator is exhausted), crypto.KeyDestroyed after disposal, crypto.CannotOpen for an unknown key.
    """
    cipher = crypto.cipher(stored.wrapped_key)
    found = hashlib.sha256()
    size = 0
    try:
        with open(_root() / stored.path, "rb") as source:
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
        path = _root() / row.path
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


def orphans() -> Iterator[Path]:
    """Files of ours that no row references and that were written more than an hour ago."""
    newest = clock.now().timestamp() - ORPHAN_SECONDS
    names = (name for name in _names() if _written(name) < newest)
    while batch := list(islice(names, 500)):
        wanted = set(StoredFile.objects.filter(path__in=batch).values_list("path", flat=True))
        yield from (_root() / name for name in batch if name not in wanted)


def remove_orphans() -> int:
    """Delete what orphans() finds. Returns how many files went."""
    count = 0
    for path in orphans():
        path.unlink(missing_ok=True)
        count += 1
    return count


def _root() -> Path:
    root = Path(settings.FILE_STORE)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def _names() -> Iterator[str]:
    root = _root()
    for folder, _, files in os.walk(root):
        place = Path(folder).relative_to(root)
        for file in files:
            name = (place / file).as_posix()
            if _OURS.fullmatch(name):
                yield name


def _written(name: str) -> float:
    """When the file was written; never, in effect, if it has just gone."""
    with contextlib.suppress(FileNotFoundError):
        return (_root() / name).stat().st_mtime
    return math.inf


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
    target = _root() / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.replace(part, target)
    # The name itself must survive a power cut: its folder, and the folders above, which may be new.
    for folder in (target.parent, target.parent.parent, _root()):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
