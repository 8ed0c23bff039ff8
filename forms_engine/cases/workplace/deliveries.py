"""How the decisions of a case reached their recipients, for the clerk, and the sealed proof of it."""

import uuid

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from forms_engine.cases import access
from forms_engine.cases.workplace.frame import clerks
from forms_engine.cases.workplace.views import look
from portal.documents import downloads


@clerks
@require_GET
def proof(request: HttpRequest, case: uuid.UUID, proof: uuid.UUID) -> StreamingHttpResponse:
    """The proof of service of a decision of this case, as a download."""
    found = look(request, case, "case.proof_read")
    return downloads.attachment(access.proof(found, proof), f"Zustellnachweis {found.number}.pdf")
