"""The seal of a hardware module (PKCS#11): the key never leaves it, and each process opens it for itself.

Not before a fork: a module that the parent has opened is broken in the child. So the first seal of a process opens it.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

import pkcs11
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.conf import settings
from pkcs11.exceptions import PKCS11Error
from pyhanko.sign import Signer
from pyhanko.sign.general import SigningError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.documents import seal_key
from portal.documents.seal import DIGEST, SealUnavailable
from portal.documents.soft_seal import SignerSealer, fits


class _ModuleSigner(Signer):
    def __init__(self, certificate: asn1_x509.Certificate, pin: str):
        super().__init__(signing_cert=certificate, cert_registry=SimpleCertificateStore())  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        self._is_ec = certificate.public_key.algorithm == "ec"
        self._public = x509.load_der_x509_certificate(certificate.dump()).public_key()
        self._pin = pin
        self._opened: tuple[int, Any] | None = None  # process, session

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != DIGEST:
            raise SigningError(f"This signer is set up for {DIGEST}.")
        try:
            signature = self._signed(data)
        except (PKCS11Error, RuntimeError) as error:  # RuntimeError: the library itself cannot be loaded
            self._close()
            raise SealUnavailable(f"Das Siegelmodul antwortet nicht ({type(error).__name__})") from None
        if not fits(self._public, signature, data):
            raise SealUnavailable("Die Unterschrift des Siegelmoduls passt nicht zum Zertifikat")
        return signature

    def _signed(self, data: bytes) -> bytes:
        key = self._session().get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=settings.SEAL_CREDENTIAL)
        if not self._is_ec:
            return bytes(key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
        pair = bytes(key.sign(hashlib.sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA))
        half = len(pair) // 2  # r and s, each as long as the curve (PKCS#11 2.40, 2.3.1)
        return encode_dss_signature(int.from_bytes(pair[:half]), int.from_bytes(pair[half:]))

    def _session(self) -> Any:
        if self._opened is None or self._opened[0] != os.getpid():
            token = pkcs11.lib(str(settings.SEAL_MODULE)).get_token(token_label=settings.SEAL_SLOT)
            self._opened = os.getpid(), token.open(user_pin=self._pin)
        return self._opened[1]

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None and opened[0] == os.getpid():
            opened[1].close()


class HardwareSealer(SignerSealer):
    """Seals with the key PORTAL_SEAL_CREDENTIAL on the token PORTAL_SEAL_SLOT of the library PORTAL_SEAL_MODULE."""

    def __init__(self, key_file: Path | None, password: str):
        """`password` is the PIN; the key file is not used. Raises seal_key.SealKeyError."""
        own = seal_key.elsewhere()
        super().__init__(_ModuleSigner(own, password), [own])
