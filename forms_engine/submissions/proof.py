"""The proof of work (portal.common.proof) for a draft: asked of a browser session, not of an account."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from forms_engine.submissions.models import Draft
from portal.common import proof


def issue(draft: Draft) -> str:
    """A fresh challenge for this draft."""
    return proof.issue(str(draft.public_id))


class ProofForm(proof.ProofForm):
    def __init__(self, request: HttpRequest, draft: Draft, posted: Mapping[str, Any] | None = None):
        super().__init__(request, str(draft.public_id), posted)


def asked(request: HttpRequest, draft: Draft) -> ProofForm | None:
    """The form for a draft of a browser session; None for one of an account."""
    if draft.owner_id is not None:
        return None
    return ProofForm(request, draft, request.POST if request.method == "POST" else None)
