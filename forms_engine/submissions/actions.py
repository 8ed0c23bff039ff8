"""Verbs on drafts and submissions: start, save, attach, discard, freeze, sweep. One transaction each, draft locked."""

import copy
import datetime as dt
from collections.abc import Mapping
from typing import Any, BinaryIO

from django.db import models, transaction
from django.urls import reverse

from forms_engine.definitions.models import FormVersion
from forms_engine.definitions.values import sound
from forms_engine.submissions import arrivals, completeness, payload, queries, stash, texts, visitors
from forms_engine.submissions.completeness import Contents
from forms_engine.submissions.models import VISITOR, Draft, PendingPost, Submission, SubmissionFile, Upload
from forms_engine.submissions.states import DraftState, NotOpen, advance
from mailbox import actions as mailbox
from portal.accounts import mandates
from portal.accounts.models import Scope, User
from portal.audit import actions as audit
from portal.common import clock, crypto, rows
from portal.documents import store
from portal.documents.models import StoredFile
from portal.documents.scans import queue as scans

SWEEP_BATCH = 100
_TEXT = "form_version__source"


class Conflict(Exception):
    """Another window saved other answers on the same page. `stored` are its answers, `version` the draft's count."""

    def __init__(self, stored: dict[str, Any], version: int):
        super().__init__(f"page saved elsewhere at {version}")
        self.stored, self.version = stored, version


class Incomplete(Exception):
    """The draft cannot be sent yet; `page` is the first one that needs an answer."""

    def __init__(self, page: str):
        super().__init__(page)
        self.page = page


class Changed(Exception):
    """The draft is another one than the person has read."""


class NotAllowed(Exception):
    """The person may not, or no longer, act for the other one."""


class TooManyFiles(Exception):
    """The question takes no further file."""


def start_draft(user: User, form_version: FormVersion, *, acting_for: User | None = None) -> Draft:
    """The person's open draft of this form, on the version it was begun with; a new one if there is none.

    Raises NotAllowed without a mandate for `acting_for`, and for a survey: nobody's name stands on it.
    """
    if form_version.definition.is_survey:
        raise NotAllowed
    if acting_for is not None and not mandates.may_act(user, acting_for, Scope.APPLICATIONS, form_version.form.slug):
        raise NotAllowed
    row = Draft(
        owner=user,
        acting_for=acting_for,
        form_version=form_version,
        wrapped_key=crypto.new_wrapped_key(),
        delete_on=_delete_on(form_version),
    )
    with transaction.atomic():
        existing = queries.open_draft(user, form_version.form, acting_for)
        if existing:
            return existing
        # A second click at the same moment runs into the unique constraint and finds the first one's draft.
        if not rows.insert_once(row):
            return Draft.objects.open().of(user).get(form_version=form_version, acting_for=acting_for)
        audit.record("draft.started", str(row), str(user.public_id), form=form_version.form.slug)
    return row


def start_visit(visitor: str, form_version: FormVersion) -> Draft:
    """The open draft of this form in one browser session (visitors.begin); a new one if there is none.

    Raises NotAllowed for a form that wants an account.
    """
    if not form_version.definition.without_account:
        raise NotAllowed
    row = Draft(
        visitor=visitor,
        form_version=form_version,
        wrapped_key=crypto.new_wrapped_key(),
        delete_on=_delete_on(form_version, stays=False),
    )
    with transaction.atomic():
        held = Draft.objects.open().filter(owner=None, visitor=visitor, form_version__form=form_version.form)
        if existing := held.select_related("form_version__form").first():
            return existing
        Draft.objects.bulk_create([row], ignore_conflicts=True)
        draft = held.select_related("form_version__form").get(form_version=form_version)
        # Of a survey the record says nothing: a moment beside the only answer of a month would say whose it is.
        if draft.public_id == row.public_id and not form_version.definition.is_survey:
            audit.record("draft.started", str(draft), VISITOR, form=form_version.form.slug)
    return draft


def save_page(
    draft: Draft, page_key: str, values: Mapping[str, Any], *, expected_version: int, writer: str = ""
) -> Draft:
    """Store one page's answers (file fields are left out). The same values again change nothing.

    `expected_version` is the count the person's window started from, `writer` names that window. Raises Conflict if
    another window changed this page since to something else, NotOpen if the draft was sent or deleted.
    """
    # Nearly always nobody else is at it: then the row as it was read is the row that is changed, in one statement.
    if draft.state == DraftState.OPEN:
        seen = copy.copy(draft)
        seen.page_versions = dict(draft.page_versions)
        _write_page(seen, page_key, values, expected_version, writer)
        if _unchanged(draft).update(**_kept(seen)):
            return seen
    with transaction.atomic():
        locked = _lock(draft)
        _write_page(locked, page_key, values, expected_version, writer)
        locked.save(update_fields=_kept(locked))
    return locked


