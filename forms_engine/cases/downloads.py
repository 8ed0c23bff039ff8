"""Files of a case. The case came through an access door; the file must belong to it."""

import uuid

from django.http import StreamingHttpResponse

from forms_engine.cases import access
from forms_engine.cases.models import Case
from portal.documents.downloads import attachment


def paper(case: Case, slug: str) -> StreamingHttpResponse:
    found = access.paper(case, slug)
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
