"""Answers as people read them: check answers, PDF, clerk's page. One source for all three."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from forms_engine.definitions.evaluate import Evaluation
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition, Page
from portal.common import formats

NOTHING = _lazy("Keine Angabe")
UploadNames = Callable[[str, Sequence[str]], Sequence[str]]  # field name, upload ids -> names to show


@dataclass(frozen=True)
class Row:
    label: str
    value_text: str  # paragraphs and list entries are separated by line breaks
    field: str
    answered: bool = True


@dataclass(frozen=True)
class Section:
    title: str
    page_key: str
    rows: Sequence[Row]
    group: str = ""  # the repeating group a subsection such as "Fahrzeug 1" belongs to
    number: int = 0


def rows(
    definition: FormDefinition, evaluation: Evaluation, *, upload_names: UploadNames | None = None
) -> list[Section]:
    """Sections by page in order; each row of a repeating group is a section of its own behind its page."""
    sections: list[Section] = []
    for key in evaluation.pages:
        page = definition.page(key)
        plain = [row for item in page.fields if (row := _row(page, item, evaluation, upload_names))]
        if plain:
            sections.append(Section(str(page.summary_title or page.title), key, plain))
        sections.extend(_groups(page, evaluation, upload_names))
    return sections


def _label(page: Page, item: f.Question) -> str:
    """Where a page has several blocks, two questions may be called the same: the block's heading goes before."""
    block = page.blocks.get(item.name)
    alone = len({held.name for held in page.blocks.values()}) < 2
    return str(item.row_label) if block is None or alone else f"{block.label}: {item.row_label}"


def _row(page: Page, item: f.AnyField, evaluation: Evaluation, upload_names: UploadNames | None) -> Row | None:
    if item.name not in evaluation.visible or isinstance(item, f.StaticField | f.RepeatingField):
        return None
    value = evaluation.values.get(item.name)
    if isinstance(item, f.ComputedField):
        return Row(str(item.label), _computed(item, value), item.name) if item.label else None
    if isinstance(item, f.FileField) and value and upload_names:
        value = list(upload_names(item.name, value))
    return Row(_label(page, item), text_of(item, value), item.name, answered=value is not None)


def _groups(page: Page, evaluation: Evaluation, upload_names: UploadNames | None) -> list[Section]:
    found = []
    for item in page.questions:
        if not isinstance(item, f.RepeatingField) or item.name not in evaluation.visible:
            continue
        for number, answers in enumerate(evaluation.values.get(item.name) or (), start=1):
            asked = evaluation.rows[item.name][number - 1].visible
            members = [member for member in item.members if member.name in asked]
            lines = [_member(page, item, member, number, answers, upload_names) for member in members]
            found.append(Section(f"{item.row_title} {number}", page.key, lines, item.name, number))
    return found


def _member(
    page: Page, item: f.RepeatingField, member: f.Member, number: int, answers: Any, upload_names: UploadNames | None
) -> Row:
    value = answers.get(member.name)
    if isinstance(member, f.FileField) and value and upload_names:
        value = list(upload_names(member.name, value))
    name = f"{item.name}-{number - 1}-{member.name}"
    return Row(_label(page, member), text_of(member, value), name, answered=value is not None)


def text_of(item: f.Question, value: Any) -> str:
    """One answer in words; "Keine Angabe" if there is none."""
    if value is None:
        return str(NOTHING)
    match item:
        case f.BooleanField():
            return str(item.yes if value else item.no)
        case f.DeclarationField():
            return str(item.statement)
        case f.ChoiceField():
            return item.label_of(value)
        case f.MultiChoiceField():
            return "\n".join(map(item.label_of, value))
        case f.FileField():
            return "\n".join(value)
        case f.DateField():
            return formats.in_words(dt.date.fromisoformat(value), "day")
        case f.PartialDateField():
            return _partial_date(value)
        case f.LocationField():
            point = f"{value['lat']}, {value['lon']}" if "lat" in value else ""
            return "\n".join(filter(None, [value["words"], point]))
        case f.TimeField():
            return f"{value} Uhr"
        case f.DateTimeField():
            return formats.in_words(dt.datetime.fromisoformat(value), "moment")
        case f.MoneyField():
            return formats.eur(value)
        case f.DecimalField() | f.IntegerField():
            return formats.number(value) + (f" {item.unit}" if item.unit else "")
    return str(value)


def _partial_date(value: str) -> str:
    """1985, März 1985 or 3. März 1985 from "1985", "1985-03" or "1985-03-03"."""
    if len(value) == len("1985"):
        return value
    day = dt.date.fromisoformat(value if len(value) == len("1985-03-03") else f"{value}-01")
    return formats.in_words(day, "day" if len(value) == len("1985-03-03") else "month")


def _computed(item: f.ComputedField, value: Any) -> str:
    match item.result:
        case "money":
            return formats.eur(value)
        case "boolean":
            return _("Ja") if value else _("Nein")
        case "date":
            return formats.in_words(dt.date.fromisoformat(value), "day")
    return str(value)