def _write_page(draft: Draft, page_key: str, values: Mapping[str, Any], expected_version: int, writer: str) -> None:
    """Into the object only. Raises Conflict."""
    content = draft.open_sealed()
    before = {name: content["answers"].get(name) for name in values}
    changed_at, changed_by = draft.page_versions.get(page_key, (0, ""))
    differs = before != dict(values)
    if differs and changed_at > expected_version and (not writer or changed_by != writer):
        raise Conflict(before, draft.version)
    content["answers"].update(values)
    forgot = content["unsaved"].pop(page_key, None) is not None
    if differs or forgot or page_key not in draft.page_versions:
        draft.version += 1
        draft.page_versions[page_key] = [draft.version, writer]
    draft.page = page_key
    draft.seal(content)


def save_unsaved(draft: Draft, page_key: str, typed: stash.Typed, *, notice: bool) -> Draft:
    """Keep what was typed on a page although it is not complete or right yet. Raises NotOpen.

    The page counts as incomplete until it is saved. `notice`: say so when it is shown the next time.
    """
    with transaction.atomic():
        locked = _lock(draft)
        content = locked.open_sealed()
        content["unsaved"][page_key] = {"values": typed, "notice": notice, "files_lost": False}
        locked.page = page_key
        _keep(locked, content)
    return locked


def ask_register(person: User, register: str, questions: list[str]) -> None:
    """Write down that a register is about to be asked, before it is: no question without a line in the person's log."""
    number = str(person.public_id)
    audit.record("register.asked", f"user:{number}", number, register=register, fields=",".join(questions))


def keep_fetched(draft: Draft, page_key: str, said: Mapping[str, Any], typed: stash.Typed) -> Draft:
    """Put what a register said into the draft, and what was typed beside it as unsaved input. Raises NotOpen."""
    with transaction.atomic():
        locked = _lock(draft)
        content = locked.open_sealed()
        content["register"] = {**content.get("register", {}), **said}
        content["unsaved"][page_key] = {"values": typed, "notice": False, "files_lost": False}
        _keep(locked, content)
    return locked


def drop_fetched(draft: Draft, page_key: str, questions: list[str], typed: stash.Typed) -> Draft:
    """Put away what a register said to these questions; the person fills in by hand. Raises NotOpen."""
    with transaction.atomic():
        locked = _lock(draft)
        content = locked.open_sealed()
        content["register"] = {k: v for k, v in content.get("register", {}).items() if k not in questions}
        content["unsaved"][page_key] = {"values": typed, "notice": False, "files_lost": False}
        _keep(locked, content)
    return locked


def move(draft: Draft, to: FormVersion, *, by: User | None) -> Draft:
    """Go on with a newer version of the form. Raises NotOpen.

    Answers stay where the new version has a question of that name which takes them; every page is judged by the new
    version anyway. Files of questions that are gone are deleted.
    """
    definition = to.definition
    questions = {item.name: item for page in definition.pages for item in page.questions}
    with transaction.atomic():
        locked = _lock(draft)
        content = locked.open_sealed()
        pages = {page.key for page in definition.pages}
        kept = {name: sound(questions[name], value) for name, value in content["answers"].items() if name in questions}
        content["answers"] = {name: value for name, value in kept.items() if value is not None}
        content["unsaved"] = {key: typed for key, typed in content["unsaved"].items() if key in pages}
        content["register"] = {k: v for k, v in content.get("register", {}).items() if k in content["answers"]}
        locked.page_versions = {key: held for key, held in locked.page_versions.items() if key in pages}
        files = [item.name for item in definition.file_fields] + [item.name for _group, item in definition.row_files]
        _remove(locked.uploads.present().exclude(field__in=files))
        audit.record("draft.moved", str(locked), _actor(by), number=to.number, was=locked.form_version.number)
        locked.form_version = to
        locked.save(update_fields=["form_version"])
        locked.version += 1
        _keep(locked, content)
    return locked


def add_upload(draft: Draft, field: str, name: str, source: BinaryIO, *, media_type: str, limit: int) -> Upload:
    """Store a checked file; it waits for its scan. The same content again is the same upload.

    Raises TooManyFiles, NotOpen. Written before the draft is locked, so that a large file holds nobody up; what the
    draft does not take is forgotten.
    """
    digest = crypto.sha256(source)
    if same := draft.uploads.present().filter(field=field, sha256=digest).first():
        return same
    stored = store.put(source, media_type=media_type, foreign=True)
    try:
        upload = _attach(draft, field, name, stored, limit)
    except (TooManyFiles, NotOpen):
        store.destroy(stored)
        raise
    if upload.stored_id != stored.pk:
        store.destroy(stored)
    return upload


