"""An environment with which the portal starts in production, for tests that break one variable each."""

import datetime as dt
import functools
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def environment(folder: pathlib.Path) -> dict[str, str]:
    """A complete one; files lie below `folder`."""
    (folder / "files").mkdir(exist_ok=True)
    (folder / "seal.p12").write_bytes(_seal())
    (folder / "staticfiles.json").touch()
    return {
        "PORTAL_SECRET_KEY": "q8Zt3nWc5Kx7Lr2Vb9Ym4Hd6Gf1Js0Pa-q8Zt3nWc5Kx7Lr2Vb9",
        "PORTAL_KEKS": f"2026:{KEY}",
        "PORTAL_VERIFY_KEY": f"2026:{KEY}",
        "PORTAL_HOSTS": "portal.stadt.de,intern.stadt.de",
        "PORTAL_ADMIN_HOST": "intern.stadt.de",
        "PORTAL_URL": "https://portal.stadt.de",
        "PORTAL_PROXIES": "1",
        "PORTAL_MAIL_FROM": "Bürgerportal <portal@stadt.de>",
        "PORTAL_FILE_STORE": str(folder / "files"),
        "PORTAL_STATIC_ROOT": str(folder),
        "PORTAL_SEAL_KEY_FILE": str(folder / "seal.p12"),
        "PORTAL_SEAL_PASSWORD": "geheim",
        "PORTAL_CLAMD": "tcp://clamav:3310",
        "STRIPE_SECRET_KEY": "sk_live_abc",
        "STRIPE_WEBHOOK_SECRETS": "whsec_abc",
    }


@functools.cache
def _seal() -> bytes:
    """A PKCS#12 file with a key and a certificate of its own, password "geheim"."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Siegel")]),
    )
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(dt.datetime(2026, 1, 1))
        .not_valid_after(dt.datetime(2036, 1, 1))
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, BestAvailableEncryption(b"geheim"))
