"""Write, review, publish, withdraw and pause: the only ways in which versions of forms change.

Somebody writes a version and hands it in, somebody else approves it: now or at a moment to come. The command
forms_publish publishes what ships with the product or comes from a file, as "system:forms_publish".
"""

import datetime as dt
import hashlib
from pathlib import Path

from django.db import transaction

from forms_engine.definitions import findings, lint, queries, replay, schema, translate
from forms_engine.definitions.models import DraftRevision, Form, FormVersion, Pause, ReplayCase
from forms_engine.definitions.states import VersionState, WrongState, advance
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock
from portal.directory.teams import actions as teams

CATALOGUE = Path(__file__).parent / "catalogue"
BATCH = 50
REVISIONS_KEPT = 50  # per draft: how many changes can be taken back


class NotAllowed(Exception):
    """The person may not do this; the message is a German sentence."""


class ReplayFailed(NotAllowed):
    """The stored test data do not follow any more; `sentences` say what."""

    def __init__(self, sentences: list[str]):
        self.sentences = sentences
        super().__init__(
            "Die gespeicherten Testdaten laufen nicht mehr durch. Ändern Sie das Formular oder die Testdaten."
        )


class Outdated(Exception):
    """Somebody else saved the draft in the meantime, or a newer version is already published."""


def publish(slug: str, source: str, *, by: User | None) -> FormVersion:
    """Make the text the current version of the form; the current version itself if the text is the same.

    Raises schema.DefinitionError, ReplayFailed. Two at once: the row lock on the form puts one after the other.
    """
    definition = _load(slug, source)
    schema.publishable(source)
    _replay(slug, definition)
    with transaction.atomic():
        form = _locked(definition)
        newest = form.versions.filter(state__in=queries.SEEN_BY_CITIZENS).order_by("-number").first()
        if newest and newest.sha256 == _digest(source) and newest.state == VersionState.PUBLISHED:
            return newest
        version = _new(form, source, by)
        _publish(form, version, str(by.public_id) if by else "system:forms_publish")
    return version


def write_draft(slug: str, source: str, *, by: User | None, note: str = "") -> FormVersion:
    """A new draft of a form, which may be new as well. Raises schema.DefinitionError."""
    definition = _load(slug, source)
    with transaction.atomic():
        version = _new(_locked(definition, rename=False), source, by, note)
        _record("form.drafted", version, by)
    return version


def change_draft(
    version: FormVersion, source: str, *, by: User, expected: str, what: str = "Quelltext geändert"
) -> FormVersion:
    """Another text for a draft. `expected` is the checksum of the text it replaces, `what` the change in words.

    Raises schema.DefinitionError, WrongState if it is no draft any more, Outdated if somebody saved another text.
    """
    definition = _load(version.form.slug, source)
    with transaction.atomic():
        held = _held(version, expected)
        if held.source == source:
            return held
        held.revisions.create(source=held.source, sha256=held.sha256, what=what[:200], author=by)
        _put(held, source, by)
        _rename_unpublished(held.form, definition)
        kept = held.revisions.order_by("-id").values("pk")[:REVISIONS_KEPT]
        held.revisions.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    return held


def undo(version: FormVersion, *, by: User, expected: str) -> DraftRevision:
    """Take the last change of a draft back; what was taken back. Raises WrongState, Outdated, NotAllowed."""
    with transaction.atomic():
        held = _held(version, expected)
        last = held.revisions.first()
        if last is None:
            raise NotAllowed("Es gibt nichts, was Sie rückgängig machen können.")
        _put(held, last.source, by)
        last.delete()
    return last


def _held(version: FormVersion, expected: str) -> FormVersion:
    """The draft, locked. Raises WrongState, Outdated."""
    rows = FormVersion.objects.select_for_update(of=("self",)).select_related("form")
    held = rows.filter(pk=version.pk, state=VersionState.DRAFT).first()
    if held is None:
        raise WrongState(str(version))
    if held.sha256 != expected:
        raise Outdated
    return held


def _put(held: FormVersion, source: str, by: User) -> None:
    held.source, held.sha256, held.author = source, _digest(source), by
    held.__dict__.pop("definition", None)
    held.save(update_fields=["source", "sha256", "author"])
    held.writers.add(by)


def _rename_unpublished(form: Form, definition: schema.FormDefinition) -> None:
    """Until a form is published its title is that of its draft."""
    if not form.versions.filter(state__in=queries.SEEN_BY_CITIZENS).exists():
        _rename(form, definition)


