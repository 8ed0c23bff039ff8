"""The only doors through which a view gets a draft or one of its files. Foreign objects do not exist (404)."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from forms_engine.definitions import queries as definitions
from forms_engine.definitions.models import FormVersion
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

    `paused_until` says whether its form is under maintenance.
    """
    drafts = Draft.objects.of(user).allowed(user).with_has_uploads().select_related("form_version__form", "acting_for")
    drafts = drafts.annotate(paused_until=definitions.paused_until("form_version__form"))
    draft = get_object_or_404(drafts, public_id=public_id)
    draft.owner = user  # known, not to be read again
    return draft


def upload_of(draft: Draft, public_id: UUID) -> Upload:
    """A file that is still there, of an open draft obtained above. Raises Http404."""
    rows = Upload.objects.present().select_related("draft", "stored")
    return get_object_or_404(rows, draft=draft, draft__state=DraftState.OPEN, public_id=public_id)


def submission_for_owner(user: User, public_id: UUID) -> Submission:
    """Raises Http404."""
    return get_object_or_404(Submission.objects.select_related("form_version__form"), owner=user, public_id=public_id)
