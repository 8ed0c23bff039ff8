"""Sending a survey: what was answered stays, whose answers they are does not (docs/adr/0028)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.lint import COUNTED
from forms_engine.submissions import actions, completeness, queries
from forms_engine.submissions.models import Draft, SurveyAnswer
from forms_engine.submissions.states import DraftState, NotOpen
from portal.common import clock
from portal.common.crypto import Envelope, new_wrapped_key


@transaction.atomic
def send(draft: Draft, *, read: int | None = None) -> None:
    """Keep the answers, and delete the draft with all that hangs on it. A draft that was sent before is left alone.

    `read` is the version the person has checked. Raises actions.Changed, actions.Incomplete, NotOpen; nothing is
    changed then.
    """
    held = Draft.objects.select_for_update(of=("self",)).select_related("form_version__form")
    locked = held.filter(pk=draft.pk).first()
    if locked is None:
        return
    if locked.state != DraftState.OPEN:
        raise NotOpen(str(locked))
    if read is not None and read != locked.version:
        raise actions.Changed(str(locked))
    contents = queries.contents(locked)
    if page := completeness.first_open_page(contents):
        raise actions.Incomplete(page)
    _keep(locked, contents.evaluation.values)
    locked.delete()


def _keep(draft: Draft, values: Mapping[str, Any]) -> None:
    """Nothing of the draft but its version and its answers."""
    given = {name: value for name, value in values.items() if value not in (None, "", [])}
    names = countable(draft.form_version.definition)
    row = SurveyAnswer(form_version=draft.form_version, month=clock.today().replace(day=1))
    row.counted = {name: value for name, value in given.items() if name in names}
    if texts := {name: value for name, value in given.items() if name not in names}:
        row.wrapped_key = new_wrapped_key()
        row.sealed = Envelope(row.wrapped_key).seal_json(texts, row.place)
    row.save(force_insert=True)


def countable(definition: FormDefinition) -> frozenset[str]:
    """The questions of a survey whose answers are counted; the others are texts."""
    questions = (item for page in definition.pages for item in page.questions)
    return frozenset(item.name for item in questions if isinstance(item, COUNTED))