@transaction.atomic
def _attach(draft: Draft, field: str, name: str, stored: StoredFile, limit: int) -> Upload:
    locked = _lock(draft)
    present = list(locked.uploads.present().filter(field=field))
    if same := next((upload for upload in present if upload.sha256 == stored.sha256), None):
        return same
    if len(present) >= limit:
        raise TooManyFiles
    upload = Upload(
        draft=locked,
        field=field,
        stored=stored,
        sha256=stored.sha256,
        size=stored.size,
        media_type=stored.media_type,
    )
    upload.sealed_name = crypto.Envelope(locked.wrapped_key).seal(name.encode(), f"{upload}:name")
    upload.save()
    locked.version += 1
    _keep(locked)
    draft.version, draft.files_read = locked.version, None  # the caller's row is as fresh as it was before
    return upload


def remove_upload(upload: Upload) -> None:
    """Forget a file for good; a second click finds it gone already. Raises NotOpen."""
    with transaction.atomic():
        locked = _lock(upload.draft)
        locked.version += _remove(Upload.objects.present().filter(pk=upload.pk))
        _keep(locked)


def hand_over(draft: Draft, *, to: User, by: str) -> None:
    """Give an open draft to another account of the same person, as it stands. `by` is a public id.

    Raises NotOpen, IntegrityError where the other account has one of the same form.
    """
    with transaction.atomic():
        locked = _lock(draft)
        locked.owner = to
        locked.save(update_fields=["owner"])
        audit.record("draft.handed_over", str(locked), by, to=f"user:{to.public_id}")


def discard(draft: Draft, *, by: str) -> None:
    """Delete answers and files of an open draft. `by` is a public id or "system:<part>". Raises NotOpen."""
    with transaction.atomic():
        locked = _lock(draft)
        _remove(locked.uploads.present())
        advance(locked, DraftState.DISCARDED)
        PendingPost.objects.filter(draft=locked).delete()
        arrivals.forget_all(str(locked))
        if not locked.form_version.definition.is_survey:
            audit.record("draft.discarded", str(locked), by)


def freeze(draft: Draft, *, by: User | None, read: int | None = None) -> Submission:
    """Make answers, files and what follows from them to an immutable Submission, in the caller's transaction.

    The same draft again gives the same submission, however many ask at once. `read` is the draft's version the person
    has checked. Raises Changed if it is another one by now, Incomplete if any page needs an answer (everything is
    judged anew as of today), NotOpen if the draft was deleted, NotAllowed if the mandate to act has ended.
    """
    # The row as it was read with its files for the page is closed in one statement if nobody has touched it since.
    if draft.state == DraftState.OPEN and draft.files_read is not None:
        seen = copy.copy(draft)
        try:
            return _freeze(seen, by, read, among=_unchanged(seen))
        except NotOpen:
            pass  # somebody has: decided below, under a lock
    held = Draft.objects.select_for_update(of=("self",)).select_related("form_version__form").defer(_TEXT)
    locked = held.get(pk=draft.pk)
    if locked.state == DraftState.SENT:
        return Submission.objects.get(draft=locked)
    if locked.state != DraftState.OPEN:
        raise NotOpen(str(locked))
    return _freeze(locked, by, read, among=Draft.objects.all())


def _freeze(draft: Draft, by: User | None, read: int | None, *, among: models.QuerySet[Draft]) -> Submission:
    """Raises NotOpen, with nothing changed, if the draft is not `among` these any more."""
    if read is not None and read != draft.version:
        raise Changed(str(draft))
    slug, whom = draft.form_version.form.slug, draft.acting_for
    if draft.form_version.definition.is_survey:
        raise NotAllowed  # surveys.send
    if whom and not (draft.owner and mandates.may_act(draft.owner, whom, Scope.APPLICATIONS, slug)):
        raise NotAllowed
    contents = queries.contents(draft)
    page = completeness.first_open_page(contents)
    if page:
        raise Incomplete(page)
    uploads = [upload for group in contents.uploads.values() for upload in group]
    uploads.sort(key=lambda upload: upload.pk)
    names = {upload.pk: upload.name for upload in uploads}
    advance(draft, DraftState.SENT, among=among)
    wanted = [upload for upload in uploads if completeness.counts(contents, upload)]
    if len(wanted) < len(uploads):
        _remove(Upload.objects.filter(pk__in=[upload.pk for upload in uploads if upload not in wanted]))
    scans.hold(upload.stored for upload in wanted)  # after the draft: the order of every lock on a file
    if any(upload.stored.is_infected for upload in wanted):
        raise Incomplete(completeness.first_open_page(contents) or contents.evaluation.pages[0])
    PendingPost.objects.filter(draft=draft).delete()
    arrivals.forget_all(str(draft))
    submission = _submission(draft, contents, wanted)
    envelope = crypto.Envelope(submission.wrapped_key)
    files = [SubmissionFile(submission=submission, upload=u, stored_id=u.stored_id, field=u.field) for u in wanted]
    for file in files:
        file.sealed_name = envelope.seal(names[file.upload_id].encode(), f"{file}:name")
        rows.insert(file)
    submission.given = files
    audit.record("submission.frozen", str(submission), _actor(by), draft=str(draft.public_id))
    return submission


