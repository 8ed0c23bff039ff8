"""From bytes to the one assertion that a provider has signed; nothing else of the document is ever looked at.

Three steps, and each refuses alone what signature wrapping needs: a hardened parser (no DTD, no comment, one encoding);
a shape with one place for everything (one assertion, signatures only where they belong, no number twice); the check of
both signatures by xmlsec1 over the very bytes that were parsed, with the keys of the provider's metadata and no others.
Rules: SAML 2.0 Core 5.4 (profile of XML signatures), BSI TR-02102-1 (algorithms).
"""

import base64
import binascii
import re
import textwrap

from lxml import etree

from portal.accounts.identity import xmlsec
from portal.accounts.identity.refusal import Refused

MAX_BYTES = 150_000
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
RESPONSE, ASSERTION, SIGNATURE = f"{SAMLP}Response", f"{SAML}Assertion", f"{DS}Signature"
NODE_NAMES = {  # as xmlsec1 wants them, to know which attribute is the ID
    RESPONSE: "urn:oasis:names:tc:SAML:2.0:protocol:Response",
    ASSERTION: "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
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


def signed_assertion(raw: bytes, certificates: tuple[str, ...]) -> tuple[etree._Element, etree._Element]:
    """Response and assertion of a document in which both are signed with one of the keys. Raises Refused."""
    root = parse(raw)
    assertion = _only_assertion(root)
    for element, missing in ((root, "response_unsigned"), (assertion, "assertion_unsigned")):
        _check_shape(element, missing)
    for element in (root, assertion):
        _verify(raw, element, certificates)
    return root, assertion


def _beside(root: etree._Element) -> bool:
    return root.getprevious() is not None or root.getnext() is not None


def _only_assertion(root: etree._Element) -> etree._Element:
    if root.tag != RESPONSE:
        raise Refused("not_a_response")
    numbers = [value for node in root.iter() for name, value in node.attrib.items() if _local(name) == "id"]
    if len(numbers) != len(set(numbers)):
        raise Refused("number_twice")
    if any(_local(node.tag) == "response" for node in root.iterdescendants()):
        raise Refused("response_inside")
    assertions = [node for node in root.iter() if _local(node.tag) in ("assertion", "encryptedassertion")]
    if len(assertions) != 1 or assertions[0].tag != ASSERTION or assertions[0].getparent() is not root:
        raise Refused("assertion_count")
    signatures = [node for node in root.iter() if _local(node.tag) == "signature"]
    if any(node.tag != SIGNATURE or node.getparent() not in (root, assertions[0]) for node in signatures):
        raise Refused("signature_place")
    return assertions[0]


def _local(name: str | bytes) -> str:
    return str(name).rpartition("}")[2].lower()


def _check_shape(element: etree._Element, missing: str) -> None:
    """One signature, second child after the issuer, over exactly its parent, with algorithms that still hold."""
    signatures = element.findall(SIGNATURE)
    if not signatures:
        raise Refused(missing)
    if len(signatures) != 1 or element.index(signatures[0]) != 1 or element[0].tag != f"{SAML}Issuer":
        raise Refused("signature_place")
    number, signature = element.get("ID", ""), signatures[0]
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
