"""Reads the portal's signed questions, in the address or in a form (SAML Bindings 3.4 and 3.5)."""

import base64
import binascii
import dataclasses
import pathlib
import zlib
from collections.abc import Mapping
from urllib.parse import unquote_plus

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from saml2 import samlp

from portal.accounts.identity import signatures, xmlsec
from portal.accounts.levels import from_stork

MAX_BYTES = 200_000
REQUEST = "urn:oasis:names:tc:SAML:2.0:protocol:AuthnRequest"


class Unknown(Exception):
    """A request that is not one of the portal's."""


@dataclasses.dataclass(frozen=True)
class Asked:
    number: str
    answer_url: str
    audience: str
    lowest: int  # STORK class
    organisation: str


def read(query: str, given: Mapping[str, str], certificate: pathlib.Path, portal: str) -> Asked:
    """`given`: the fields of a form, if there was one; `portal`: where answers may go. Raises Unknown."""
    pem = certificate.read_bytes()
    document = _posted(given, pem) if "SAMLRequest" in given else _in_address(query, pem)
    request = samlp.authn_request_from_string(document)
    if request is None or not request.assertion_consumer_service_url.startswith(f"{portal}/"):
        raise Unknown
    names = [str(node.text) for node in signatures.parse(document).iter("{*}OrganizationDisplayName")]
    wanted = request.requested_authn_context.authn_context_class_ref[0].text
    if from_stork(wanted) is None:
        raise Unknown
    return Asked(
        request.id,
        request.assertion_consumer_service_url,
        request.issuer.text,
        int(wanted[-1]),
        names[0] if names else "Ein Portal",
    )


def _in_address(query: str, pem: bytes) -> bytes:
    """The signature covers the query as it was sent."""
    parts = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
    covered = "&".join(f"{name}={parts[name]}" for name in ("SAMLRequest", "RelayState", "SigAlg") if name in parts)
    public = x509.load_pem_x509_certificate(pem).public_key()
    if not isinstance(public, RSAPublicKey):
        raise Unknown
    try:
        signature = base64.b64decode(unquote_plus(parts["Signature"]))
        public.verify(signature, covered.encode(), padding.PKCS1v15(), hashes.SHA256())
        packed = base64.b64decode(unquote_plus(parts["SAMLRequest"]))
        return zlib.decompressobj(-15).decompress(packed, MAX_BYTES)
    except (KeyError, InvalidSignature, binascii.Error, zlib.error):
        raise Unknown from None


def _posted(given: Mapping[str, str], pem: bytes) -> bytes:
    """The signature stands in the document."""
    try:
        document = base64.b64decode(given["SAMLRequest"])
        xmlsec.verify(document, pem.decode(), REQUEST, samlp.authn_request_from_string(document).id)
    except (binascii.Error, AttributeError, xmlsec.XmlsecFailed):
        raise Unknown from None
    return document
