"""Our side of SAML 2.0 on pysaml2: the signed question with the extension of BayernID and BundID, and our metadata."""

import base64
import dataclasses
import datetime as dt
import pathlib
import zlib
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from saml2 import BINDING_HTTP_POST, ExtensionElement, class_name, md, saml, samlp, xmldsig

from portal.accounts.identity import assertions, decryption, providers, signatures, xmlsec
from portal.accounts.identity.providers import BadMetadata, SamlProvider
from portal.accounts.levels import TrustLevel
from portal.common import clock

AKDB = "https://www.akdb.de/request/2018/09"
DISPLAY = f"{AKDB}/classic-ui/v1"
# The lowest STORK class of each of our levels; the comparison is "minimum".
CLASSES = {TrustLevel.BASIC: 1, TrustLevel.SUBSTANTIAL: 3, TrustLevel.HIGH: 4}
METHODS = {  # ways to sign in that can reach the level, by the names of the extension
    TrustLevel.BASIC: ("Authega", "Benutzername", "Diia", "eID", "eIDAS", "Elster", "FINK"),
    TrustLevel.SUBSTANTIAL: ("Authega", "eID", "eIDAS", "Elster", "FINK"),
    TrustLevel.HIGH: ("eID", "eIDAS"),
}
# What we ask for: OID -> whether the sign-in makes no sense without it. Only the pseudonym does.
WANTED = {assertions.BPK2: True, assertions.LEVEL: False, **dict.fromkeys(assertions.FIELDS, False)}


@dataclasses.dataclass(frozen=True)
class Sending:
    """How the browser carries the question: `fields` are posted to `url`; without fields the address is everything."""

    url: str
    fields: Mapping[str, str]


def ask(provider: SamlProvider, number: str, relay: str, level: TrustLevel, now: dt.datetime, *, anew: bool) -> Sending:
    """The question for a sign-in of at least this level; `anew`: although the person is signed in there already.

    Raises BadMetadata.
    """
    peer = provider.peer
    if address := peer.addresses.get(providers.REDIRECT):
        request = _request(provider, address, number, level, now, anew=anew)
        return Sending(_signed_address(address, str(request), relay), {})
    address = peer.addresses[providers.POST]
    request = _request(provider, address, number, level, now, anew=anew)
    request.signature = signature_template(number)
    signed = xmlsec.sign(str(request).encode(), _key_file(), class_name(request), number)
    return Sending(address, {"SAMLRequest": base64.b64encode(signed).decode(), "RelayState": relay})


def signature_template(number: str) -> xmldsig.Signature:
    """An empty signature over the element with this ID, for xmlsec1 to fill in."""
    transforms = [xmldsig.Transform(algorithm=name) for name in (xmldsig.TRANSFORM_ENVELOPED, xmldsig.TRANSFORM_C14N)]
    reference = xmldsig.Reference(
        uri=f"#{number}",
        transforms=xmldsig.Transforms(transform=transforms),
        digest_method=xmldsig.DigestMethod(algorithm=xmldsig.DIGEST_SHA256),
        digest_value=xmldsig.DigestValue(),
    )
    info = xmldsig.SignedInfo(
        canonicalization_method=xmldsig.CanonicalizationMethod(algorithm=xmldsig.TRANSFORM_C14N),
        signature_method=xmldsig.SignatureMethod(algorithm=xmldsig.SIG_RSA_SHA256),
        reference=reference,
    )
    return xmldsig.Signature(signed_info=info, signature_value=xmldsig.SignatureValue())


def _signed_address(address: str, request: str, relay: str) -> str:
    """HTTP-Redirect binding (SAML Bindings 3.4.4.1): deflated, and signed as the query it is."""
    deflated = zlib.compress(request.encode(), wbits=-15)
    query = urlencode(
        {
            "SAMLRequest": base64.b64encode(deflated).decode(),
            "RelayState": relay,
            "SigAlg": xmldsig.SIG_RSA_SHA256,
        }
    )
    key = load_pem_private_key(_key_file().read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise BadMetadata("PORTAL_SAML_KEY_FILE enthält keinen RSA-Schlüssel")
    signature = key.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())
    glue = "&" if "?" in address else "?"
    return f"{address}{glue}{query}&{urlencode({'Signature': base64.b64encode(signature).decode()})}"


def question(
    provider: SamlProvider, number: str, level: TrustLevel, newer_than: dt.datetime | None
) -> assertions.Question:
    """What the answer has to fit. Raises BadMetadata."""
    return assertions.Question(
        number, provider.peer.entity_id, providers.entity_id(), provider.answer_url, level, newer_than
    )


def trust(provider: SamlProvider) -> signatures.Trust:
    """What makes an answer of this provider believable. Raises BadMetadata."""
    files = [path for path in (settings.SAML_KEY_FILE, settings.SAML_OTHER_KEY_FILE) if path is not None]
    keys = tuple(decryption.load(files))
    return signatures.Trust(provider.peer.certificates, provider.response_signed, keys, provider.cbc)


