"""The WSGI application: for each provider one page to choose a person, and the answer on its way back to the portal."""

import base64
import binascii
import dataclasses
import pathlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote_plus, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.template.loader import render_to_string
from saml2 import samlp

from portal.accounts.identity import signatures, xmlsec
from portal.accounts.identity.demo import answers, keys
from portal.accounts.identity.demo.people import PEOPLE, WAYS, Way
from portal.accounts.identity.providers import NAMES
from portal.accounts.levels import from_stork
from portal.common import clock

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

STYLE = (pathlib.Path(__file__).parent / "page.css").read_bytes()
MAX_BYTES = 200_000
CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
REQUEST = "urn:oasis:names:tc:SAML:2.0:protocol:AuthnRequest"
Fields = Mapping[str, str]


class Unknown(Exception):
    """A request that is not one of the portal's."""


@dataclasses.dataclass(frozen=True)
class Asked:
    number: str
    answer_url: str
    audience: str
    lowest: int  # STORK class
    organisation: str


class Application:
    """`origin`: where it is reached; `portal`: where answers may go."""

    def __init__(self, folder: keys.Folder, origin: str, portal: str) -> None:
        self.folder, self.origin, self.portal = folder, origin, portal

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/seite.css":
            return _send(start_response, 200, STYLE, "text/css; charset=utf-8")
        provider = path.strip("/").partition("/")[0]
        if path != f"/{provider}/anmelden" or provider not in keys.PROVIDERS:
            return _page(start_response, 404, "unknown", {"name": "Anmeldung"})
        length = min(int(environ.get("CONTENT_LENGTH") or 0), MAX_BYTES)
        query, body = environ.get("QUERY_STRING", ""), environ["wsgi.input"].read(length).decode()
        try:
            return self._answer(start_response, provider, environ["REQUEST_METHOD"], query, body)
        except Unknown:
            return _page(start_response, 400, "unknown", {"name": NAMES[provider]})

    def _answer(
        self, start_response: "StartResponse", provider: str, method: str, query: str, body: str
    ) -> Iterable[bytes]:
        given = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self._posted(given) if "SAMLRequest" in given else self._signed(query)
        relay = given.get("RelayState") or parse_qs(query).get("RelayState", [""])[0]
        ways = [way for way in WAYS if way.stork >= asked.lowest]
        hidden = {name: given[name] for name in ("SAMLRequest", "RelayState") if name in given}
        context: dict[str, object] = {
            "name": NAMES[provider],
            "organisation": asked.organisation,
            "people": PEOPLE,
            "ways": ways,
            "hidden": hidden,
            "chosen": given.get("person", ""),
        }
        if method != "POST" or "aktion" not in given:
            return _page(start_response, 200, "choose", context)
        if given["aktion"] == "abbrechen":
            return self._back(start_response, provider, asked, relay, None)
        person = next((person for person in PEOPLE if person.key == given.get("person")), None)
        way = next((way for way in ways if way.key == given.get("weg")), None)
        if person is None or way is None:
            error = "Wählen Sie eine Person und womit sie sich ausweist."
            return _page(start_response, 422, "choose", {**context, "error": error})
        return self._back(start_response, provider, asked, relay, (person.attributes(provider, way), way))

    def _back(
        self,
        start_response: "StartResponse",
        provider: str,
        asked: Asked,
        relay: str,
        chosen: tuple[answers.Attributes, Way] | None,
    ) -> Iterable[bytes]:
        told = answers.Told(
            issuer=keys.entity_id(self.origin, provider),
            answer_url=asked.answer_url,
            audience=asked.audience,
            in_response_to=asked.number,
            context=f"STORK-QAA-Level-{chosen[1].stork}" if chosen else None,
            attributes=chosen[0] if chosen else (),
            now=clock.now(),
        )
        answer = answers.unsigned(told) if chosen else answers.cancelled(told)
        document = answers.sign(str(answer).encode(), self.folder.key(provider), told, assertion=chosen is not None)
        fields = {"SAMLResponse": base64.b64encode(document).decode(), "RelayState": relay}
        text = "Die Anmeldung hat geklappt." if chosen else "Sie haben die Anmeldung abgebrochen."
        context = {"name": NAMES[provider], "target": asked.answer_url, "fields": fields, "text": text}
        # Browsers apply form-action to the redirect after the form as well.
        return _page(start_response, 200, "send", context, form_action=_origin(asked.answer_url))

    def _signed(self, query: str) -> Asked:
        """A question in the address (HTTP-Redirect binding), with the signature over the query as it was sent."""
        parts = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
        covered = "&".join(f"{name}={parts[name]}" for name in ("SAMLRequest", "RelayState", "SigAlg") if name in parts)
        certificate = x509.load_pem_x509_certificate(self.folder.certificate(keys.PORTAL).read_bytes())
        public = certificate.public_key()
        try:
            signature = base64.b64decode(unquote_plus(parts["Signature"]))
            if not isinstance(public, RSAPublicKey):
                raise Unknown
            public.verify(signature, covered.encode(), padding.PKCS1v15(), hashes.SHA256())
            packed = base64.b64decode(unquote_plus(parts["SAMLRequest"]))
            return self._read(zlib.decompressobj(-15).decompress(packed, MAX_BYTES))
        except (KeyError, InvalidSignature, binascii.Error, zlib.error):
            raise Unknown from None

    def _posted(self, given: Fields) -> Asked:
        """A question in a form (HTTP-POST binding), with the signature inside."""
        try:
            document = base64.b64decode(given["SAMLRequest"])
            number = samlp.authn_request_from_string(document).id
            certificate = self.folder.certificate(keys.PORTAL).read_text(encoding="ascii")
            xmlsec.verify(document, certificate, REQUEST, number)
        except (binascii.Error, AttributeError, xmlsec.XmlsecFailed):
            raise Unknown from None
        return self._read(document)

    def _read(self, document: bytes) -> Asked:
        request = samlp.authn_request_from_string(document)
        if request is None or not request.assertion_consumer_service_url.startswith(f"{self.portal}/"):
            raise Unknown
        root = signatures.parse(document)
        names = [str(node.text) for node in root.iter("{*}OrganizationDisplayName")]
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


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _page(
    start_response: "StartResponse",
    status: int,
    template: str,
    context: Mapping[str, object],
    form_action: str = "'self'",
) -> Iterable[bytes]:
    body = render_to_string(f"demoidentity/{template}.html", dict(context)).encode()
    return _send(start_response, status, body, "text/html; charset=utf-8", form_action)


def _send(
    start_response: Callable[[str, list[tuple[str, str]]], object],
    status: int,
    body: bytes,
    media_type: str,
    form_action: str = "'none'",
) -> list[bytes]:
    headers = [
        ("Content-Type", media_type),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", f"{CSP}; form-action {form_action}"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ]
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]
