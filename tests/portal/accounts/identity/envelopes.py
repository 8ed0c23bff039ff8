"""Encrypts assertions for the portal as a provider may, or as it may not: every part can be chosen."""

import base64
import dataclasses
import os

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from portal.accounts.identity import xmlsec
from portal.accounts.identity.decryption import CBC, DIGESTS, MASKS, OAEP_ANY, OAEP_SHA1_MASK, XENC, XENC11
from portal.accounts.identity.demo.answers import ENVELOPE
from portal.accounts.identity.saml import signature_template
from portal.accounts.identity.signatures import ASSERTION, NODE_NAMES, RESPONSE, SIGNATURE

RSA_1_5 = f"{XENC}rsa-1_5"
GCM_256, CBC_256 = f"{XENC11}aes256-gcm", f"{XENC}aes256-cbc"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"


@dataclasses.dataclass(frozen=True)
class Packing:
    method: str = GCM_256
    length: int = 32
    wrap: str = OAEP_SHA1_MASK
    digest: str = ""
    mask: str = ""

    def seal(self, key: bytes, plain: bytes) -> bytes:
        if self.method in CBC:
            start, fill = os.urandom(16), 16 - len(plain) % 16
            cipher = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
            return start + cipher.update(plain + bytes(fill - 1) + bytes([fill])) + cipher.finalize()
        nonce = os.urandom(12)
        return nonce + AESGCM(key).encrypt(nonce, plain, None)

    def wrap_key(self, key: bytes, certificate) -> bytes:
        public = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
        if self.wrap == RSA_1_5:
            return public.encrypt(key, PKCS1v15())
        mask = MASKS[self.mask or f"{XENC11}mgf1sha1"]
        return public.encrypt(key, OAEP(MGF1(mask), DIGESTS[self.digest or SHA1], None))

    def envelope(self, plain: bytes, certificate) -> str:
        key = os.urandom(self.length)
        digest = f'<ds:DigestMethod Algorithm="{self.digest}"/>' if self.digest else ""
        mask = f'<x:MGF xmlns:x="{XENC11}" Algorithm="{self.mask}"/>' if self.mask else ""
        xml = ENVELOPE.replace(f'"{GCM_256}"', f'"{self.method}"').replace(
            f'<xenc:EncryptionMethod Algorithm="{OAEP_SHA1_MASK}"/>',
            f'<xenc:EncryptionMethod Algorithm="{self.wrap}">{digest}{mask}</xenc:EncryptionMethod>',
        )
        wrapped, sealed = self.wrap_key(key, certificate), self.seal(key, plain)
        return xml.format(key=base64.b64encode(wrapped).decode(), data=base64.b64encode(sealed).decode())


HONEST = Packing()
GOOD = {
    "as most do": HONEST,
    "128": Packing(f"{XENC11}aes128-gcm", 16),
    "192": Packing(f"{XENC11}aes192-gcm", 24),
    "modern": Packing(wrap=OAEP_ANY, digest=f"{XENC}sha256", mask=f"{XENC11}mgf1sha256"),
    "sha-256 and the old mask": Packing(digest=f"{XENC}sha256"),
}


def pack(peer, document: bytes, certificate=None, packing: Packing = HONEST, *, edit=lambda plain: plain) -> bytes:
    """Every assertion of a document in an envelope; the response is not signed any more. `edit` changes the text
    before it is encrypted."""
    root = etree.fromstring(document)
    if (signature := root.find(SIGNATURE)) is not None:
        root.remove(signature)
    certificate = certificate or peer.folder.certificate("portal")
    for assertion in root.findall(ASSERTION):
        sealed = packing.envelope(edit(etree.tostring(assertion, with_tail=False)), certificate)
        root.replace(assertion, etree.fromstring(sealed))
    return etree.tostring(root)


def sign(peer, document: bytes) -> bytes:
    """The response signed by the provider, whatever is in it."""
    root = etree.fromstring(document)
    root.insert(1, etree.fromstring(str(signature_template(root.get("ID")))))
    return xmlsec.sign(etree.tostring(root), peer.folder.key(peer.name), NODE_NAMES[RESPONSE], root.get("ID"))
