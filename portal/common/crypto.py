"""Envelope encryption: each case, draft and mailbox has its own data key, wrapped by a key-encryption key (KEK).

AES-256-GCM (NIST SP 800-38D) with 96-bit random nonces. The additional data names table, row and field, so that a
ciphertext moved to another row or field does not open. Destroying the wrapped key destroys everything under it.

Wrapped key: 1 byte version (1), 1 byte length of the KEK id, KEK id, nonce (12), ciphertext + tag (48).
Sealed value: 1 byte version (1), nonce (12), ciphertext + tag.
"""

import base64
import binascii
import functools
import hashlib
import io
import json
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from portal.common import clock

_VERSION = b"\x01"


class CannotOpen(Exception):
    """Wrong key, wrong place (additional data) or changed bytes. Never says which."""


class KeyDestroyed(CannotOpen):
    """The wrapped key was destroyed on purpose: the data is gone for good (disposal)."""


def sha256(source: bytes | BinaryIO) -> str:
    """The SHA-256 of all bytes in hexadecimal digits. A file is read piece by piece and rewound."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    stream.seek(0)
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    stream.seek(0)
    return digest.hexdigest()


@functools.cache
def parse_keks(text: str) -> dict[str, bytes]:
    """`id:base64,id:base64`, the first seals. Raises ValueError with the cause."""
    keks: dict[str, bytes] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError(f"Schlüssel „{name}“ ist kein Base64") from None
        if not name or len(key) != 32:
            raise ValueError(f"Schlüssel „{name}“ braucht einen Namen und genau 32 Bytes")
        keks[name] = key
    if not keks:
        raise ValueError("kein Schlüssel angegeben")
    return keks


def _keks() -> dict[str, bytes]:
    return parse_keks(settings.KEY_ENCRYPTION_KEYS)


def _wrap(key: bytes) -> bytes:
    kek_id, kek = next(iter(_keks().items()))
    name, nonce = kek_id.encode(), clock.random_bytes(12)
    return _VERSION + bytes([len(name)]) + name + nonce + AESGCM(kek).encrypt(nonce, key, b"data-key")


def new_wrapped_key() -> bytes:
    """A fresh 256-bit data key, wrapped by the newest KEK: store it beside what it protects."""
    return _wrap(clock.random_bytes(32))


def kek_id(wrapped: bytes) -> str:
    """Which KEK wraps this data key."""
    return bytes(wrapped[2 : 2 + wrapped[1]]).decode()


def rewrap(wrapped: bytes) -> bytes:
    """The same data key under the newest KEK (rotation); nothing sealed has to be touched."""
    return _wrap(_unwrap(wrapped))


def _unwrap(wrapped: bytes | None) -> bytes:
    if not wrapped:
        raise KeyDestroyed("Der Schlüssel wurde vernichtet.")
    wrapped = bytes(wrapped)
    end = 2 + wrapped[1]
    kek = _keks().get(wrapped[2:end].decode())
    if wrapped[:1] != _VERSION or kek is None:
        raise CannotOpen("Unbekannter Schlüssel.")
    try:
        return AESGCM(kek).decrypt(wrapped[end : end + 12], wrapped[end + 12 :], b"data-key")
    except InvalidTag:
        raise CannotOpen("Der Schlüssel lässt sich nicht öffnen.") from None


def cipher(wrapped: bytes | memoryview | None) -> AESGCM:
    """AES-256-GCM under the data key, for formats that count their own nonces (portal.documents.store).

    Raises KeyDestroyed or CannotOpen.
    """
    return AESGCM(_unwrap(bytes(wrapped) if wrapped else None))


class Envelope:
    """Seals and opens values under one wrapped data key. `place` is "table:row:field"."""

    def __init__(self, wrapped: bytes | memoryview | None):
        self._key = _unwrap(bytes(wrapped) if wrapped else None)

    def seal(self, plain: bytes, place: str) -> bytes:
        nonce = clock.random_bytes(12)
        return _VERSION + nonce + AESGCM(self._key).encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes | memoryview, place: str) -> bytes:
        """Raises CannotOpen."""
        sealed = bytes(sealed)
        if sealed[:1] != _VERSION:
            raise CannotOpen("Unbekanntes Format.")
        try:
            return AESGCM(self._key).decrypt(sealed[1:13], sealed[13:], place.encode())
        except InvalidTag:
            raise CannotOpen("Die Daten lassen sich nicht öffnen.") from None

    def seal_json(self, value: Any, place: str) -> bytes:
        return self.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), place)

    def open_json(self, sealed: bytes | memoryview, place: str) -> Any:
        return json.loads(self.open(sealed, place))
