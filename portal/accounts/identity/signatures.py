"""From bytes to the one assertion that a provider has signed; nothing else of the document is ever looked at.

Four steps, and each refuses alone what signature wrapping needs: a hardened parser (no DTD, no comment, one encoding);
a shape with one place for everything (one assertion, signatures only where they belong, no number twice); the XML
schema; the check of the signatures by xmlsec1 over the very bytes that were parsed, with the keys of the provider's
metadata and no others. An encrypted assertion is opened after the response around it was checked, and then goes through
the same four steps as a document of its own.
Rules: SAML 2.0 Core 5.4 (profile of XML signatures), 6 (encryption), BSI TR-02102-1 (algorithms).
"""

import base64
import binascii
import contextlib
import dataclasses
import re
import textwrap
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from portal.accounts.identity import decryption, schema, xmlsec
from portal.accounts.identity.refusal import Refused

MAX_BYTES = 150_000
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
RESPONSE, ASSERTION, SIGNATURE = f"{SAMLP}Response", f"{SAML}Assertion", f"{DS}Signature"
ENCRYPTED = f"{SAML}EncryptedAssertion"
ENTITY = "{urn:oasis:names:tc:SAML:2.0:metadata}EntityDescriptor"
NODE_NAMES = {  # as xmlsec1 wants them, to know which attribute is the ID
    RESPONSE: "urn:oasis:names:tc:SAML:2.0:protocol:Response",
    ASSERTION: "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
    ENTITY: "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor",
}
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNATURE_METHODS = {f"{_MORE}{kind}-sha{bits}" for kind in ("rsa", "ecdsa") for bits in (256, 384, 512)}
DIGEST_METHODS = {f"{_MORE}sha384", *(f"http://www.w3.org/2001/04/xmlenc#sha{bits}" for bits in (256, 512))}
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
ENCODINGS = {None, "UTF-8", "ASCII", "US-ASCII"}
_FORBIDDEN = re.compile(rb"<!DOCTYPE|<!ENTITY|\0", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z_][\w.-]{0,200}", re.ASCII)


def decode(text: str) -> bytes:
    """The document in a form field. Raises Refused."""
    if len(text) > MAX_BYTES * 4 // 3 + 4:
        raise Refused("too_large")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("not_base64") from None


def parse(raw: bytes) -> etree._Element:
    """The root of a document without DTD, entities, comments and processing instructions. Raises Refused."""
    if len(raw) > MAX_BYTES:
        raise Refused("too_large")
    if _FORBIDDEN.search(raw):
        raise Refused("doctype")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        raw.decode("utf-8")
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Refused("malformed") from None
    document = root.getroottree().docinfo
    encoding = document.encoding
    if document.internalDTD is not None or (encoding and encoding.upper()) not in ENCODINGS:
        raise Refused("doctype")
    if any(not isinstance(node.tag, str) for node in root.getroottree().iter()) or _beside(root):
        raise Refused("comment")
    return root


@dataclasses.dataclass(frozen=True)
class Trust:
    """Whom and what we believe. `certificates`: of the provider, Base64; `keys`: ours, for what is encrypted to us."""

    certificates: tuple[str, ...]
    response_signed: bool = True  # beside the assertion, which always must be
    keys: tuple[RSAPrivateKey, ...] = ()
    cbc: bool = False  # also open what does not notice changes, under a signature over it


def signed_assertion(raw: bytes, trust: Trust) -> tuple[etree._Element, etree._Element]:
    """Response and assertion of a document that is signed as demanded with one of the keys. Raises Refused."""
    root = parse(raw)
    assertion = _only_assertion(root)
    if not schema.fits(root):
        raise Refused("schema")
    signed = trust.response_signed or root.find(SIGNATURE) is not None
    if signed:
        _check_shape(root, "response_unsigned")
    if assertion.tag == ENCRYPTED:
        return root, _encrypted(raw, root, assertion, trust, signed=signed)
    _check_shape(assertion, "assertion_unsigned")
    if signed:
        _verify(raw, root, trust.certificates)
    _verify(raw, assertion, trust.certificates)
    return root, assertion


def _encrypted(
    raw: bytes, root: etree._Element, element: etree._Element, trust: Trust, *, signed: bool
) -> etree._Element:
    """The assertion inside. Whatever is wrong with it costs as many signature checks as a wrong signature does."""
    sealed = decryption.envelope(element)
    if not sealed.notices_changes and not (trust.cbc and signed):
        raise Refused("weak_encryption")
    if signed:
        _verify(raw, root, trust.certificates)
    with _same_work(raw, root, trust.certificates):
        inside = _opened(sealed, trust)
        assertion = parse(inside)
        if assertion.tag != ASSERTION:
            raise Refused("assertion_count")
        _check_places(assertion)
        if not schema.fits(assertion):
            raise Refused("schema")
        _check_shape(assertion, "assertion_unsigned")
    _verify(inside, assertion, trust.certificates)
    return assertion


