"""Walking through a form that is being written: the real pages, judged by the real rules. No draft, no case.

What is typed waits in the session of the person who tries the form out; files are not taken at all.
"""

import datetime as dt
import functools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from forms_engine.definitions import translate
from forms_engine.definitions.evaluate import Evaluation, evaluate
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.models import FormVersion
from forms_engine.submissions.completeness import Contents
from forms_engine.submissions.forms import WizardForm

LANGUAGES = ("de", "en", "de-simple")
# The templates ask a draft for these two; nobody ever sees them in the preview.
NO_DRAFT = SimpleNamespace(public_id=uuid.UUID(int=0), delete_on=None, version=0)


@dataclass(frozen=True)
class Trial:
    """A version, tried out in a language; `answers` as typed so far, `seen` the pages that were sent."""

    version: FormVersion
    definition: FormDefinition
    answers: Mapping[str, Any]
    seen: frozenset[str]
    today: dt.date
    language: str

    @functools.cached_property
    def judged(self) -> Evaluation:
        """What follows from the answers for a real draft, files and all."""
        return evaluate(self.definition, self.answers, today=self.today)

    @functools.cached_property
    def evaluation(self) -> Evaluation:
        """Files are never demanded: none is taken here."""
        judged = self.judged
        files = {item.name for item in self.definition.file_fields}
        files |= {item.name for _, item in self.definition.row_files}
        states = {
            name: tuple(replace(row, required=row.required - files) for row in rows)
            for name, rows in judged.rows.items()
        }
        fresh = {name: replace(row, required=row.required - files) for name, row in judged.new_row.items()}
        return replace(judged, required=judged.required - files, documents=(), rows=states, new_row=fresh)

    def form(self, page: str, data: Any = None, *, show_only: bool = False) -> WizardForm:
        """Raises KeyError for an unknown page."""
        contents = Contents(
            definition=self.definition,
            number=self.version.number,
            answers=self.answers,
            unsaved={},
            uploads={},
            saved_pages=self.seen,
            evaluation=self.evaluation,
        )
        return contents.form(page, data, show_only=show_only)


def opened(session: SessionBase, version: FormVersion, language: str, today: dt.date) -> Trial:
    held = session.get(_key(version), {})
    language = language if language in version.definition.languages else "de"
    return Trial(
        version=version,
        definition=translate.in_language(version.definition, language),
        answers=held.get("answers", {}),
        seen=frozenset(held.get("seen", ())),
        today=today,
        language=language,
    )


def kept(session: SessionBase, trial: Trial, page: str, answers: Mapping[str, Any]) -> Trial:
    """With the answers of one more page."""
    after = replace(trial, answers={**trial.answers, **answers}, seen=trial.seen | {page})
    session[_key(trial.version)] = {"answers": dict(after.answers), "seen": sorted(after.seen)}
    return after


def forgotten(session: SessionBase, version: FormVersion) -> None:
    session.pop(_key(version), None)


def given(trial: Trial) -> dict[str, Any]:
    """The answers as test data: what was left empty is not among them."""
    return {name: value for name, value in trial.answers.items() if value not in (None, [], "")}


def following(trial: Trial, page: str) -> str | None:
    """The page behind one, the not-eligible page behind the last; None: everything is answered."""
    pages: Sequence[str] = trial.evaluation.pages
    if page in pages[:-1]:
        return pages[pages.index(page) + 1]
    return trial.evaluation.refusal


def _key(version: FormVersion) -> str:
    return f"vorschau-{version.pk}"
