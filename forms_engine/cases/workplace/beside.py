"""Answers beside the files: a clerk compares both without switching windows. Without a viewer there is a link."""

import uuid
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from forms_engine.cases import access, filed, queries
from forms_engine.cases.models import Case
from forms_engine.cases.workplace import frame
from forms_engine.cases.workplace.frame import clerks
from forms_engine.cases.workplace.views import look
from forms_engine.submissions import queries as answers
from portal.documents import downloads
from portal.documents.models import StoredFile


def _files(case: Case) -> list[dict[str, Any]]:
    """What can be looked at: of the application and handed in later, older files that were replaced marked."""
    newer = filed.replaced(case)
    own = [(str(file.public_id), file.name, file.stored) for file in queries.files(case)]
    later = [(key, name, stored) for key, name, _media_type, stored in queries.documents(case)]
    return [
        {
            "key": key,
            "name": name,
            "stored": stored,
            "old": key in newer,
            "shows": stored.can_open and stored.media_type in downloads.SHOWN,
            "image": stored.media_type.startswith("image/"),
            "later": number >= len(own),
            "link": "workplace:case_document" if number >= len(own) else "workplace:submission_file",
        }
        for number, (key, name, stored) in enumerate(own + later)
    ]


@csp_update({"frame-src": [SELF]})
@clerks
@require_GET
def beside(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    found = look(request, case, "case.read")
    files, wanted = _files(found), request.GET.get("datei", "")
    usual = next((file for file in reversed(files) if file["shows"] and not file["old"]), None)
    chosen = next((file for file in files if file["key"] == wanted), usual)
    sections = answers.sections(found.submission)
    context: dict[str, Any] = {"case": found, "sections": sections, "files": files, "chosen": chosen}
    return frame.page(request, "workplace/beside.html", f"Angaben und Unterlagen {found.number}", **context)


@clerks
@require_GET
def shown(request: HttpRequest, case: uuid.UUID, file: uuid.UUID) -> StreamingHttpResponse:
    """The content of a file for the page above, and for nothing else."""
    found = look(request, case, "case.file_read")
    return downloads.inside(_stored(found, file))


def _stored(case: Case, file: uuid.UUID) -> StoredFile:
    try:
        return access.submission_file(case, file).stored
    except Http404:
        return access.case_document(case, file).stored
