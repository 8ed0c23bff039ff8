"""Whom we believe: BayernID and BundID by SAML, one more by OpenID Connect. Those not configured are not offered.

The metadata of a SAML provider is a file that the operator was given and has looked at; it is never fetched.
"""

import dataclasses
import datetime as dt
import functools
import pathlib
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from lxml import etree

from portal.accounts.levels import TrustLevel
from portal.common import clock, os_errors

NAMES = {"bayernid": "BayernID", "bundid": "BundID"}
OIDC = "oidc"
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
CERTIFICATE = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
BOTH, ASSERTION_ONLY = "both", "assertion"  # what a provider must have signed
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


class BadMetadata(Exception):
    """The file does not describe one SAML identity provider. The sentence says what is missing."""


@dataclasses.dataclass(frozen=True)
class Peer:
    """What the metadata of a provider says: name, addresses by binding, Base64 of the certificates that may sign."""

    entity_id: str
    addresses: dict[str, str]
    certificates: tuple[str, ...]
    valid_until: dt.datetime | None = None


@dataclasses.dataclass(frozen=True)
class SamlProvider:
    key: str
    name: str
    metadata: pathlib.Path
    highest: TrustLevel = TrustLevel.HIGH
    response_signed: bool = True  # beside the assertion, which always must be
    cbc: bool = False

    @property
    def peer(self) -> Peer:
        """Raises BadMetadata. Read anew when the file has changed (a provider's change of keys)."""
        return read(self.metadata, clock.now())

    @property
    def home(self) -> str:
        """The house whose page asks people who they are; "" while it is not known."""
        try:
            return origin(next(iter(self.peer.addresses.values())))
        except BadMetadata:
            return ""

    @property
    def answer_url(self) -> str:
        """Where this provider, and only this one, sends its answers (SAML: AssertionConsumerService)."""
        return settings.PUBLIC_URL + reverse("identity:answer", args=[self.key])


@dataclasses.dataclass(frozen=True)
class OidcProvider:
    name: str
    levels: dict[str, TrustLevel]  # acr -> level; what is not in here is refused
    key: str = OIDC

    @property
    def home(self) -> str:
        return origin(settings.OIDC_ISSUER)

    @property
    def highest(self) -> TrustLevel:
        return max(self.levels.values(), default=TrustLevel.NONE)


Provider = SamlProvider | OidcProvider


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def parse_levels(parts: Iterable[str]) -> dict[str, TrustLevel]:
    """From "acr=level" with the levels basic, substantial and high. Raises ValueError with the part that is wrong."""
    levels = {}
    for part in parts:
        acr, _, level = part.rpartition("=")
        if not acr or level not in ("basic", "substantial", "high"):
            raise ValueError(part)
        levels[acr] = TrustLevel[level.upper()]
    return levels


def saml(key: str, metadata: pathlib.Path) -> SamlProvider:
    """With what the operator demands of this provider; both signatures unless "assertion" is written."""
    signed = settings.SAML_SIGNED.get(key, BOTH) != ASSERTION_ONLY
    return SamlProvider(key, NAMES[key], metadata, response_signed=signed, cbc=key in settings.SAML_CBC)


def offered() -> list[Provider]:
    """In the order of the sign-in page."""
    found: list[Provider] = [saml(key, path) for key, path in settings.SAML_METADATA.items() if path is not None]
    if settings.OIDC_ISSUER:
        found.append(OidcProvider(settings.OIDC_NAME, parse_levels(settings.OIDC_LEVELS)))
    return found


def get(key: str) -> Provider | None:
    return next((provider for provider in offered() if provider.key == key), None)


def name(key: str) -> str:
    """For people, also of a provider that is no longer offered."""
    provider = get(key)
    return provider.name if provider else NAMES.get(key, key)


def entity_id() -> str:
    """Our own name towards SAML providers: the address of our metadata, as is usual."""
    return settings.SAML_ENTITY_ID or settings.PUBLIC_URL + reverse("identity:metadata")


def read(path: pathlib.Path, now: dt.datetime | None) -> Peer:
    """Raises BadMetadata, also for a description that says of itself that it has ended (SAML Metadata 2.3.2); with
    None for now it may have."""
    try:
        found = _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise BadMetadata(f"{path} ist nicht lesbar ({os_errors.why(error)})") from None
    if now is not None and found.valid_until is not None and found.valid_until <= now:
        raise BadMetadata(f"{path} gilt nur bis {found.valid_until:%d.%m.%Y}")
    return found


@functools.lru_cache(maxsize=8)
def _read(path: pathlib.Path, changed_ns: int) -> Peer:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.parse(path, parser).getroot()
    except etree.XMLSyntaxError:
        raise BadMetadata(f"{path} ist kein XML") from None
    entity, role = root.get("entityID", ""), root.find(f"{MD}IDPSSODescriptor")
    if root.tag != f"{MD}EntityDescriptor" or not entity or role is None:
        raise BadMetadata(f"{path} beschreibt keinen Anbieter (EntityDescriptor mit IDPSSODescriptor)")
    addresses = {s.get("Binding", ""): s.get("Location", "") for s in role.findall(f"{MD}SingleSignOnService")}
    certificates = tuple(
        "".join((certificate.text or "").split())
        for key in role.findall(f"{MD}KeyDescriptor")
        if key.get("use", "signing") == "signing"
        for certificate in key.iter(CERTIFICATE)
    )
    if not certificates or not ({REDIRECT, POST} & set(addresses)):
        raise BadMetadata(f"{path} nennt keinen Schlüssel oder keine Adresse für Anmeldungen")
    return Peer(entity, addresses, certificates, _earliest(path, root, role))


def _earliest(path: pathlib.Path, *elements: etree._Element) -> dt.datetime | None:
    try:
        ends = [dt.datetime.fromisoformat(text) for element in elements if (text := element.get("validUntil"))]
    except ValueError:
        raise BadMetadata(f"{path} nennt ein Ende, das kein Zeitpunkt ist") from None
    return min((end if end.tzinfo else end.replace(tzinfo=dt.UTC) for end in ends), default=None)
