"""Writing the texts of letters: one draft per form and kind, published by a second person, then fixed for ever."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max

from forms_engine.cases.models import DecisionKind, LetterTemplate, TemplateState
from forms_engine.cases.wording import texts
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.models import Form
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock


class Overtaken(Exception):
    """Somebody else has changed or published the draft meanwhile. Nothing was changed."""


class OwnText(Exception):
    """Nobody publishes what they wrote themselves."""


class Unfit(Exception):
    """The texts do not fit the form any more: `findings` as from texts.check()."""


@transaction.atomic
def save(form: Form, kind: DecisionKind, said: Mapping[str, str], *, by: User, seen: str = "") -> LetterTemplate:
    """Keep the draft. The texts were checked (texts.check). `seen`: the stamp() of the draft that was on the page.

    Raises Overtaken.
    """
    Form.objects.select_for_update(no_key=True).get(pk=form.pk)
    draft = draft_of(form, kind)
    if stamp(draft) != seen:
        raise Overtaken
    if draft is None:
        last = LetterTemplate.objects.filter(form=form, kind=kind).aggregate(last=Max("number"))["last"] or 0
        draft = LetterTemplate(form=form, kind=kind, number=last + 1)
    draft.texts = {block: said.get(block, "").replace("\r\n", "\n").strip() for block in texts.BLOCKS}
    draft.author, draft.saved_at = by, clock.now()
    draft.save()
    audit.record("template.saved", f"form:{form.slug}", str(by.public_id), kind=str(kind), number=draft.number)
    return draft


@transaction.atomic
def publish(form: Form, kind: DecisionKind, definition: FormDefinition, *, by: User, seen: str) -> LetterTemplate:
    """The second person puts the draft to use. Raises Overtaken, OwnText, Unfit."""
    Form.objects.select_for_update(no_key=True).get(pk=form.pk)
    draft = draft_of(form, kind)
    if draft is None or stamp(draft) != seen:
        raise Overtaken
    if draft.author_id == by.pk:
        raise OwnText
    if texts.check(definition, draft.texts):
        raise Unfit
    LetterTemplate.objects.filter(pk=draft.pk).update(
        state=TemplateState.PUBLISHED, publisher=by, published_at=clock.now()
    )
    audit.record("template.published", f"form:{form.slug}", str(by.public_id), kind=str(kind), number=draft.number)
    draft.refresh_from_db()
    return draft


@transaction.atomic
def discard(form: Form, kind: DecisionKind, *, by: User) -> bool:
    """Throw the draft away. False when there was none."""
    gone, _ = LetterTemplate.objects.filter(form=form, kind=kind, state=TemplateState.DRAFT).delete()
    if gone:
        audit.record("template.discarded", f"form:{form.slug}", str(by.public_id), kind=str(kind))
    return bool(gone)


def draft_of(form: Form, kind: DecisionKind) -> LetterTemplate | None:
    rows = LetterTemplate.objects.select_related("author")
    return rows.filter(form=form, kind=kind, state=TemplateState.DRAFT).first()


def stamp(draft: LetterTemplate | None) -> str:
    """Tells one state of a draft from the next."""
    return f"{draft.number}@{draft.saved_at.isoformat()}" if draft else ""
