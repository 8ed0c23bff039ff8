"""One page of a form as a Django form: texts by the F-rules, judged on the server, works without JavaScript.

Fields of a repeating group are called "fahrzeuge-0-kennzeichen"; a hidden "fahrzeuge-rows" holds the number of rows.
Buttons "_add_fahrzeuge" and "_remove_fahrzeuge_1" are answered by with_row_change().
"""

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from forms_engine.definitions.evaluate import Document, Evaluation, RowState, evaluate_page
from forms_engine.definitions.fields import form_field, shown
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition, Page


@dataclass(frozen=True)
class Part:
    """One thing on the page, exactly one of these set: a field, a group, a block, a paragraph, an upload.

    `key` is its name in the page, by which a script finds it again.
    """

    key: str
    field: BoundField | None = None
    group: "Group | None" = None
    block: f.Block | None = None
    parts: "tuple[Part, ...]" = ()  # of the block
    text: str = ""
    upload: f.FileField | None = None
    document: Document | None = None


@dataclass(frozen=True)
class Row:
    """One row of a repeating group on the page."""

    title: str
    parts: list[Part]
    remove_name: str  # "" while it may not be removed


@dataclass(frozen=True)
class Group:
    label: str
    hint: str
    count: BoundField  # the hidden number of rows
    rows: list[Row]
    add_name: str  # "" once the maximum is reached
    add_label: str


