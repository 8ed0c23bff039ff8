"""tus 1.0 (tus.io/protocols/resumable-upload): core, creation, expiration, checksum, termination. Plain WSGI views.

The body is read in pieces (request.read), so a file is never in memory, and Django's limits for forms do not apply.
Browsers send `Tus-Resumable` to another origin only after asking it first, and we never answer that question; so no
foreign page can make a visitor's browser upload or delete anything, and the views need no form token.
"""

import base64
import binascii
import functools
import uuid
from collections.abc import Callable, Mapping
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from mailbox.exchange import access, actions, uploads
from mailbox.exchange.access import Visitor
from mailbox.exchange.models import Upload
from mailbox.exchange.uploads import Checksum
from mailbox.exchange.vault import About

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
ALGORITHMS = ("sha1", "sha256", "sha512", "md5")
BODY = "application/offset+octet-stream"
MAX_METADATA = 8000
SILENCE = 60  # seconds: a line that says nothing for so long is cut, or its upload would stay locked
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


class Answer(Exception):
    """Ends the view with this status. The text is for the person who reads the client's log."""

    def __init__(self, status: int, text: str = ""):
        super().__init__(status, text)
        self.status, self.text = status, text


# What the verbs of uploads.py raise, as tus and HTTP say it.
_STATUS: Mapping[type[Exception], int] = {
    uploads.Busy: 423,
    uploads.WrongPlace: 409,
    uploads.Gone: 410,
    uploads.TooMuch: 413,
    uploads.Mismatch: 460,
    actions.Ended: 410,
}


def _tus(view: View[P]) -> View[P]:
    """What every answer carries, and what is asked of every request."""

    @csrf_exempt
    @functools.wraps(view)
    def spoken(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        # Clients behind old proxies name the method here, and the real one does not count (core protocol).
        request.method = request.headers.get("X-HTTP-Method-Override", request.method or "GET").upper()
        try:
            response = _options() if request.method == "OPTIONS" else _asked(request, view, *args, **kwargs)
        except Http404:
            response = HttpResponse(status=404)
        except Answer as answer:
            response = HttpResponse(answer.text, status=answer.status, content_type="text/plain; charset=utf-8")
        except tuple(_STATUS) as refused:
            response = HttpResponse(str(refused), status=_STATUS[type(refused)], content_type="text/plain")
        if request.method == "HEAD":
            response.content = b""
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return spoken


def _asked(request: HttpRequest, view: View[P], *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
    if request.headers.get("Tus-Resumable") != VERSION:
        refused = HttpResponse(status=412)
        refused["Tus-Version"] = VERSION
        return refused
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise Answer(403)
    return view(request, *args, **kwargs)


def _options() -> HttpResponse:
    response = HttpResponse(status=204)
    response["Tus-Version"], response["Tus-Extension"] = VERSION, EXTENSIONS
    response["Tus-Max-Size"] = str(settings.EXCHANGE_MAX_BYTES)
    response["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    return response


@_tus
def collection(request: HttpRequest, room: uuid.UUID) -> HttpResponse:
    """POST announces an upload."""
    visitor = _dropper(request, room)
    _allowed(request, "POST")
    if "Upload-Defer-Length" in request.headers:
        raise Answer(400, "Upload-Defer-Length is not offered")
    upload = uploads.create(
        visitor, about(request.headers.get("Upload-Metadata", "")), _number(request, "Upload-Length")
    )
    response = HttpResponse(status=201)
    response["Location"] = request.build_absolute_uri(reverse("tus:upload", args=[room, upload.public_id]))
    return _dated(response, upload)


@_tus
def resource(request: HttpRequest, room: uuid.UUID, public_id: uuid.UUID) -> HttpResponse:
    """HEAD: how far it is. PATCH: more of it. DELETE: no more of it."""
    visitor = _dropper(request, room)
    _allowed(request, "HEAD", "PATCH", "DELETE")
    upload = access.upload_for(visitor, public_id)
    if uploads.is_gone(upload):
        raise Answer(410)
    if request.method == "HEAD":
        response = HttpResponse(status=200)
        response["Upload-Length"] = str(upload.length)
        response["Upload-Offset"] = str(upload.offset)
        return _dated(response, upload)
    if request.method == "DELETE":
        uploads.terminate(upload)
        return HttpResponse(status=204)
    return _patch(request, upload)


def _patch(request: HttpRequest, upload: Upload) -> HttpResponse:
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != BODY:
        raise Answer(415)
    if "Content-Length" not in request.headers:
        raise Answer(411)
    size, start, promised = _number(request, "Content-Length"), _number(request, "Upload-Offset"), _promised(request)
    _watch_the_line(request)
    row = uploads.append(upload, start, request, size=size, promised=promised)  # type: ignore[arg-type]  # it has read()
    response = HttpResponse(status=204)
    response["Upload-Offset"] = str(row.offset)
    return _dated(response, row)


def about(metadata: str) -> About:
    """`Upload-Metadata`: pairs of key and Base64 of UTF-8, divided by commas; a value may be missing (creation).

    Raises Answer (400).
    """
    if len(metadata) > MAX_METADATA:
        raise Answer(400, "Upload-Metadata is too long")
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in metadata.split(","))):
        key, _, encoded = pair.partition(" ")
        try:
            value = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Answer(400, f"Upload-Metadata: {key[:40]} is not Base64 of UTF-8") from None
        if key in found or not key.isascii() or " " in encoded.strip():
            raise Answer(400, "Upload-Metadata: every key once, in ASCII")
        found[key] = value
    name = found.get("filename") or found.get("name") or ""
    return About(name, found.get("filetype") or found.get("type") or "", found.get("mark", ""))


def _promised(request: HttpRequest) -> Checksum | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, encoded = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Answer(400, "unknown checksum algorithm")
    try:
        return Checksum(algorithm, base64.b64decode(encoded, validate=True))
    except binascii.Error:
        raise Answer(400, "Upload-Checksum is not Base64") from None


def _dropper(request: HttpRequest, room: uuid.UUID) -> Visitor:
    """Raises Http404 for everybody who may not bring files here, and answers 410 once the room has ended."""
    visitor = access.visitor(request, room)
    if not visitor.may_drop:
        raise Http404
    if not visitor.room.is_open:
        raise Answer(410)
    access.keep_alive(request)
    return visitor


def _allowed(request: HttpRequest, *methods: str) -> None:
    if request.method not in methods:
        raise Answer(405)


def _number(request: HttpRequest, name: str) -> int:
    """A header that is a count of bytes. Raises Answer (400)."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Answer(400, f"{name} is missing or no number")
    return int(text)


def _dated(response: HttpResponse, upload: Upload) -> HttpResponse:
    """When an unfinished upload is given up, in the form of RFC 9110 (expiration)."""
    if not upload.is_whole:
        response["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return response


def _watch_the_line(request: HttpRequest) -> None:
    """gunicorn's threads would wait for ever for a client that went away without a word."""
    line = request.META.get("gunicorn.socket")
    if line is not None:
        line.settimeout(SILENCE)