def delete_draft(version: FormVersion, *, by: User) -> None:
    """Raises WrongState if it is no draft."""
    with transaction.atomic():
        deleted, _rows = FormVersion.objects.filter(pk=version.pk, state=VersionState.DRAFT).delete()
        if not deleted:
            raise WrongState(str(version))
        _record("form.draft_deleted", version, by)


def hand_in(version: FormVersion, *, by: User, note: str) -> None:
    """From draft to review: from now on the text cannot change. `note` says what is new.

    Raises WrongState, NotAllowed while the text has open points or errors.
    """
    if left := len(lint.open_points(version.definition)):
        raise NotAllowed(f"Entscheiden Sie zuerst die offenen Punkte des Entwurfs. Es sind {left}.")
    if left := sum(found.blocks for found in findings.of(version.definition)):
        raise NotAllowed(f"Beheben Sie zuerst die Fehler des Entwurfs. Es sind {left}.")
    with transaction.atomic():
        advance(version, VersionState.REVIEW, note=note, author=by)
        version.writers.add(by)
        _record("form.handed_in", version, by)


def send_back(version: FormVersion, *, by: User, note: str) -> None:
    """A draft again: `note` says what is to change. Also calls back what was approved for later. Raises WrongState."""
    with transaction.atomic():
        advance(version, VersionState.DRAFT, note=note, reviewer=None, publish_at=None)
        _record("form.sent_back", version, by)


def approve(version: FormVersion, *, by: User, publish_at: dt.datetime | None = None) -> None:
    """Publish now, or at a moment to come. Nobody approves what they wrote.

    Raises NotAllowed, ReplayFailed, WrongState, Outdated.
    """
    if version.author_id == by.pk or version.writers.filter(pk=by.pk).exists():
        raise NotAllowed("Eine andere Person muss das Formular freigeben.")
    _replay(version.form.slug, version.definition)
    with transaction.atomic():
        form = Form.objects.select_for_update().get(pk=version.form_id)
        _newest_of(form, version)
        if publish_at and publish_at > clock.now():
            advance(version, VersionState.APPROVED, reviewer=by, publish_at=publish_at)
            _record("form.approved", version, by)
            return
        _publish(form, version, str(by.public_id), reviewer=by)


def withdraw(version: FormVersion, *, by: User, note: str) -> None:
    """Take a published form off line: nobody begins it any more, drafts and cases go on. Raises WrongState."""
    with transaction.atomic():
        advance(version, VersionState.WITHDRAWN, withdrawn_at=clock.now())
        audit.record("form.withdrawn", f"form:{version.form.slug}", str(by.public_id), number=version.number, why=note)


def pause(form: Form, *, starts_at: dt.datetime, ends_at: dt.datetime, reason: str, by: User) -> Pause:
    """Announce a maintenance. Raises ValueError if it ends before it starts."""
    if ends_at <= starts_at:
        raise ValueError("Das Ende muss nach dem Beginn liegen.")
    with transaction.atomic():
        row = Pause.objects.create(form=form, starts_at=starts_at, ends_at=ends_at, reason=reason, author=by)
        audit.record("form.paused", f"form:{form.slug}", str(by.public_id), until=ends_at.isoformat())
    return row


def end_pause(row: Pause, *, by: User) -> None:
    """End a maintenance now, or cancel one to come."""
    now = clock.now()
    with transaction.atomic():
        if row.starts_at >= now:
            row.delete()
        else:
            Pause.objects.filter(pk=row.pk, ends_at__gt=now).update(ends_at=now)
        audit.record("form.resumed", f"form:{row.form.slug}", str(by.public_id))


def sweep_due() -> int:
    """Publish what was approved for a moment that has come. A newer version published meanwhile wins."""
    return sum(_publish_due(version.pk) for version in list(queries.due()[:BATCH]))


