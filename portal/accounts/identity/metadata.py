"""New metadata of a provider: what changes, and whether the provider itself says so. And what runs out soon."""

import dataclasses
import datetime as dt
import pathlib
from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings

from portal.accounts.identity import providers, signatures
from portal.accounts.identity.decryption import SMALLEST
from portal.accounts.identity.providers import NAMES, BadMetadata, Peer
from portal.accounts.identity.refusal import Refused

SOON = dt.timedelta(days=30)


@dataclasses.dataclass(frozen=True)
class Certificate:
    """`fingerprint`: SHA-256 in hex, as a provider tells it by telephone. `bits`: 0 for keys that are not RSA."""

    fingerprint: str
    ends: dt.datetime
    bits: int


def certificate(text: str) -> Certificate:
    """From Base64 as metadata has it. Raises BadMetadata."""
    try:
        found = x509.load_pem_x509_certificate(signatures.pem(text).encode())
        public = found.public_key()
    except ValueError:
        raise BadMetadata("Ein Zertifikat ist nicht lesbar") from None
    bits = public.key_size if isinstance(public, RSAPublicKey) else 0
    return Certificate(found.fingerprint(hashes.SHA256()).hex(), found.not_valid_after_utc, bits)


def examine(path: pathlib.Path, present: Peer | None, signers: tuple[str, ...], now: dt.datetime) -> list[str]:
    """Sentences that say what a new file changes. Raises BadMetadata if it must not be used.

    `present`: what is in use; `signers`: certificates (Base64) of which one must have signed the file.
    """
    new = providers.read(path, now)
    try:
        signatures.check_metadata(path.read_bytes(), signers)
    except Refused as refusal:
        raise BadMetadata(f"{path} ist nicht so unterschrieben, dass es übernommen werden darf ({refusal})") from None
    if present is not None and new.entity_id != present.entity_id:
        raise BadMetadata(f"{path} gehört zu {new.entity_id}, bisher ist es {present.entity_id}")
    for text in new.certificates:
        known = certificate(text)
        if known.ends <= now or 0 < known.bits < SMALLEST:
            raise BadMetadata(f"Zertifikat {known.fingerprint} ist abgelaufen oder zu kurz")
    return list(_changes(present, new)) or ["Es ändert sich nichts."]


def _changes(present: Peer | None, new: Peer) -> Iterator[str]:
    before = set(present.certificates) if present else set()
    for text in sorted(set(new.certificates) - before):
        known = certificate(text)
        yield f"neues Zertifikat {known.fingerprint}, gilt bis {known.ends:%d.%m.%Y}"
    for text in sorted(before - set(new.certificates)):
        yield f"fällt weg: Zertifikat {certificate(text).fingerprint}"
    old = present.addresses if present else {}
    for binding in sorted({*old, *new.addresses}):
        if old.get(binding) != new.addresses.get(binding):
            short = binding.rpartition(":")[2]
            yield f"Adresse ({short}): {old.get(binding, 'keine')} -> {new.addresses.get(binding, 'keine')}"


def running_out(now: dt.datetime) -> list[str]:
    """What ends within thirty days, or has ended. Files that cannot be read are left to portal.checks."""
    return [
        f"{what} {'ist abgelaufen am' if ends <= now else 'läuft ab am'} {ends:%d.%m.%Y}."
        for what, ends in _ends()
        if ends <= now + SOON
    ]


def _ends() -> Iterator[tuple[str, dt.datetime]]:
    for key, path in settings.SAML_METADATA.items():
        if path is None:
            continue
        try:
            peer = providers.read(path, None)
            found = [certificate(text) for text in peer.certificates]
        except BadMetadata:
            continue
        if peer.valid_until:
            yield f"PORTAL_{key.upper()}_METADATA: Die Beschreibung der {NAMES[key]}", peer.valid_until
        for known in found:
            yield f"PORTAL_{key.upper()}_METADATA: Das Zertifikat {known.fingerprint[:16]}…", known.ends
    for name in ("SAML_CERTIFICATE_FILE", "SAML_OTHER_CERTIFICATE_FILE"):
        path = getattr(settings, name)
        try:
            ends = path and x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
        except (OSError, ValueError):
            continue
        if ends:
            yield f"PORTAL_{name}: Unser Zertifikat", ends
