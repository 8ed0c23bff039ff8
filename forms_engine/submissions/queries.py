"""Reads: what a draft holds and lacks, what a submission froze, what waits for the sweep."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from forms_engine.definitions import present
from forms_engine.definitions import queries as definitions
from forms_engine.definitions.evaluate import Evaluation, evaluate
from forms_engine.definitions.models import Form
from forms_engine.definitions.present import Section
from forms_engine.submissions import completeness, payload, visitors
from forms_engine.submissions.completeness import Contents
from forms_engine.submissions.models import Draft, ResumeLink, Submission, SubmissionFile, Upload
from forms_engine.submissions.payload import Frozen
from portal.accounts.models import User
from portal.common import clock
from portal.common.crypto import Envelope

Files = Mapping[str, Sequence[Upload]]  # question -> its files
COUNTED_AT_MOST = 5000  # drafts whose progress a process remembers
_COUNTED: dict[tuple[object, ...], tuple[int, int]] = {}
REMIND_DAYS = 7  # nobody's draft is deleted without a reminder at least this long before


def open_drafts(user: User) -> QuerySet[Draft]:
    """Everything a person has begun and may go on with, for themselves and for others, the latest first."""
    rows = Draft.objects.open().of(user).allowed(user).with_has_uploads()
    return rows.select_related("form_version__form", "acting_for").order_by("-touched_at")


def drafts_of(user: User) -> QuerySet[Draft]:
    """Every open draft that a person holds, also those they may not see any more."""
    return Draft.objects.open().of(user)


def open_drafts_for(user: User) -> QuerySet[Draft]:
    """Every open draft that somebody holds for this person or company."""
    return Draft.objects.open().filter(acting_for=user)


def open_draft(user: User, form: Form, acting_for: User | None = None) -> Draft | None:
    """The one for the person, or for whom they act."""
    return open_drafts(user).filter(form_version__form=form, acting_for=acting_for).first()


def contents(draft: Draft, uploads: Mapping[str, Sequence[Upload]] | None = None, *, shown: bool = False) -> Contents:
    """Everything an open draft holds, judged as of today. Raises crypto.KeyDestroyed once it is closed.

    `uploads` by question, if the caller has just read them; `shown`: for a page, with the
    questions in its language; the answers are the same.
    """
    sealed = draft.open_sealed()
    definition = definitions.shown(draft.form_version) if shown else draft.form_version.definition
    if uploads is None:
        uploads = draft.files_read
    if uploads is None:
        uploads = present_uploads(draft) if draft.has_uploads else {}
    answers = sealed["answers"] | {name: [str(u.public_id) for u in held] for name, held in uploads.items()}
    for group, item in definition.row_files:
        held = {str(upload.public_id) for upload in uploads.get(item.name, ())}
        rows = sealed["answers"].get(group.name) or []
        kept = [row | {item.name: [key for key in row.get(item.name) or () if key in held]} for row in rows]
        answers[group.name] = sealed["answers"][group.name] = kept
    return Contents(
        definition=definition,
        number=draft.form_version.number,
        answers=answers,
        unsaved=sealed["unsaved"],
        uploads=uploads,
        saved_pages=frozenset(draft.page_versions),
        evaluation=evaluate(definition, answers, today=clock.today()),
        fetched=sealed.get("register", {}),
    )


def present_uploads(draft: Draft) -> dict[str, list[Upload]]:
    return by_question(draft.uploads.present())


def by_question(uploads: Iterable[Upload]) -> dict[str, list[Upload]]:
    found: dict[str, list[Upload]] = {}
    for upload in uploads:
        found.setdefault(upload.field, []).append(upload)
    return found


def incomplete_page(draft: Draft) -> str | None:
    """The first page of an open draft that needs an answer, or the not-eligible page; None: it can be sent."""
    return completeness.first_open_page(contents(draft))


def uploads_of(drafts: Sequence[Draft]) -> dict[int, dict[str, list[Upload]]]:
    """The files of several drafts in one read: draft -> question -> files."""
    found: dict[int, dict[str, list[Upload]]] = {draft.pk: {} for draft in drafts}
    with_files = [draft for draft in drafts if draft.has_uploads]
    for upload in Upload.objects.present().filter(draft__in=with_files) if with_files else ():
        found[upload.draft_id].setdefault(upload.field, []).append(upload)
    return found


def progress(draft: Draft, uploads: Files) -> tuple[int, int]:
    """(step, steps) of an open draft, counted as on its pages: the last step is to check and send.

    Counted once for all that it follows from: to judge every page by its form is a fifth of drawing the overview.
    """
    files = frozenset((file.pk, file.stored.is_infected) for given in uploads.values() for file in given)
    answers = hashlib.sha256(bytes(draft.sealed)).digest()  # sealed anew, so different, with every save
    key = (draft.form_version_id, answers, frozenset(draft.page_versions), files, clock.today())
    counted = _COUNTED.get(key)
    if counted is None:
        if len(_COUNTED) >= COUNTED_AT_MOST:
            _COUNTED.clear()
        counted = _COUNTED[key] = _progress(contents(draft, uploads))
    return counted


def _progress(held: Contents) -> tuple[int, int]:
    pages, missing = held.evaluation.pages, completeness.first_open_among(held, held.evaluation.pages)
    return (pages.index(missing) if missing else len(pages)) + 1, len(pages) + 1


def draft_sections(held: Contents) -> list[Section]:
    """The answers of an open draft for the check page, files by their names."""
    names = {str(upload.public_id): upload.name for group in held.uploads.values() for upload in group}
    return present.rows(held.definition, held.evaluation, upload_names=lambda _, ids: [names[key] for key in ids])


def frozen(submission: Submission) -> Frozen:
    """Raises crypto.KeyDestroyed after disposal, crypto.CannotOpen if bytes were changed."""
    return payload.parse(Envelope(submission.wrapped_key).open(submission.sealed, f"{submission}:payload"))


def answers(submission: Submission) -> dict[str, Any]:
    """What was asked and answered; file fields hold the ids of their uploads."""
    return frozen(submission).answers


def evaluation(submission: Submission) -> Evaluation:
    """What followed from the answers on the day they were sent, under the version they were given to."""
    held = frozen(submission)
    return evaluate(submission.form_version.definition, held.answers, today=dt.date.fromisoformat(held.today))


def sections(submission: Submission, *, shown: bool = False) -> list[Section]:
    """The answers as sent: in German for clerks and letters, `shown` in the language of a citizen's page."""
    given = files(submission) if submission.given is None else submission.given
    names = {str(file.upload.public_id): file.name for file in given}
    judged = evaluation(submission)
    definition = definitions.shown(submission.form_version) if shown else submission.form_version.definition
    return present.rows(definition, judged, upload_names=lambda _field, ids: [names[key] for key in ids])


