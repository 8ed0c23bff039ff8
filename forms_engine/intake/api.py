"""Other systems hand in here: POST the raw bytes. Errors are problems as JSON (RFC 9457) with German sentences.

Authorization: Bearer <token>; Idempotency-Key: the sender's own name for this delivery, at most 200 characters;
optional: Vorgang: <file number>, Betreff and Dateiname as UTF-8 percent-encoded. 201 {"id", "status"}: stored and
committed. 200: the same delivery once more, nothing new. 409: the same key with other bytes.
"""

from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from forms_engine.intake import api_systems
from forms_engine.intake.models import Source
from forms_engine.intake.receiving import KeyReused, TooLarge, receive
from mailbox.texts import one_line
from portal.common import limits, references
from portal.documents import filenames

PER_MINUTE = 600
MAX_KEY = 200


class Problem(Exception):
    def __init__(self, status: int, detail: str):
        super().__init__(detail)
        self.status, self.detail = status, detail


TITLES = {
    400: "Die Anfrage ist unvollständig",
    401: "Der Schlüssel fehlt oder gilt nicht",
    405: "Hier kann man nur einliefern",
    409: "Der Idempotency-Key ist schon vergeben",
    413: "Die Datei ist zu groß",
    422: "Eine Angabe ist falsch",
    429: "Zu viele Anfragen",
    503: "Im Moment nicht möglich",
}


@csrf_exempt
def deliver(request: HttpRequest) -> HttpResponse:
    try:
        if request.method != "POST":
            raise Problem(405, "Senden Sie die Datei mit POST.")
        return _deliver(request)
    except Problem as problem:
        body = {"type": "about:blank", "title": TITLES[problem.status], "status": problem.status}
        response = _json(body | {"detail": problem.detail}, problem.status, "application/problem+json")
        if problem.status == 405:
            response["Allow"] = "POST"
        if problem.status == 401:
            response["WWW-Authenticate"] = "Bearer"
        return response


def _deliver(request: HttpRequest) -> HttpResponse:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if not limits.allow(request, "intake.api", per_minute=PER_MINUTE):
        raise Problem(429, "Warten Sie eine Minute und senden Sie dann weiter.")
    system = api_systems.by_token(token.strip()) if kind.lower() == "bearer" else None
    if system is None:
        raise Problem(401, "Senden Sie den Schlüssel im Kopf Authorization: Bearer …")
    key = request.headers.get("Idempotency-Key", "").strip()
    if not 0 < len(key) <= MAX_KEY:
        raise Problem(400, f"Senden Sie im Kopf Idempotency-Key eine eigene Kennung mit höchstens {MAX_KEY} Zeichen.")
    facts = _facts(request)
    data = _bytes(request)
    try:
        received = receive(Source.API, data, name=f"api:{system.pk}:{key}", facts=facts, system=system)
    except KeyReused:
        raise Problem(409, "Zu dieser Kennung haben wir schon eine andere Datei. Nehmen Sie eine neue.") from None
    except TooLarge:
        raise Problem(413, _too_large()) from None
    except (OSError, OperationalError):
        raise Problem(503, "Wir konnten die Datei nicht speichern. Senden Sie sie später noch einmal.") from None
    item = received.item
    return _json({"id": str(item.public_id), "status": item.state}, 201 if received.fresh else 200, "application/json")


def _facts(request: HttpRequest) -> dict[str, str]:
    said = {name: unquote(request.headers.get(name, "")) for name in ("Vorgang", "Betreff", "Dateiname")}
    number = references.canonical_file_number(said["Vorgang"])
    if said["Vorgang"] and number is None:
        raise Problem(422, "Im Kopf Vorgang steht kein gültiges Aktenzeichen. Prüfen Sie es oder lassen Sie es weg.")
    facts = {"number": number or "", "subject": one_line(said["Betreff"])}
    return facts | ({"name": filenames.clean(said["Dateiname"])} if said["Dateiname"] else {})


def _bytes(request: HttpRequest) -> bytes:
    """The body, never more than allowed in memory, whatever its length says."""
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > settings.INTAKE_MAX_BYTES:
        raise Problem(413, _too_large())
    try:
        data = request.read(settings.INTAKE_MAX_BYTES + 1)
    except OSError:
        raise Problem(400, "Die Übertragung ist abgebrochen. Senden Sie die Datei noch einmal.") from None
    if not data:
        raise Problem(400, "Die Anfrage ist leer. Senden Sie die Datei als Inhalt der Anfrage.")
    return data


def _too_large() -> str:
    return f"Die Datei darf höchstens {settings.INTAKE_MAX_BYTES // 1_000_000} MB groß sein. Teilen Sie sie auf."


def _json(body: dict[str, Any], status: int, kind: str) -> HttpResponse:
    response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = kind
    response["Cache-Control"] = "no-store"
    return response
