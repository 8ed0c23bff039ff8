"""Files of a case, streamed decrypted. The case came through an access door; the file must belong to it."""

import uuid

from django.http import FileResponse

from forms_engine.cases import access
from forms_engine.cases.models import Case
from forms_engine.submissions import downloads
from portal.documents.models import StoredFile


def _attachment(stored: StoredFile, name: str) -> FileResponse:
    return downloads.attachment(stored, name)


def paper(case: Case, kind: str) -> FileResponse:
    found = access.paper(case, kind)
    assert found.stored is not None  # noqa: S101 - paper_issued_is_complete; narrows the type
    return _attachment(found.stored, f"{found.get_kind_display()} {case.number}.pdf")


def submission_file(case: Case, public_id: uuid.UUID) -> FileResponse:
    found = access.submission_file(case, public_id)
    return _attachment(found.stored, found.name)


def case_document(case: Case, public_id: uuid.UUID) -> FileResponse:
    found = access.case_document(case, public_id)
    name = case.envelope.open(found.name_sealed, case.place(f"document:{found.public_id}")).decode()
    return _attachment(found.stored, name)