def next_steps(submission: Submission) -> list[str]:
    """What happens after sending, in the language of the page."""
    return [str(step) for step in definitions.shown(submission.form_version).submission.next_steps]


def files(submission: Submission) -> QuerySet[SubmissionFile]:
    """The files of a submission in the order they were given, ready to be named and read."""
    return submission.files.select_related("stored", "upload", "submission").order_by("id")


def drafts_to_remind() -> QuerySet[Draft]:
    soon = clock.today() + dt.timedelta(days=REMIND_DAYS)
    return _due().filter(owner__isnull=False, reminded_at=None, delete_on__lte=soon)


def drafts_to_delete() -> QuerySet[Draft]:
    """Those of an account only after a reminder; those of a browser session as soon as that must be over and no mailed
    link leads back to them any more.
    """
    reminded = Q(owner__isnull=False, reminded_at__isnull=False, delete_on__lte=clock.today())
    mailed = Exists(ResumeLink.objects.filter(draft=OuterRef("pk"), used_at=None, expires_at__gt=clock.now()))
    forgotten = Q(owner=None, touched_at__lte=clock.now() - visitors.KEPT) & ~mailed
    return _due().filter(reminded | forgotten)


def _due() -> QuerySet[Draft]:
    return Draft.objects.open().select_related("form_version__form", "owner").order_by("delete_on", "id")
