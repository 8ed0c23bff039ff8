"""Opens encrypted assertions (XML Encryption 1.1) with our keys: one shape, few algorithms, one way to fail.

The key comes wrapped by RSA-OAEP, never by PKCS#1 1.5 (Bleichenbacher 1998). The text comes by AES-GCM, which notices
every change. AES-CBC does not (Jager and Somorovsky, "How to Break XML Encryption", CCS 2011): it is opened only where
the operator allows it, and then only under a signature of the provider that was checked before.
"""

import base64
import binascii
import dataclasses
import pathlib

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from portal.accounts.identity.providers import BadMetadata
from portal.accounts.identity.refusal import Refused

XENC, XENC11 = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2009/xmlenc11#"
ELEMENT = f"{XENC}Element"
GCM = {f"{XENC11}aes{bits}-gcm": bits // 8 for bits in (128, 192, 256)}
CBC = {f"{XENC}aes{bits}-cbc": bits // 8 for bits in (128, 192, 256)}
OAEP_SHA1_MASK, OAEP_ANY = f"{XENC}rsa-oaep-mgf1p", f"{XENC11}rsa-oaep"
Hash = hashes.SHA1 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512
# Inside OAEP SHA-1 still holds: nobody gains from a collision there (BSI TR-02102-1, 2.3.2 names the padding only).
DIGESTS: dict[str, Hash] = {
    "http://www.w3.org/2000/09/xmldsig#sha1": hashes.SHA1(),  # noqa: S303 - see above
    f"{XENC}sha256": hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384(),
    f"{XENC}sha512": hashes.SHA512(),
}
MASKS: dict[str, Hash] = {
    f"{XENC11}mgf1sha1": hashes.SHA1(),  # noqa: S303 - see above
    f"{XENC11}mgf1sha256": hashes.SHA256(),
    f"{XENC11}mgf1sha384": hashes.SHA384(),
    f"{XENC11}mgf1sha512": hashes.SHA512(),
}
SMALLEST = 2048  # bits of an RSA key; new ones should have 3072 (BSI TR-02102-1)
_DS = "{http://www.w3.org/2000/09/xmldsig#}"


class CannotDecrypt(Exception):
    """None of our keys opens it, or what comes out was changed. Says no more than that, to nobody."""


@dataclasses.dataclass(frozen=True)
class Envelope:
    """What stands in an EncryptedAssertion, read but not opened."""

    method: str
    padding: OAEP
    wrapped_key: bytes
    sealed: bytes

    @property
    def notices_changes(self) -> bool:
        return self.method in GCM


def envelope(element: etree._Element) -> Envelope:
    """The one EncryptedData and its one EncryptedKey, inside of it or beside it. Raises Refused."""
    data, key = _one(element, "EncryptedData"), _one(element, "EncryptedKey")
    beside, inside = key.getparent() is element, key.getparent() is data.find(f"{_DS}KeyInfo")
    if data.getparent() is not element or not (beside or inside) or data.get("Type", ELEMENT) != ELEMENT:
        raise Refused("encryption_shape")
    method = _method(data).get("Algorithm", "")
    if method not in {*GCM, *CBC}:
        raise Refused("weak_encryption")
    return Envelope(method, _oaep(_method(key)), _value(key), _value(data))


def open_envelope(sealed: Envelope, keys: list[RSAPrivateKey]) -> bytes:
    """The document inside. Raises CannotDecrypt. Every key is tried, whether an earlier one fitted or not."""
    found = [plain for key in keys if (plain := _try(sealed, key)) is not None]
    if not found:
        raise CannotDecrypt
    return found[0]


def load(paths: list[pathlib.Path]) -> list[RSAPrivateKey]:
    """Our keys. Raises BadMetadata for a file that cannot be read or holds none."""
    keys = []
    for path in paths:
        try:
            key = load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError, TypeError):
            raise BadMetadata(f"{path} enthält keinen lesbaren Schlüssel") from None
        if not isinstance(key, RSAPrivateKey):
            raise BadMetadata(f"{path} enthält keinen RSA-Schlüssel")
        keys.append(key)
    return keys


def is_pair(key: pathlib.Path | None, certificate: pathlib.Path | None) -> bool:
    """Whether a certificate belongs to a key that is long enough."""
    if key is None or certificate is None:
        return False
    try:
        [private] = load([key])
        public = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    except (BadMetadata, OSError, ValueError):
        return False
    return private.key_size >= SMALLEST and private.public_key() == public


def _one(element: etree._Element, name: str) -> etree._Element:
    found = [node for node in element.iter() if str(node.tag).rpartition("}")[2] == name]
    if len(found) != 1 or found[0].tag != f"{{{XENC}}}{name}":
        raise Refused("encryption_shape")
    return found[0]


def _method(element: etree._Element) -> etree._Element:
    found = element.findall(f"{{{XENC}}}EncryptionMethod")
    if len(found) != 1:
        raise Refused("encryption_shape")
    return found[0]


def _oaep(method: etree._Element) -> OAEP:
    digests = method.findall(f"{_DS}DigestMethod")
    masks = method.findall(f"{{{XENC11}}}MGF")
    if len(digests) > 1 or len(masks) > 1 or method.find(f"{{{XENC}}}OAEPparams") is not None:
        raise Refused("encryption_shape")
    digest = DIGESTS.get(digests[0].get("Algorithm", "") if digests else "http://www.w3.org/2000/09/xmldsig#sha1")
    mask = MASKS.get(masks[0].get("Algorithm", "") if masks else f"{XENC11}mgf1sha1")
    known = (OAEP_SHA1_MASK, OAEP_ANY) if not masks else (OAEP_ANY,)
    if method.get("Algorithm") not in known or digest is None or mask is None:
        raise Refused("weak_encryption")
    return OAEP(MGF1(mask), digest, None)


def _value(element: etree._Element) -> bytes:
    values = element.findall(f"{{{XENC}}}CipherData/{{{XENC}}}CipherValue")
    if len(values) != 1 or len(values[0]):
        raise Refused("encryption_shape")
    try:
        return base64.b64decode("".join((values[0].text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("encryption_shape") from None


def _try(sealed: Envelope, key: RSAPrivateKey) -> bytes | None:
    """A key that does not come out is replaced by one that fits nothing: the work is the same."""
    length = {**GCM, **CBC}[sealed.method]
    try:
        inner = key.decrypt(sealed.wrapped_key, sealed.padding)
    except ValueError:
        inner = b""
    fits = len(inner) == length
    plain = _decipher(sealed, inner if fits else bytes(length))
    return plain if fits else None


def _decipher(sealed: Envelope, key: bytes) -> bytes | None:
    try:
        if sealed.notices_changes:
            return AESGCM(key).decrypt(sealed.sealed[:12], sealed.sealed[12:], None)
        opened = Cipher(algorithms.AES(key), modes.CBC(sealed.sealed[:16])).decryptor()
        return _unpad(opened.update(sealed.sealed[16:]) + opened.finalize())
    except (InvalidTag, ValueError):
        return None


def _unpad(plain: bytes) -> bytes | None:
    """XML Encryption 5.2: only the last byte counts, the others may be anything."""
    return plain[: -plain[-1]] if plain and 1 <= plain[-1] <= 16 else None