def _opened(sealed: decryption.Envelope, trust: Trust) -> bytes:
    try:
        return decryption.open_envelope(sealed, list(trust.keys))
    except decryption.CannotDecrypt:
        raise Refused("decryption") from None


@contextlib.contextmanager
def _same_work(raw: bytes, root: etree._Element, certificates: tuple[str, ...]) -> Iterator[None]:
    """Nobody learns from the time of an answer whether what they sent could be decrypted."""
    try:
        yield
    except Refused:
        for certificate in certificates:
            _fits(raw, root, certificate)
        raise


def _beside(root: etree._Element) -> bool:
    return root.getprevious() is not None or root.getnext() is not None


def _only_assertion(root: etree._Element) -> etree._Element:
    """In clear or encrypted, right below the response."""
    if root.tag != RESPONSE:
        raise Refused("not_a_response")
    assertion = _check_places(root)
    if assertion.getparent() is not root:
        raise Refused("assertion_count")
    return assertion


def _check_places(root: etree._Element) -> etree._Element:
    """The only assertion of a document in which no number stands twice and every signature where it may."""
    numbers = [value for node in root.iter() for name, value in node.attrib.items() if _local(name) == "id"]
    if len(numbers) != len(set(numbers)):
        raise Refused("number_twice")
    if any(_local(node.tag) == "response" for node in root.iterdescendants()):
        raise Refused("response_inside")
    assertions = [node for node in root.iter() if _local(node.tag) in ("assertion", "encryptedassertion")]
    if len(assertions) != 1 or assertions[0].tag not in (ASSERTION, ENCRYPTED):
        raise Refused("assertion_count")
    signatures = [node for node in root.iter() if _local(node.tag) == "signature"]
    if any(node.tag != SIGNATURE or node.getparent() not in (root, assertions[0]) for node in signatures):
        raise Refused("signature_place")
    return assertions[0]


def _local(name: str | bytes) -> str:
    return str(name).rpartition("}")[2].lower()


def check_metadata(raw: bytes, certificates: tuple[str, ...]) -> None:
    """Whether a description of a provider is as SAML wants it and signed with one of the keys. Raises Refused."""
    root = parse(raw)
    if root.tag != ENTITY or not schema.fits(root):
        raise Refused("schema")
    found = list(root.iter(SIGNATURE))
    if len(found) != 1 or root.index(found[0]) != 0:
        raise Refused("signature_place" if found else "unsigned")
    _check_signature(root, found[0])
    _verify(raw, root, certificates)


def _check_shape(element: etree._Element, missing: str) -> None:
    """One signature, second child after the issuer, over exactly its parent, with algorithms that still hold."""
    signatures = element.findall(SIGNATURE)
    if not signatures:
        raise Refused(missing)
    if len(signatures) != 1 or element.index(signatures[0]) != 1 or element[0].tag != f"{SAML}Issuer":
        raise Refused("signature_place")
    _check_signature(element, signatures[0])


def _check_signature(element: etree._Element, signature: etree._Element) -> None:
    number = element.get("ID", "")
    infos, references = signature.findall(f"{DS}SignedInfo"), list(signature.iter(f"{DS}Reference"))
    if (
        not _ID.fullmatch(number)
        or len(infos) != 1
        or len(references) != 1
        or references[0].getparent() is not infos[0]
    ):
        raise Refused("signature_shape")
    if references[0].get("URI") != f"#{number}" or signature.find(f"{DS}Object") is not None:
        raise Refused("signature_reference")
    _check_algorithms(infos[0], references[0])


def _check_algorithms(info: etree._Element, reference: etree._Element) -> None:
    def chosen(parent: etree._Element, tag: str) -> list[str]:
        return [node.get("Algorithm", "") for node in parent.iter(f"{DS}{tag}")]

    if chosen(info, "CanonicalizationMethod") != [EXCLUSIVE] or chosen(info, "Transform") != [ENVELOPED, EXCLUSIVE]:
        raise Refused("transform")
    methods, digests = chosen(info, "SignatureMethod"), chosen(reference, "DigestMethod")
    if (
        len(methods) != 1
        or methods[0] not in SIGNATURE_METHODS
        or len(digests) != 1
        or digests[0] not in DIGEST_METHODS
    ):
        raise Refused("weak_algorithm")


def _verify(raw: bytes, element: etree._Element, certificates: tuple[str, ...]) -> None:
    if not any(_fits(raw, element, certificate) for certificate in certificates):
        raise Refused("signature")


def _fits(raw: bytes, element: etree._Element, certificate: str) -> bool:
    try:
        xmlsec.verify(raw, pem(certificate), NODE_NAMES[element.tag], element.get("ID", ""))
    except xmlsec.XmlsecFailed:
        return False
    return True


def pem(certificate: str) -> str:
    """A certificate from Base64 without line breaks, as metadata has it."""
    lines = "\n".join(textwrap.wrap(certificate, 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
