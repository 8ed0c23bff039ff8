"""The only doors through which a view gets a draft or one of its files. Foreign objects do not exist (404)."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from forms_engine.definitions.models import FormVersion
from forms_engine.submissions import reading
from forms_engine.submissions.models import Draft, Submission, Upload
from forms_engine.submissions.states import DraftState
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User

TRUST = {
    "none": TrustLevel.NONE,
    "basic": TrustLevel.BASIC,
    "substantial": TrustLevel.SUBSTANTIAL,
    "high": TrustLevel.HIGH,
}


def trust_needed(version: FormVersion) -> TrustLevel | None:
    """How sure we must be who fills in this form. None for a word that nobody knows: refused, never guessed."""
    return TRUST.get(version.definition.start.trust_level)


def draft_for_owner(user: User, public_id: UUID) -> Draft:
    """A draft in any state; one for somebody else only as long as the mandate holds. Raises Http404.

    What it knows beside its columns: reading.draft_of.
    """
    draft = reading.draft_of(user, public_id)
    if draft is None or (draft.acting_for_id and not Draft.objects.filter(pk=draft.pk).allowed(user).exists()):
        raise Http404
    return draft


def upload_of(draft: Draft, public_id: UUID) -> Upload:
    """A file that is still there, of an open draft obtained above. Raises Http404."""
    rows = Upload.objects.present().select_related("draft", "stored")
    return get_object_or_404(rows, draft=draft, draft__state=DraftState.OPEN, public_id=public_id)


def submission_for_owner(user: User, public_id: UUID) -> Submission:
    """Raises Http404."""
    return get_object_or_404(Submission.objects.select_related("form_version__form"), owner=user, public_id=public_id)
