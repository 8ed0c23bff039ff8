"""Keys and descriptions of the demo's providers and of the portal towards them. Needs no Django."""

import dataclasses
import datetime as dt
import pathlib
from xml.sax.saxutils import quoteattr

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PROVIDERS = ("bayernid", "bundid")
ENCRYPTING = ("bundid",)  # so that both kinds of answers are seen
PORTAL = "portal"
FOREVER = (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2056, 1, 1, tzinfo=dt.UTC))
METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID={entity}>
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAuthnRequestsSigned="true">
<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{certificate}\
</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-{binding}" Location={address}/>
</IDPSSODescriptor>
</EntityDescriptor>
"""


@dataclasses.dataclass(frozen=True)
class Folder:
    """Where everything lies: for each name a key, a certificate, and for providers their metadata."""

    path: pathlib.Path

    def key(self, name: str) -> pathlib.Path:
        return self.path / f"{name}.key.pem"

    def certificate(self, name: str) -> pathlib.Path:
        return self.path / f"{name}.cert.pem"

    def metadata(self, name: str) -> pathlib.Path:
        return self.path / f"{name}.metadata.xml"

    def environment(self) -> dict[str, str]:
        """What the portal's settings read."""
        return {
            "PORTAL_SAML_KEY_FILE": str(self.key(PORTAL)),
            "PORTAL_SAML_CERTIFICATE_FILE": str(self.certificate(PORTAL)),
            "PORTAL_BAYERNID_METADATA": str(self.metadata("bayernid")),
            "PORTAL_BUNDID_METADATA": str(self.metadata("bundid")),
        }


def entity_id(origin: str, provider: str) -> str:
    return f"{origin}/{provider}/metadaten"


def prepare(path: pathlib.Path, origin: str, binding: str = "Redirect") -> Folder:
    """Keys once, metadata for providers at this address. Safe to repeat."""
    folder = Folder(path)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (PORTAL, *PROVIDERS):
        if not folder.certificate(name).exists():
            _make(folder, name)
    for provider in PROVIDERS:
        lines = folder.certificate(provider).read_text(encoding="ascii").splitlines()
        text = METADATA.format(
            entity=quoteattr(entity_id(origin, provider)),
            certificate="".join(line for line in lines if not line.startswith("-----")),
            binding=binding,
            address=quoteattr(f"{origin}/{provider}/anmelden"),
        )
        folder.metadata(provider).write_text(text, encoding="utf-8")
    return folder


def _make(folder: Folder, name: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Demo {name}")])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(FOREVER[0])
        .not_valid_after(FOREVER[1])
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    folder.key(name).touch(mode=0o600)
    folder.key(name).write_bytes(plain)
    folder.certificate(name).write_bytes(certificate.public_bytes(Encoding.PEM))
