"""Random tickets: who brings one may have what lies under it. Rows hold only the hash and open nothing alone."""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.common import clock
from portal.common.crypto import CannotOpen


def digest(ticket: str) -> str:
    """What a row remembers of a ticket of 256 random bits: SHA-256 in hex, 64 characters."""
    return hashlib.sha256(ticket.encode()).hexdigest()


def seal(plain: bytes, ticket: str, *, use: str, place: str) -> bytes:
    """AES-256-GCM under a key derived from the ticket (HKDF, RFC 5869). `use`: kind of row; `place`: which row."""
    nonce = clock.random_bytes(12)
    return nonce + AESGCM(_key(ticket, use)).encrypt(nonce, plain, place.encode())


def unseal(sealed: bytes | memoryview, ticket: str, *, use: str, place: str) -> bytes:
    """Raises CannotOpen: another ticket, another place or changed bytes."""
    sealed = bytes(sealed)
    try:
        return AESGCM(_key(ticket, use)).decrypt(sealed[:12], sealed[12:], place.encode())
    except (InvalidTag, ValueError):  # ValueError: too short for anything of ours
        raise CannotOpen("Dieser Schein öffnet das nicht.") from None


def _key(ticket: str, use: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=use.encode()).derive(ticket.encode())
