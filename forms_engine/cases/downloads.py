"""Files of a case. The case came through an access door; the file must belong to it."""

import uuid

from django.http import Http404, StreamingHttpResponse

from forms_engine.cases import access
from forms_engine.cases.models import Case
from mailbox import access as mailbox
from mailbox.letters import Opener
from portal.common.crypto import KeyDestroyed
from portal.documents.downloads import attachment


def paper(case: Case, slug: str, *, withdrawn: bool = False) -> StreamingHttpResponse:
    found = access.paper(case, slug, withdrawn=withdrawn)
    if found.stored is None:
        raise LookupError(f"paper {found.id} is issued without a file")  # paper_issued_is_complete forbids it
    return attachment(found.stored, f"{found.name} {case.number}.pdf")


def submission_file(case: Case, public_id: uuid.UUID) -> StreamingHttpResponse:
    found = access.submission_file(case, public_id)
    return attachment(found.stored, found.name)


def case_document(case: Case, public_id: uuid.UUID) -> StreamingHttpResponse:
    found = access.case_document(case, public_id)
    name = case.envelope.open(found.name_sealed, case.place(f"document:{found.public_id}")).decode()
    return attachment(found.stored, name)


def message_file(case: Case, message: uuid.UUID, position: int) -> StreamingHttpResponse:
    """A file that came or went with a message of the case."""
    found = mailbox.attachment_in_thread(case.thread, message, position)
    try:
        name = Opener().name(found)
    except KeyDestroyed:
        raise Http404 from None
    return attachment(found.stored, name)
