"""The key of the seal and the certificates we believe."""

import contextlib
import datetime as dt
import functools
import os
from pathlib import Path

from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from django.conf import settings

from portal.common import clock, os_errors

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
DEMO_NAME = "Demo-Siegel (nur zum Ausprobieren)"


class SealKeyError(Exception):
    """The key of the seal cannot be used; the German message says what to set."""


def load(key_file: Path | None, password: str) -> tuple[PrivateKey, list[asn1_x509.Certificate]]:
    """Private key and certificates, the seal's own first, of a PKCS#12 file. Raises SealKeyError."""
    if not key_file:
        raise SealKeyError("PORTAL_SEAL_KEY_FILE fehlt: Geben Sie die PKCS#12-Datei des Siegels an.")
    if settings.DEMO and not key_file.exists():
        _make_demo_key(key_file, password)
    try:
        key, own, others = pkcs12.load_key_and_certificates(key_file.read_bytes(), password.encode())
    except OSError as error:
        raise SealKeyError(f"PORTAL_SEAL_KEY_FILE: {key_file} ist nicht lesbar ({os_errors.why(error)}).") from None
    except (ValueError, UnsupportedAlgorithm):
        raise SealKeyError("PORTAL_SEAL_PASSWORD öffnet die PKCS#12-Datei des Siegels nicht.") from None
    if own is None or not isinstance(key, PrivateKey):
        raise SealKeyError("Die PKCS#12-Datei des Siegels braucht ein Zertifikat und einen RSA- oder EC-Schlüssel.")
    return key, [asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in (own, *others)]


def trusted() -> tuple[asn1_x509.Certificate, ...]:
    """Certificates of seals we recognise, pinned byte for byte: those of the PEM file and the one we seal with.

    A web process without access to the key gives the PEM file alone. Raises SealKeyError when neither is set.
    """
    return _trusted(settings.SEAL_CERTIFICATES, settings.SEAL_KEY_FILE, settings.SEAL_PASSWORD)


@functools.cache
def _trusted(pem_file: Path | None, key_file: Path | None, password: str) -> tuple[asn1_x509.Certificate, ...]:
    found: list[asn1_x509.Certificate] = []
    if pem_file:
        found += certificates(pem_file)
    if key_file or not found:
        found.append(load(key_file, password)[1][0])
    return tuple(found)


def elsewhere() -> asn1_x509.Certificate:
    """The certificate of a seal whose key is not a file of ours: the first one of the PEM file. Raises SealKeyError."""
    found = certificates(settings.SEAL_CERTIFICATES)[:1] if settings.SEAL_CERTIFICATES else []
    if not found:
        raise SealKeyError(
            "PORTAL_SEAL_CERTIFICATES fehlt: Nennen Sie die Datei mit dem Zertifikat des Siegels zuerst."
        )
    if found[0].public_key.algorithm not in ("ec", "rsa"):
        raise SealKeyError("PORTAL_SEAL_CERTIFICATES: Das erste Zertifikat braucht einen RSA- oder EC-Schlüssel.")
    return found[0]


def certificates(pem_file: Path) -> list[asn1_x509.Certificate]:
    """All of a PEM file, in its order. Raises SealKeyError."""
    try:
        blocks = list(pem.unarmor(pem_file.read_bytes(), multiple=True))
    except OSError as error:
        raise SealKeyError(f"PORTAL_SEAL_CERTIFICATES: {pem_file} ist nicht lesbar ({os_errors.why(error)}).") from None
    except ValueError:
        raise SealKeyError(f"PORTAL_SEAL_CERTIFICATES: {pem_file} enthält kein PEM.") from None
    return [asn1_x509.Certificate.load(der) for kind, _, der in blocks if kind == "CERTIFICATE"]


def _make_demo_key(key_file: Path, password: str) -> None:
    """An EC P-256 key with a self-signed certificate. Two processes that start at once end up with the same one."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COMMON_NAME, DEMO_NAME),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, settings.CITY["name"]),
        ]
    )
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only"), False
    )
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        # Wide on purpose: demonstrations travel in time.
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2099, 12, 31, tzinfo=dt.UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, content_commitment=True, decipher_only=False, **usage), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    packed = pkcs12.serialize_key_and_certificates(
        b"siegel", key, certificate, None, BestAvailableEncryption(password.encode())
    )
    key_file.parent.mkdir(parents=True, exist_ok=True)
    part = key_file.with_name(f"{key_file.name}.{clock.uuid().hex}")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(packed)
    with contextlib.suppress(FileExistsError):
        os.link(part, key_file)  # unlike a rename it does not replace the key another process has just made
    part.unlink()