class PageForm(forms.Form):
    """The form of one page. Unbound it shows the stored answers; `show_only` shows typed values without judging."""

    use_required_attribute = False

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        definition: FormDefinition,
        page: Page,
        evaluation: Evaluation,
        show_only: bool = False,
        **kwargs: Any,
    ):
        kwargs.setdefault("label_suffix", "")
        self.definition, self.page, self.evaluation = definition, page, evaluation
        self.show_only = show_only
        super().__init__(data, **kwargs)
        for item in self.page.questions:
            if item.name not in self.evaluation.visible or isinstance(item, f.FileField):
                continue
            if isinstance(item, f.RepeatingField):
                self._add_rows(item)
            else:
                self._add(item.name, item, item.name in self.evaluation.required, self.evaluation.values.get(item.name))
        # A page of one question: its label is the page's heading (rule F03).
        only = self.page.fields[0] if len(self.page.fields) == 1 and not self.page.text else None
        alone = isinstance(only, f.Question) and only.name in self.fields and only.label == self.page.title
        self.heading_field = only.name if only and alone else None

    def _add(self, name: str, item: f.Question, required: bool, value: Any) -> None:
        offer = self.evaluation.choices.get(item.name)
        self.fields[name] = form_field(item, required=required, offer=offer, today=self.evaluation.today)
        given = getattr(item, "suggested", None) if value is None else value
        if given is not None:
            self.initial.setdefault(name, shown(item, given))

    def _add_rows(self, item: f.RepeatingField) -> None:
        given = self.evaluation.values.get(item.name) or []
        count = row_count(item, self.data.get(f"{item.name}-rows")) if self.is_bound else max(len(given), item.minimum)
        self.fields[f"{item.name}-rows"] = forms.IntegerField(required=False, widget=forms.HiddenInput)
        self.initial[f"{item.name}-rows"] = count
        for number in range(count):
            row, state = given[number] if number < len(given) else {}, self.row_state(item, number)
            for member in item.members:
                if member.name in state.visible and not isinstance(member, f.FileField):
                    name = f"{item.name}-{number}-{member.name}"
                    self._add(name, member, member.name in state.required, row.get(member.name))

    def row_state(self, item: f.RepeatingField, number: int) -> RowState:
        states = self.evaluation.rows.get(item.name, ())
        return states[number] if number < len(states) else self.evaluation.new_row[item.name]

    def parts(self) -> Iterator[Part]:
        """What stands on the page, in the order of the definition."""
        shown = (item for item in self.page.fields if item.name in self.evaluation.visible)
        return self._blocked(self._part(item) for item in shown if not isinstance(item, f.ComputedField))

    def _part(self, item: f.AnyField) -> Part:
        if isinstance(item, f.StaticField):
            return Part(item.name, text=str(item.text))
        if isinstance(item, f.FileField):
            found = next((d for d in self.evaluation.documents if d.field == item.name), None)
            return Part(item.name, upload=item, document=found)
        if isinstance(item, f.RepeatingField):
            return Part(item.name, group=self._group(item))
        return Part(item.name, field=self[item.name])

    def _blocked(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Neighbours of the same block under its one heading."""
        for block, run in itertools.groupby(parts, lambda part: self.page.blocks.get(part.key.rsplit("-", 1)[-1])):
            if block is None:
                yield from run
            else:
                inner = tuple(run)
                row = inner[0].key.removesuffix(inner[0].key.rsplit("-", 1)[-1])
                yield Part(f"{row}{block.name}-block", block=block, parts=inner)

    def asked(self) -> list[str]:
        """Names of the questions on the page, in rows too."""
        return [name for name in self.fields if not name.endswith("-rows")]

    @property
    def has_places(self) -> bool:
        return any(isinstance(item, f.LocationField) for item in self.page.questions)

    @property
    def has_long_lists(self) -> bool:
        """Those that come up while the page is filled in count as well."""
        inside = [m for item in self.page.questions if isinstance(item, f.RepeatingField) for m in item.members]
        return any(isinstance(item, f.ChoiceField) and item.is_long for item in (*self.page.questions, *inside))

    def rows_of(self, item: f.RepeatingField) -> int:
        return (
            row_count(item, self.data.get(f"{item.name}-rows")) if self.is_bound else self.initial[f"{item.name}-rows"]
        )

    def _group(self, item: f.RepeatingField) -> Group:
        count = self.rows_of(item)
        rows = []
        for number in range(count):
            prefix = f"{item.name}-{number}-"
            names = [prefix + member.name for member in item.members if prefix + member.name in self.fields]
            parts = list(self._blocked(Part(name, field=self[name]) for name in names))
            removable = count > item.minimum
            title = f"{item.row_title} {number + 1}"
            rows.append(Row(title, parts, f"_remove_{item.name}_{number}" if removable else ""))
        return Group(
            label=str(item.label),
            hint=str(item.hint or ""),
            count=self[f"{item.name}-rows"],
            rows=rows,
            add_name=f"_add_{item.name}" if count < item.maximum else "",
            add_label=str(item.add_label),
        )

    def full_clean(self) -> None:
        if self.show_only:
            self._errors, self.cleaned_data = ErrorDict(), {}
            return
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        merged = self._judged()
        for item in self.page.questions:
            if isinstance(item, f.RepeatingField) and item.name in self.evaluation.visible:
                self._judge_rows(item, merged.rows.get(item.name, ()))
            elif item.name in merged.required and item.name in self.fields and self.cleaned_data.get(item.name) is None:
                self._say(item.name, str(item.messages.empty))
        for check, expression in zip(self.page.checks, self.definition.program.checks[self.page.key], strict=True):
            if expression.value(merged.seen) is False:
                self._say(check.field, str(check.message))
        return self.cleaned_data

    def _judged(self) -> Evaluation:
        """What follows with this page's answers. Judging the same values again would change nothing (evaluate)."""
        held = self.evaluation
        given = {name: value for name, value in self.answers().items() if held.values.get(name) != value}
        if not given:
            return held
        return evaluate_page(self.definition, self.page.key, {**held.values, **given}, today=held.today)

    def _say(self, name: str, sentence: str) -> None:
        if name in self.fields and name not in self.errors:
            self.add_error(name, ValidationError(sentence, code="rule"))

    def add_error(self, field: str | None, error: Any) -> None:
        """In a group of several rows each sentence names its row: the error summary stands far from it."""
        title = self._row_title(field or "")
        if title:
            said = error if isinstance(error, ValidationError) else ValidationError(error)
            error = [ValidationError(f"{title}: {e.message}", e.code, e.params) for e in said.error_list]
        super().add_error(field, error)

    def _row_title(self, name: str) -> str:
        """ "Fahrzeug 2" for a field of the second row of several, else ""."""
        for item in self.page.questions:
            if isinstance(item, f.RepeatingField) and (row := re.fullmatch(rf"{item.name}-(\d+)-\w+", name)):
                return f"{item.row_title} {int(row[1]) + 1}" if self.rows_of(item) > 1 else ""
        return ""

    def _judge_rows(self, item: f.RepeatingField, states: tuple[RowState, ...]) -> None:
        count, seen = self.rows_of(item), set()
        for number in range(count):
            prefix = f"{item.name}-{number}-"
            needed = states[number].required if number < len(states) else frozenset()
            for member in item.members:
                name = prefix + member.name
                if member.name in needed and self.cleaned_data.get(name) is None:
                    self._say(name, str(member.messages.empty))
            value = self.cleaned_data.get(prefix + item.unique_by) if item.unique_by else None
            if value is not None and value in seen:
                self._say(f"{prefix}{item.unique_by}", str(item.duplicate_message))
            seen.add(value)

    def answers(self) -> dict[str, Any]:
        """The page's answers as JSON by field name; None where nothing was answered. After is_valid()."""
        found: dict[str, Any] = {}
        for item in self.page.questions:
            if item.name not in self.evaluation.visible or isinstance(item, f.FileField):
                continue
            if isinstance(item, f.RepeatingField):
                found[item.name] = [self._row(item, number) for number in range(self.rows_of(item))]
            else:
                found[item.name] = self.cleaned_data.get(item.name)
        return found

    def _row(self, item: f.RepeatingField, number: int) -> dict[str, Any]:
        values = {m.name: self.cleaned_data.get(f"{item.name}-{number}-{m.name}") for m in item.members}
        return {name: value for name, value in values.items() if value is not None}


def row_count(item: f.RepeatingField, raw: Any) -> int:
    """The posted number of rows within the group's limits; whatever was sent."""
    text = str(raw or "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else item.minimum
    return min(max(number, item.minimum), item.maximum)


def page_form(definition: FormDefinition, page_key: str, evaluation: Evaluation) -> Callable[..., PageForm]:
    """What makes the form of one page as the answers stand. Raises KeyError for an unknown page."""
    page = definition.page(page_key)
    return functools.partial(PageForm, definition=definition, page=page, evaluation=evaluation)


def with_row_change(definition: FormDefinition, page_key: str, data: QueryDict) -> QueryDict | None:
    """If a button for one more or one less row was pressed: the posted data with that change, all values kept.

    Show it with `page_form(...)(changed, show_only=True)`. None: no such button, so the page was really sent.
    """
    for item in definition.page(page_key).questions:
        if not isinstance(item, f.RepeatingField):
            continue
        count = row_count(item, data.get(f"{item.name}-rows"))
        if f"_add_{item.name}" in data:
            return _with_rows(item, data, [*range(count), count][: item.maximum])
        for number in range(count):
            if f"_remove_{item.name}_{number}" in data:
                kept = [n for n in range(count) if n != number]
                return _with_rows(item, data, kept if len(kept) >= item.minimum else [*range(count)])
    return None


def _with_rows(item: f.RepeatingField, data: QueryDict, kept: list[int]) -> QueryDict:
    """Posted data in which row kept[i] of the old is row i of the new."""
    changed = data.copy()
    start = f"{item.name}-"
    for key in list(changed):
        if key.startswith(start):
            del changed[key]
    for new, old in enumerate(kept):
        prefix = f"{start}{old}-"
        for key in data:
            if key.startswith(prefix):
                changed.setlist(f"{start}{new}-{key[len(prefix) :]}", data.getlist(key))
    changed[f"{item.name}-rows"] = str(len(kept))
    return changed


def as_posted(form: forms.Form) -> MultiValueDict[str, str]:
    """What a browser would send for an unbound form whose stored answers nobody touched."""
    data: MultiValueDict[str, str] = MultiValueDict()
    for bound in form:
        widget, value = bound.field.widget, bound.value()
        if isinstance(widget, forms.MultiWidget):
            for number, part in enumerate(widget.decompress(value) or ()):
                data.update({f"{bound.html_name}_{number}": str(part)} if part is not None else {})
        elif isinstance(widget, forms.CheckboxInput):
            data.update({bound.html_name: "on"} if value else {})
        elif isinstance(value, list | tuple):
            data.setlist(bound.html_name, [str(entry) for entry in value])
        elif value is not None:
            data[bound.html_name] = str(value)
    return data


def sent_as_stored(form: PageForm) -> PageForm:
    """The same unbound form, now bound to what a browser would send: half the work of building a second one."""
    form.data, form.is_bound = as_posted(form), True
    return form
