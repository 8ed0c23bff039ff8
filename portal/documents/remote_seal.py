"""The seal of a trust service: the key lies there, we send the hash and get the signature.

Spoken is the API of the Cloud Signature Consortium, version 2: credentials/authorize, then signatures/signHash. The
document never leaves the house. What comes back counts only if it fits the certificate that we know beforehand: the
first one of PORTAL_SEAL_CERTIFICATES.
"""

import base64
import hashlib
import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from django.conf import settings
from pyhanko.sign import Signer
from pyhanko.sign.general import SigningError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.documents import seal_key
from portal.documents.seal import DIGEST, SealUnavailable
from portal.documents.soft_seal import SignerSealer, fits

SECONDS = 20.0
MOST_BYTES = 64 * 1024
SHA256 = "2.16.840.1.101.3.4.2.1"
SIGN_ALGORITHMS = {"ec": "1.2.840.10045.4.3.2", "rsa": "1.2.840.113549.1.1.11"}  # with SHA-256


class TrustService:
    """The few words of the API that a seal needs. Raises SealUnavailable for whatever is not the answer asked for."""

    def __init__(self, url: str, token: str):
        self._parts, self._token = urlsplit(url), token

    def ask(self, what: str, said: dict[str, Any]) -> dict[str, Any]:
        """One POST. Redirects are not followed: the token is for this address alone."""
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=SECONDS)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        try:
            connection.request("POST", f"{self._parts.path.rstrip('/')}/{what}", json.dumps(said), headers)
            answer = connection.getresponse()
            raw = answer.read(MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise SealUnavailable(f"Siegelstelle nicht erreichbar ({type(error).__name__})") from None
        finally:
            connection.close()
        if answer.status != 200:
            raise SealUnavailable(f"Siegelstelle antwortet mit {answer.status}")
        try:
            found = json.loads(raw)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise SealUnavailable("Siegelstelle antwortet unverständlich")
        return found


class _RemoteSigner(Signer):
    def __init__(self, service: TrustService, credential: str, certificate: asn1_x509.Certificate):
        super().__init__(signing_cert=certificate, cert_registry=SimpleCertificateStore())  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        self._service, self._credential = service, credential
        self._kind = str(certificate.public_key.algorithm)
        self._public = x509.load_der_x509_certificate(certificate.dump()).public_key()

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != DIGEST:
            raise SigningError(f"This signer is set up for {DIGEST}.")
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        said = {"credentialID": self._credential, "hashes": [digest], "hashAlgorithmOID": SHA256}
        allowed = self._service.ask("credentials/authorize", said | {"numSignatures": 1})
        said |= {"SAD": allowed.get("SAD", ""), "signAlgo": SIGN_ALGORITHMS[self._kind]}
        signed = self._service.ask("signatures/signHash", said)
        try:
            [signature] = signed["signatures"]
            raw = base64.b64decode(signature, validate=True)
        except (KeyError, TypeError, ValueError):
            raise SealUnavailable("Siegelstelle schickt keine Unterschrift") from None
        if not fits(self._public, raw, data):
            raise SealUnavailable("Die Unterschrift der Siegelstelle passt nicht zum Zertifikat")
        return raw


class RemoteSealer(SignerSealer):
    """Seals with a key that a trust service keeps: PORTAL_SEAL_URL, PORTAL_SEAL_CREDENTIAL, PORTAL_SEAL_TOKEN."""

    def __init__(self, key_file: Path | None, password: str):
        """Raises seal_key.SealKeyError. The key file is not used."""
        own = seal_key.elsewhere()
        service = TrustService(settings.SEAL_URL, settings.SEAL_TOKEN)
        super().__init__(_RemoteSigner(service, settings.SEAL_CREDENTIAL, own), [own])