def publish_catalogue(by: User | None = None) -> list[FormVersion]:
    """Publish every definition that ships with the product. Idempotent."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(CATALOGUE.glob("*.yaml"))]
    return [publish(schema.load(text).form, text, by=by) for text in texts]


def publish_demo() -> None:
    """Every form of the catalogue, each with a team at the office that it names. What is online is not read again."""
    online = set(FormVersion.objects.filter(state=VersionState.PUBLISHED).values_list("sha256", flat=True))
    texts = [path.read_text(encoding="utf-8") for path in sorted(CATALOGUE.glob("*.yaml"))]
    loaded = [(schema.load(text), text) for text in texts if _digest(text) not in online]
    for definition, text in loaded:
        publish(definition.form, text, by=None)
    teams.seed_demo({d.form: d.casework.office for d, _text in loaded if d.casework.office})


def _publish_due(pk: int) -> bool:
    with transaction.atomic():
        version = queries.due().select_for_update(of=("self",)).select_related("form").filter(pk=pk).first()
        if version is None:
            return False
        form = Form.objects.select_for_update().get(pk=version.form_id)
        try:
            _newest_of(form, version)
            _replay(form.slug, version.definition)
        except (Outdated, ReplayFailed):
            advance(version, VersionState.DRAFT, reviewer=None, publish_at=None)
            audit.record("form.sent_back", f"form:{form.slug}", "system:definitions", number=version.number)
        else:
            _publish(form, version, "system:definitions")
    return True


def _load(slug: str, source: str) -> schema.FormDefinition:
    definition = schema.load(source)
    if definition.form != slug:
        raise schema.DefinitionError([("form", f"Die Datei gehört zum Formular „{definition.form}“, nicht „{slug}“.")])
    return definition


def _locked(definition: schema.FormDefinition, *, rename: bool = True) -> Form:
    title, titles = _titles(definition)
    Form.objects.bulk_create([Form(slug=definition.form, title=title, titles=titles)], ignore_conflicts=True)
    form = Form.objects.select_for_update().get(slug=definition.form)
    if rename:
        _rename(form, definition)
    return form


def _titles(definition: schema.FormDefinition) -> tuple[str, dict[str, str]]:
    others = [code for code in definition.languages if code != "de"]
    return str(definition.title), {code: str(translate.in_language(definition, code).title) for code in others}


def _rename(form: Form, definition: schema.FormDefinition) -> None:
    title, titles = _titles(definition)
    if (form.title, form.titles) != (title, titles):
        form.title, form.titles = title, titles
        form.save(update_fields=["title", "titles"])


def _new(form: Form, source: str, by: User | None, note: str = "") -> FormVersion:
    newest = form.versions.order_by("-number").first()
    number = newest.number + 1 if newest else 1
    version = FormVersion.objects.create(
        form=form, number=number, source=source, sha256=_digest(source), author=by, note=note
    )
    if by is not None:
        version.writers.add(by)
    return version


def _newest_of(form: Form, version: FormVersion) -> None:
    """Raises Outdated: what came later is not replaced by what was written earlier."""
    if form.versions.filter(state__in=queries.SEEN_BY_CITIZENS, number__gt=version.number).exists():
        raise Outdated


def _publish(form: Form, version: FormVersion, actor: str, **fields: object) -> None:
    """Raises WrongState. The form is locked."""
    advance(version, VersionState.PUBLISHED, published_at=clock.now(), **fields)
    version.revisions.all().delete()
    _rename(form, version.definition)
    audit.record("form.published", f"form:{form.slug}", actor, number=version.number, sha256=version.sha256)


def keep_case(form: Form, case: replay.Case, *, by: User | None) -> ReplayCase:
    """Store test data of a form; what has the same name is replaced."""
    with transaction.atomic():
        row, _new_one = ReplayCase.objects.update_or_create(
            form=form, name=case.name, defaults={"content": replay.as_json(case), "author": by}
        )
        actor = str(by.public_id) if by else "system:definitions"
        audit.record("form.test_kept", f"form:{form.slug}", actor, case=row.pk)
    return row


def drop_case(row: ReplayCase, *, by: User) -> None:
    with transaction.atomic():
        audit.record("form.test_deleted", f"form:{row.form.slug}", str(by.public_id), case=row.pk)
        row.delete()


def _replay(slug: str, definition: schema.FormDefinition) -> None:
    """Raises ReplayFailed."""
    form = Form.objects.filter(slug=slug).first()
    if form and (sentences := replay.replay(definition, queries.replay_cases(form))):
        raise ReplayFailed(sentences)


def _record(what: str, version: FormVersion, by: User | None) -> None:
    about, actor = f"form:{version.form.slug}", str(by.public_id) if by else "system:definitions"
    audit.record(what, about, actor, number=version.number, sha256=version.sha256)


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()
