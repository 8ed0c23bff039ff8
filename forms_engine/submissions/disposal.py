"""A submission whose time is over: its key and whoever sent it are forgotten, the row stays."""

import hashlib

from django.db import transaction
from django.db.models import QuerySet

from forms_engine.submissions.models import Draft, Submission, SubmissionFile
from portal.common import clock


def files_of(submission: Submission) -> QuerySet[SubmissionFile]:
    return SubmissionFile.objects.filter(submission=submission)


@transaction.atomic
def dispose(submission: Submission) -> bool:
    """Destroy the key of what was sent. False when that was done before. Its files are the caller's business.

    The trigger allows this one change and no way back (migration 0010).
    """
    rows = Submission.objects.filter(pk=submission.pk, wrapped_key__isnull=False)
    if not rows.update(wrapped_key=None, sealed=b"", owner=None, acting_for=None):
        return False
    SubmissionFile.objects.filter(submission=submission).update(sealed_name=b"")
    nobody = hashlib.sha256(clock.random_bytes(32)).hexdigest()  # a draft is of an account or of a browser session
    Draft.objects.filter(pk=submission.draft_id).update(owner=None, acting_for=None, visitor=nobody)
    return True
