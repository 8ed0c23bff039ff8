"""Signed SAML responses as BayernID and BundID give them, built with pysaml2."""

import base64
import dataclasses
import datetime as dt
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from saml2 import saml, samlp

from portal.accounts.identity import xmlsec
from portal.accounts.identity.assertions import BEARER, SUCCESS
from portal.accounts.identity.saml import signature_template
from portal.accounts.identity.signatures import ASSERTION, NODE_NAMES, RESPONSE
from portal.common import clock

LIVES = dt.timedelta(minutes=5)
FAILED = "urn:oasis:names:tc:SAML:2.0:status:Responder"
NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
ENVELOPE = """<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">
<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">
<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>
<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>
<xenc:CipherData><xenc:CipherValue>{key}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>
<xenc:CipherData><xenc:CipherValue>{data}</xenc:CipherValue></xenc:CipherData>
</xenc:EncryptedData></saml:EncryptedAssertion>"""
Attributes = tuple[tuple[str, str, str | None], ...]


@dataclasses.dataclass(frozen=True)
class Told:
    """Everything a response says. `attributes`: (OID, value, TrustLevel or None for none). Moments are aware."""

    issuer: str
    answer_url: str
    audience: str
    in_response_to: str | None
    context: str | None
    attributes: Attributes
    now: dt.datetime
    signed_in_at: dt.datetime | None = None
    response_id: str = dataclasses.field(default_factory=lambda: f"_{clock.uuid().hex}")
    assertion_id: str = dataclasses.field(default_factory=lambda: f"_{clock.uuid().hex}")


def unsigned(told: Told) -> samlp.Response:
    """With both signatures prepared, but empty."""
    return samlp.Response(
        **_head(told, told.response_id),
        status=samlp.Status(status_code=samlp.StatusCode(value=SUCCESS)),
        assertion=_assertion(told),
    )


def cancelled(told: Told) -> samlp.Response:
    """The person turned back: a response without an assertion."""
    return samlp.Response(
        **_head(told, told.response_id), status=samlp.Status(status_code=samlp.StatusCode(value=FAILED))
    )


def sign(
    document: bytes,
    key: pathlib.Path,
    told: Told,
    *,
    assertion: bool = True,
    response: bool = True,
    encrypt_for: pathlib.Path | None = None,
) -> bytes:
    """First the assertion, which may then be encrypted for a certificate (PEM file), then the response around it."""
    if assertion:
        document = xmlsec.sign(document, key, NODE_NAMES[ASSERTION], told.assertion_id)
    if encrypt_for is not None:
        document = encrypted(document, encrypt_for)
    if response:
        document = xmlsec.sign(document, key, NODE_NAMES[RESPONSE], told.response_id)
    return document


def encrypted(document: bytes, certificate: pathlib.Path) -> bytes:
    """The response with its assertion in an envelope: RSA-OAEP and AES-256-GCM (XML Encryption 1.1)."""
    root = etree.fromstring(document)
    assertion = root.find(ASSERTION)
    public = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    if assertion is None or not isinstance(public, RSAPublicKey):
        raise ValueError(certificate)
    key, nonce = clock.random_bytes(32), clock.random_bytes(12)
    sealed = nonce + AESGCM(key).encrypt(nonce, etree.tostring(assertion), None)
    wrapped = public.encrypt(key, OAEP(MGF1(hashes.SHA1()), hashes.SHA1(), None))  # noqa: S303 - what its name demands
    envelope = ENVELOPE.format(key=base64.b64encode(wrapped).decode(), data=base64.b64encode(sealed).decode())
    root.replace(assertion, etree.fromstring(envelope))
    return bytes(etree.tostring(root))


def _head(told: Told, number: str) -> dict[str, object]:
    return {
        "id": number,
        "version": "2.0",
        "issue_instant": _text(told.now),
        "destination": told.answer_url,
        "in_response_to": told.in_response_to,
        "issuer": saml.Issuer(text=told.issuer),
        "signature": signature_template(number),
    }


def _assertion(told: Told) -> saml.Assertion:
    end = _text(told.now + LIVES)
    data = saml.SubjectConfirmationData(
        recipient=told.answer_url, in_response_to=told.in_response_to, not_on_or_after=end
    )
    context = [saml.AuthnContextClassRef(text=told.context)] if told.context is not None else []
    return saml.Assertion(
        id=told.assertion_id,
        version="2.0",
        issue_instant=_text(told.now),
        issuer=saml.Issuer(text=told.issuer),
        signature=signature_template(told.assertion_id),
        subject=saml.Subject(
            name_id=saml.NameID(format=saml.NAMEID_FORMAT_TRANSIENT, text=clock.token(16)),
            subject_confirmation=saml.SubjectConfirmation(method=BEARER, subject_confirmation_data=data),
        ),
        conditions=saml.Conditions(
            not_before=_text(told.now),
            not_on_or_after=end,
            audience_restriction=saml.AudienceRestriction(audience=saml.Audience(text=told.audience)),
        ),
        authn_statement=saml.AuthnStatement(
            authn_instant=_text(told.signed_in_at or told.now),
            authn_context=saml.AuthnContext(authn_context_class_ref=context),
        ),
        attribute_statement=saml.AttributeStatement(attribute=[_attribute(*row) for row in told.attributes]),
    )


def _attribute(oid: str, value: str, trust: str | None) -> saml.Attribute:
    return saml.Attribute(
        name=f"urn:oid:{oid}",
        name_format=NAME_FORMAT,
        attribute_value=saml.AttributeValue(text=value),
        extension_attributes={"TrustLevel": trust} if trust is not None else {},
    )


def _text(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
