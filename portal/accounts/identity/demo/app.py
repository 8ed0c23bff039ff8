"""The WSGI application: for each provider one page to choose a person, and the answer on its way back to the portal."""

import base64
import pathlib
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from django.template.loader import render_to_string

from portal.accounts.identity.demo import answers, keys, questions
from portal.accounts.identity.demo.people import PEOPLE, WAYS, Way
from portal.accounts.identity.demo.questions import Asked, Unknown
from portal.accounts.identity.providers import NAMES
from portal.common import clock

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

STYLE = (pathlib.Path(__file__).parent / "page.css").read_bytes()
MAX_BYTES = 200_000
CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


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
        asked = questions.read(query, given, self.folder.certificate(keys.PORTAL), self.portal)
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
        document = answers.sign(
            str(answer).encode(),
            self.folder.key(provider),
            told,
            assertion=chosen is not None,
            encrypt_for=self.folder.certificate(keys.PORTAL) if chosen and provider in keys.ENCRYPTING else None,
        )
        fields = {"SAMLResponse": base64.b64encode(document).decode(), "RelayState": relay}
        text = "Die Anmeldung hat geklappt." if chosen else "Sie haben die Anmeldung abgebrochen."
        context = {"name": NAMES[provider], "target": asked.answer_url, "fields": fields, "text": text}
        # Browsers apply form-action to the redirect after the form as well.
        return _page(start_response, 200, "send", context, form_action=_origin(asked.answer_url))


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
