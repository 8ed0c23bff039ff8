"""What a draft holds, and which of its pages still needs the person. Judged by the very forms that ask."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.datastructures import MultiValueDict

from forms_engine.definitions.build import as_posted, sent_as_stored
from forms_engine.definitions.evaluate import Evaluation, evaluate
from forms_engine.definitions.fields import shown
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.submissions.forms import WizardForm, wizard_form
from forms_engine.submissions.models import Upload


@dataclass(frozen=True)
class Contents:
    """An open draft, opened. `unsaved` is what was typed on a page and not (yet) accepted: see actions.save_unsaved."""

    definition: FormDefinition
    number: int  # of the form version
    answers: Mapping[str, Any]
    unsaved: Mapping[str, Mapping[str, Any]]
    uploads: Mapping[str, Sequence[Upload]]
    saved_pages: frozenset[str]
    evaluation: Evaluation
    fetched: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # what a register said, by question

    def form(self, page_key: str, data: Mapping[str, Any] | None = None, **kwargs: Any) -> WizardForm:
        """The form of a page: unbound it shows the stored answers. Raises KeyError for an unknown page.

        What was typed decides what else the page asks, where the definition says so.
        """
        if locked := self._locked(page_key):
            data = None if data is None else self._with_locked(page_key, data, locked)
            kwargs["initial"] = {**(kwargs.pop("initial", None) or {}), **locked}
            kwargs["locked"] = frozenset(locked)
        if self.fetched:
            sources = {name: str(said["source"]) for name, said in self.fetched.items()}
            kwargs["sources"] = sources | kwargs.pop("sources", {})
        judged = self.evaluation
        if data is not None and page_key in self.definition.program.lively:
            judged = self._settled(page_key, data)
        return wizard_form(self.definition, page_key, judged)(data, uploads=self.uploads, **kwargs)

    def _locked(self, page_key: str) -> dict[str, Any]:
        """What a register said for questions of a page that cannot be overwritten, as their fields show it."""
        if not self.fetched:
            return {}
        questions = self.definition.page(page_key).questions
        held = [q for q in questions if q.name in self.fetched and q.prefill and q.prefill.locked]
        return {q.name: shown(q, self.fetched[q.name]["value"]) for q in held}

    def _with_locked(self, page_key: str, data: Mapping[str, Any], locked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Posted data in which a register's word stands for itself, whatever was posted in its place."""
        changed = data.copy() if isinstance(data, MultiValueDict) else MultiValueDict({k: [v] for k, v in data.items()})
        blank = wizard_form(self.definition, page_key, self.evaluation)(None, uploads=self.uploads, initial=locked)
        own = as_posted(blank)
        for name in locked:
            mine = re.compile(rf"{name}(_\d+)?")
            for key in [key for key in changed if mine.fullmatch(key)]:
                del changed[key]
            for key in [key for key in own if mine.fullmatch(key)]:
                changed.setlist(key, own.getlist(key))
        return changed

    def _settled(self, page_key: str, data: Mapping[str, Any]) -> Evaluation:
        """Judged with the typed answers: each round may bring up questions whose answers count in the next."""
        judged = self.evaluation
        for _ in self.definition.page(page_key).fields:
            form = wizard_form(self.definition, page_key, judged)(data, uploads=self.uploads)
            form.is_valid()
            answers = {**self.answers, **form.answers()}
            after = evaluate(self.definition, answers, today=judged.today)
            if (after.visible, after.rows, after.choices) == (judged.visible, judged.rows, judged.choices):
                return after
            judged = after
        return judged


def counts(contents: Contents, upload: Upload) -> bool:
    """Whether an upload belongs to what is asked: to a question, or to a row that is still there."""
    group = next((group for group, item in contents.definition.row_files if item.name == upload.field), None)
    if group is None:
        return upload.field in contents.evaluation.visible
    rows = contents.evaluation.values.get(group.name) or ()
    return any(str(upload.public_id) in (row.get(upload.field) or ()) for row in rows)


def first_open_page(contents: Contents) -> str | None:
    """The first page that was never saved, holds unsaved input or no longer passes; then the not-eligible page."""
    return first_open_among(contents, contents.evaluation.pages) or contents.evaluation.refusal


def first_open_among(contents: Contents, pages: Sequence[str]) -> str | None:
    return next((key for key in pages if not is_complete(contents, key)), None)


def is_complete(contents: Contents, page_key: str) -> bool:
    if page_key not in contents.saved_pages or page_key in contents.unsaved:
        return False
    form = contents.form(page_key)
    if contents.fetched or page_key in contents.definition.program.lively:  # what is posted decides what is asked
        return contents.form(page_key, as_posted(form)).is_valid()
    return sent_as_stored(form).is_valid()