def _submission(draft: Draft, contents: Contents, uploads: list[Upload]) -> Submission:
    submission = Submission(
        draft=draft,
        owner_id=draft.owner_id,
        acting_for_id=draft.acting_for_id,
        form_version=draft.form_version,
        wrapped_key=crypto.new_wrapped_key(),
        frozen_at=clock.now(),
    )
    frozen = payload.canonical(payload.build(contents, uploads, salt=clock.token(), frozen_at=submission.frozen_at))
    submission.sha256 = crypto.sha256(frozen)
    submission.sealed = crypto.Envelope(submission.wrapped_key).seal(frozen, f"{submission}:payload")
    rows.insert(submission)
    return submission


def sweep_drafts() -> int:
    """Remind of drafts that end soon, delete those whose time is over, forget kept posts. Returns how many changed."""
    reminded = sum(_remind(draft) for draft in list(queries.drafts_to_remind()[:SWEEP_BATCH]))
    deleted = sum(_expire(draft) for draft in list(queries.drafts_to_delete()[:SWEEP_BATCH]))
    return reminded + deleted + stash.forget_expired()


def _remind(draft: Draft) -> bool:
    with transaction.atomic():
        # Asked again under the lock: the person may have gone on in the meantime.
        locked = queries.drafts_to_remind().select_for_update(of=("self",)).filter(pk=draft.pk).first()
        if locked is None or locked.owner is None:
            return False
        locked.reminded_at = clock.now()
        locked.delete_on = max(locked.delete_on, clock.today() + dt.timedelta(days=queries.REMIND_DAYS))
        locked.save(update_fields=["reminded_at", "delete_on"])
        mailbox.post(
            recipient=locked.owner,
            sender=str(locked.form_version.definition.department),
            subject=f"Ihr Entwurf „{locked.form_version.form.title}“ wird bald gelöscht",
            body=texts.reminder(locked.form_version.form.title, locked.delete_on),
            thread=str(locked),
            dedupe_key=f"{locked}:reminder:{locked.delete_on.isoformat()}",
            link_path=reverse("submissions:draft", args=[locked.public_id]),
            link_text="Entwurf fortsetzen",
            reply_allowed=False,
        )
    return True


def _expire(draft: Draft) -> bool:
    with transaction.atomic():
        locked = queries.drafts_to_delete().select_for_update(of=("self",)).filter(pk=draft.pk).first()
        if locked is None:
            return False
        discard(locked, by="system:submissions")
    return True


def _lock(draft: Draft) -> Draft:
    # The text of the version is compiled already.
    held = Draft.objects.select_for_update(of=("self",)).select_related("form_version__form").defer(_TEXT)
    locked = held.open().filter(pk=draft.pk).first()
    if locked is None:
        raise NotOpen(str(draft))
    return locked


def _unchanged(draft: Draft) -> models.QuerySet[Draft]:
    """Its row if nobody has touched it since it was read: sealing takes fresh random bytes each time, all else that may
    change counts the version up.
    """
    return Draft.objects.open().filter(pk=draft.pk, version=draft.version, sealed=bytes(draft.sealed))


def _keep(locked: Draft, content: dict[str, dict[str, Any]] | None = None) -> None:
    """Save a locked draft."""
    if content is not None:
        locked.seal(content)
    locked.save(update_fields=_kept(locked))


def _kept(draft: Draft) -> dict[str, Any]:
    """The columns that saving answers writes; each saving starts the draft's term anew."""
    draft.touched_at, draft.reminded_at = clock.now(), None
    draft.delete_on = _delete_on(draft.form_version, stays=draft.owner_id is not None)
    names = ("sealed", "version", "page_versions", "page", "touched_at", "reminded_at", "delete_on")
    return {name: getattr(draft, name) for name in names}


def _remove(uploads: models.QuerySet[Upload]) -> int:
    """Returns how many there were."""
    found = uploads.select_related("stored")
    for upload in found:
        store.destroy(upload.stored)
        upload.removed_at, upload.sha256, upload.sealed_name = clock.now(), "", b""
        upload.save(update_fields=["removed_at", "sha256", "sealed_name"])
    return len(found)


def _delete_on(form_version: FormVersion, *, stays: bool = True) -> dt.date:
    """`stays`: in an account, and not with a browser session."""
    days = form_version.definition.submission.delete_draft_after_days
    return clock.today() + (dt.timedelta(days=days) if stays else visitors.KEPT)


def _actor(by: User | None) -> str:
    return str(by.public_id) if by else VISITOR
