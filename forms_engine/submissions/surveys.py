"""Sending a survey: what was answered stays, whose answers they are does not (docs/adr/0028)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.lint import COUNTED
from forms_engine.definitions.models import FormVersion
from forms_engine.submissions import actions, completeness, queries
from forms_engine.submissions.models import Draft, SurveyAnswer
from forms_engine.submissions.states import DraftState, NotOpen
from portal.common import clock
from portal.common.crypto import Envelope, new_wrapped_key

TEXTS_KEPT = 24  # months after the one in which they came (storage limitation, Art. 5 (1) (e) GDPR)
BATCH = 500


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
    answer = made(locked.form_version, clock.today().replace(day=1), contents.evaluation.values)
    answer.save(force_insert=True)
    locked.delete()


def made(version: FormVersion, month: dt.date, values: Mapping[str, Any]) -> SurveyAnswer:
    """The row, not yet stored: nothing but the version, the month (its first day) and what was answered."""
    given = {name: value for name, value in values.items() if value not in (None, "", [])}
    names = countable(version.definition)
    row = SurveyAnswer(form_version=version, month=month)
    row.counted = {name: value for name, value in given.items() if name in names}
    if texts := {name: value for name, value in given.items() if name not in names}:
        row.wrapped_key = new_wrapped_key()
        row.sealed = Envelope(row.wrapped_key).seal_json(texts, row.place)
    return row


def sweep_texts() -> int:
    """Takes away texts whose time is over, with their keys; what is counted stays. Returns how many."""
    ids = list(texts_due().values_list("pk", flat=True)[:BATCH])
    return SurveyAnswer.objects.filter(pk__in=ids).update(wrapped_key=None, sealed=b"") if ids else 0


def texts_due() -> QuerySet[SurveyAnswer]:
    """Answers whose texts may not be kept any longer."""
    today = clock.today()
    years, month = divmod(today.year * 12 + today.month - 1 - TEXTS_KEPT, 12)
    return SurveyAnswer.objects.filter(wrapped_key__isnull=False, month__lt=dt.date(years, month + 1, 1))


def countable(definition: FormDefinition) -> frozenset[str]:
    """The questions of a survey whose answers are counted; the others are texts."""
    questions = (item for page in definition.pages for item in page.questions)
    return frozenset(item.name for item in questions if isinstance(item, COUNTED))