def metadata(answer_urls: Iterable[str]) -> bytes:
    """Our description for the providers (SAML Metadata 2.4.4), signed, with one address for answers for each of them.

    During an exchange of keys both are in it: either may have signed, and either may be encrypted for.
    Raises BadMetadata.
    """
    number = f"_{clock.uuid().hex}"
    role = md.SPSSODescriptor(
        protocol_support_enumeration=samlp.NAMESPACE,
        authn_requests_signed="true",
        want_assertions_signed="true",
        key_descriptor=[_key(use, text) for use in ("signing", "encryption") for text in certificates()],
        assertion_consumer_service=[
            md.AssertionConsumerService(binding=BINDING_HTTP_POST, location=url, index=str(index))
            for index, url in enumerate(answer_urls)
        ],
    )
    city = [md.OrganizationName(text=settings.CITY["name"], lang="de")]
    organisation = md.Organization(
        organization_name=city,
        organization_display_name=[md.OrganizationDisplayName(text=settings.CITY["name"], lang="de")],
        organization_url=[md.OrganizationURL(text=settings.PUBLIC_URL, lang="de")],
    )
    entity = md.EntityDescriptor(
        id=number,
        entity_id=providers.entity_id(),
        signature=signature_template(number),
        spsso_descriptor=role,
        organization=organisation,
    )
    try:
        return xmlsec.sign(str(entity).encode(), _key_file(), class_name(entity), number)
    except xmlsec.XmlsecFailed as error:
        raise BadMetadata(str(error)) from None


def certificates() -> list[str]:
    """Ours in Base64 without line breaks: that of the key that signs, then that of the other. Raises BadMetadata."""
    if settings.SAML_CERTIFICATE_FILE is None:
        raise BadMetadata("PORTAL_SAML_CERTIFICATE_FILE fehlt")
    files = [path for path in (settings.SAML_CERTIFICATE_FILE, settings.SAML_OTHER_CERTIFICATE_FILE) if path]
    try:
        texts = [path.read_text(encoding="ascii").splitlines() for path in files]
    except (OSError, UnicodeDecodeError):
        raise BadMetadata("PORTAL_SAML_CERTIFICATE_FILE ist nicht lesbar") from None
    return ["".join(line for line in lines if not line.startswith("-----")) for lines in texts]


def _key(use: str, certificate: str) -> md.KeyDescriptor:
    data = xmldsig.X509Data(x509_certificate=xmldsig.X509Certificate(text=certificate))
    methods = [f"{decryption.XENC11}aes256-gcm", decryption.OAEP_SHA1_MASK] if use == "encryption" else []
    return md.KeyDescriptor(
        use=use,
        key_info=xmldsig.KeyInfo(x509_data=data),
        encryption_method=[md.EncryptionMethod(algorithm=method) for method in methods],
    )


def _key_file() -> pathlib.Path:
    if settings.SAML_KEY_FILE is None:
        raise BadMetadata("PORTAL_SAML_KEY_FILE fehlt")
    return settings.SAML_KEY_FILE


def _request(
    provider: SamlProvider, address: str, number: str, level: TrustLevel, now: dt.datetime, *, anew: bool
) -> samlp.AuthnRequest:
    return samlp.AuthnRequest(
        id=number,
        version="2.0",
        issue_instant=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        destination=address,
        assertion_consumer_service_url=provider.answer_url,
        protocol_binding=BINDING_HTTP_POST,
        force_authn="true" if anew else "false",
        provider_name=settings.CITY["name"],
        issuer=saml.Issuer(text=providers.entity_id()),
        extensions=samlp.Extensions(extension_elements=[_extension(level)]),
        requested_authn_context=samlp.RequestedAuthnContext(
            comparison="minimum",
            authn_context_class_ref=[saml.AuthnContextClassRef(text=f"STORK-QAA-Level-{CLASSES[level]}")],
        ),
    )


def _extension(level: TrustLevel) -> ExtensionElement:
    """akdb:AuthenticationRequest: ways to sign in, data wanted, and what the provider's page says about us."""

    def element(
        tag: str, *children: ExtensionElement, text: str | None = None, space: str = AKDB, **attributes: str
    ) -> ExtensionElement:
        return ExtensionElement(tag, namespace=space, attributes=attributes, children=list(children), text=text)

    methods = [element(name, element("Enabled", text="true")) for name in METHODS[level]]
    wanted = [
        element("RequestedAttribute", Name=f"urn:oid:{oid}", RequiredAttribute=str(needed).lower())
        for oid, needed in WANTED.items()
    ]
    display = [element("OrganizationDisplayName", text=settings.CITY["name"], space=DISPLAY)]
    if settings.SAML_SERVICE_ID:
        display.append(element("OnlineServiceId", text=settings.SAML_SERVICE_ID, space=DISPLAY))
    return element(
        "AuthenticationRequest",
        element("AuthnMethods", *methods),
        element("RequestedAttributes", *wanted),
        element("DisplayInformation", element("Version", *display, space=DISPLAY)),
        Version="2",
    )
