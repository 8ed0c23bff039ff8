"""The addresses of arriving files: begin, where did it stop, the next piece, give up. Spoken to by static/js/upload.js.

POST begins (201, Location), HEAD tells Upload-Offset and Upload-Length, PATCH with Upload-Offset brings the next piece
(204; 409 with the right place if it is another), the last piece is judged like every file (200 with its line for the
page, 422 with the sentence why not), DELETE gives up. Who may speak is decided by the caller's door.
"""

import re
from collections.abc import Callable
from typing import BinaryIO, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from forms_engine.submissions import actions, arrivals, intake, queries
from forms_engine.submissions.doors import with_draft
from forms_engine.submissions.forms import limit_of
from forms_engine.submissions.models import Arrival, Draft, Upload
from forms_engine.submissions.states import DraftState, NotOpen
from portal.common.crypto import KeyDestroyed
from portal.documents import filenames, filetypes

Land = Callable[[Arrival], HttpResponse]


def begin(scope: str, address: Callable[[Arrival], str], field: str, limit: int, posted: QueryDict) -> HttpResponse:
    """Answer the POST that announces a file of at most `limit` bytes."""
    name = filenames.clean(posted.get("name", ""))
    text = posted.get("groesse", "")
    length = int(text) if re.fullmatch(r"\d{1,12}", text, re.ASCII) else 0
    if not length:
        return refused(name, _("Die Datei ist leer. Wählen Sie eine Datei mit Inhalt."))
    if length > limit:
        return refused(name, intake.too_big(limit))
    try:
        arrival = arrivals.begin(scope, field, name, length=length, fingerprint=posted.get("abdruck", "")[:200])
    except arrivals.TooManyOpen:
        return refused(name, _("Zu viele Dateien sind unterwegs. Warten Sie, bis eine fertig ist."))
    response = JsonResponse({"offset": arrival.received, "piece": arrivals.PIECE}, status=201)
    response["Location"] = address(arrival)
    return _told(response, arrival)


def respond(request: HttpRequest, scope: str, public_id: UUID, land: Land) -> HttpResponse:
    """Answer HEAD, PATCH and DELETE for one arrival. `land` judges and takes the whole file. Raises Http404."""
    arrival = Arrival.objects.filter(scope=scope, public_id=public_id).first()
    if arrival is None:
        raise Http404
    if request.method == "DELETE":
        arrivals.forget(arrival)
        return HttpResponse(status=204)
    if request.method == "PATCH" and not arrival.is_whole:
        start = request.headers.get("Upload-Offset", "")
        if not re.fullmatch(r"\d{1,12}", start, re.ASCII):
            return HttpResponse(status=400)
        try:
            arrival = arrivals.append(arrival, int(start), cast(BinaryIO, request))
        except arrivals.WrongPlace as wrong:
            arrival.received = wrong.received
            return _told(HttpResponse(status=409), arrival)
    if request.method == "PATCH" and arrival.is_whole:
        return land(arrival)
    return _told(HttpResponse(status=204), arrival)


def refused(name: str, sentence: str) -> HttpResponse:
    return JsonResponse({"error": f"„{name}“: {sentence}"}, status=422)


def _told(response: HttpResponse, arrival: Arrival) -> HttpResponse:
    response["Upload-Offset"] = str(arrival.received)
    response["Upload-Length"] = str(arrival.length)
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_POST
@with_draft
def announce(request: HttpRequest, found: Draft) -> HttpResponseBase:
    """A file for one question of a draft."""
    _insist_open(found)
    name, item, _rows = _question(found, request.POST.get("frage", ""))

    def address(arrival: Arrival) -> str:
        return f"{request.path}{arrival.public_id}/"

    return begin(str(found), address, name, limit_of(item), request.POST)


@never_cache
@require_http_methods(["HEAD", "PATCH", "DELETE"])
@with_draft
def arrival(request: HttpRequest, found: Draft, arrival: UUID) -> HttpResponseBase:
    _insist_open(found)
    return respond(request, str(found), arrival, lambda whole: _land(found, whole))


def _land(draft: Draft, arrival: Arrival) -> HttpResponse:
    name, item, rows = _question(draft, arrival.field)
    try:
        with arrivals.opened(arrival) as source:
            media_type = filetypes.examine(source, item.media_types)
            limit = item.max_files * (rows or 1)
            upload = actions.add_upload(draft, item.name, arrival.name, source, media_type=media_type, limit=limit)
    except filetypes.Refused as wrong:
        response = refused(arrival.name, wrong.sentence)
    except actions.TooManyFiles:
        response = refused(arrival.name, intake.too_many(item))
    except NotOpen:
        raise Http404 from None
    else:
        response = JsonResponse({"line": _line(draft, upload, name, in_row=bool(rows))})
    arrivals.forget(arrival)
    return response


def _line(draft: Draft, upload: Upload, name: str, *, in_row: bool) -> str:
    upload.draft = draft
    return render_to_string("submissions/upload_line.html", {"upload": upload, "in_row": in_row, "html_name": name})


def _insist_open(draft: Draft) -> None:
    """Raises Http404."""
    if draft.state != DraftState.OPEN or draft.paused:
        raise Http404


def _question(draft: Draft, name: str) -> intake.FileQuestion:
    """The file question of this name in the page. Raises Http404."""
    try:
        contents = queries.contents(draft)
    except KeyDestroyed:
        raise Http404 from None
    for page in contents.evaluation.pages:
        for question in intake.file_questions(contents, page, None):
            if question[0] == name:
                return question
    raise Http404
