"""Files of a case. The case came through an access door; the file must belong to it."""

import uuid

from django.http import Http404, StreamingHttpResponse

from forms_engine.cases import access
from forms_engine.cases.models import Case, Paper
from mailbox import access as mailbox
from mailbox import actions
from mailbox.letters import Opener
from portal.accounts.models import User
from portal.common.crypto import KeyDestroyed
from portal.documents.downloads import attachment


def paper_for_clerk(case: Case, slug: str) -> StreamingHttpResponse:
    return _paper(case, access.paper(case, slug, withdrawn=True))


def paper_for_party(case: Case, slug: str, *, by: User) -> StreamingHttpResponse:
    """Whoever fetches a letter here has it as much as by its message in the postbox: that one is opened now, with all
    that follows for a decision (Art. 24 BayDiG)."""
    found = access.paper(case, slug)
    response = _paper(case, found)
    if found.message is not None:
        actions.mark_read(found.message, by=by)
        for attached in found.message.attachments.filter(stored=found.stored_id).select_related("message__mailbox"):
            actions.note_download(attached, by=by)
    return response


def _paper(case: Case, found: Paper) -> StreamingHttpResponse:
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
