"""From answers to what follows: pages, visible questions, documents, fee, validity. Pure and total: never raises."""

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from forms_engine.definitions.expressions import Expression, moment
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import HIGHEST_FEE, FormDefinition
from forms_engine.definitions.program import Program, Step
from forms_engine.definitions.values import for_expression, sound

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Document:
    """Uploads one file field needs now."""

    field: str
    title: str
    needed: int
    required: bool


@dataclass(frozen=True)
class RowState:
    """What one row of a repeating group asks."""

    visible: frozenset[str]
    required: frozenset[str]


@dataclass(frozen=True)
class Evaluation:
    """What follows from the answers. `values` holds no hidden field and no answer of a wrong shape."""

    pages: tuple[str, ...]
    visible: frozenset[str]
    required: frozenset[str]
    values: Mapping[str, Any]
    today: dt.date
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # choice field -> values on offer
    rows: Mapping[str, tuple[RowState, ...]] = field(default_factory=dict)  # group -> state per given row
    new_row: Mapping[str, RowState] = field(default_factory=dict)  # group -> state of a row still empty
    documents: tuple[Document, ...] = ()
    fee_cents: int | None = None
    fee_tier: str | None = None
    refusal: str | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    leika: str | None = None
    four_eyes: bool = False
    seen: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)  # values as expressions see them


def evaluate(definition: FormDefinition, answers: Answers, *, today: dt.date) -> Evaluation:
    """Judge the answers as they stand. Same input, same result; evaluating `.values` again changes nothing."""
    return _Run(definition, answers if isinstance(answers, Mapping) else {}, today).result()


def evaluate_page(definition: FormDefinition, page: str, answers: Answers, *, today: dt.date) -> Evaluation:
    """The part of evaluate() that one page that can be reached rests on: what it asks and needs, and what its checks
    see. Nothing else is judged: no way, no fee, no documents. In a form of 1,000 questions that is a fiftieth."""
    return _Run(definition, answers, today).of_page(page)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day some months later, or the last day of that month. Stops at the end of the calendar."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if year > dt.MAXYEAR:
        return dt.date.max
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def among(offer: tuple[str, ...], value: Any) -> Any:
    """What of a choice (or a list of choices) is on offer; None if nothing is."""
    if isinstance(value, list):
        return [entry for entry in value if entry in offer] or None
    return value if value in offer else None


class _Run:
    def __init__(self, definition: FormDefinition, answers: Answers, today: dt.date):
        self.definition, self.answers, self.today = definition, answers, today
        self.program: Program = definition.program
        self.values: dict[str, Any] = {}
        self.data: dict[str, Any] = {"today": moment(today), "answered": dict.fromkeys(self.program.order, False)}
        self.visible: set[str] = set()
        self.required: set[str] = set()
        self.choices: dict[str, tuple[str, ...]] = {}
        self.members: dict[str, frozenset[str]] = {}  # group -> members that are asked in every row
        self.row_states: dict[str, list[tuple[frozenset[str], dict[str, Any]]]] = {}  # group -> asked, known, per row
        self.rows: dict[str, tuple[RowState, ...]] = {}
        self.new_row: dict[str, RowState] = {}
        self._shown: dict[str, bool] = {}  # by source: many questions share a condition

    def ask(self, expression: Expression | None) -> Any:
        return None if expression is None else expression.value(self.data)

    def holds(self, expression: Expression | None, otherwise: bool = True) -> bool:
        return otherwise if expression is None else expression.value(self.data) is True

    def shown(self, expression: Expression | None) -> bool:
        """holds() for a page, a question or a choice: these rest on questions before, whose answers are settled."""
        if expression is None:
            return True
        known = self._shown.get(expression.source)
        if known is None:
            known = self._shown[expression.source] = expression.value(self.data) is True
        return known

    def know(self, name: str, value: Any, seen: Any) -> None:
        self.values[name] = value
        self.data[name] = seen
        self.data["answered"][name] = True

    def judge(self, step: Step) -> None:
        if not self.shown(step.opened):
            return
        item = step.item
        # By the word: isinstance() with a class of pydantic takes as long as all the rest of this.
        if step.type == "computed":
            self.compute(item)
            return
        if not self.shown(step.shown):
            return
        self.visible.add(step.name)
        if step.type == "static":
            return
        raw = self.answers.get(step.name)
        value = None if raw is None else sound(item, raw)
        if step.type == "choice" or step.type == "multi_choice":
            value = self.offered(item, value)
        elif step.type == "repeating":
            value = self.judge_rows(item, value)
        if value is not None:
            self.know(step.name, value, for_expression(item, value))

    def compute(self, item: f.ComputedField) -> None:
        seen = self.ask(self.program.computed.get(item.name)) if item.total is None else self.total(item, item.total)
        if seen is None:
            return
        self.visible.add(item.name)
        value = seen.date().isoformat() if isinstance(seen, dt.datetime) else seen
        if item.result == "decimal":
            value = f"{Decimal(seen).scaleb(-item.places):f}"
        self.know(item.name, value, seen)

    def total(self, item: f.ComputedField, total: f.Total) -> int | None:
        """The sum over the rows that count; 0 without rows, None where nobody is asked for them."""
        if total.group not in self.visible:
            return None
        rule = self.program.totals.get(item.name)
        rows = self.row_states[total.group] if total.group in self.values else []
        counted = (data for _, data in rows if rule is None or rule.value({**data, **self.data}) is True)
        return sum(int(data.get(f"row.{total.member}", 0)) for data in counted)

    def offered(self, item: f.ChoiceField | f.MultiChoiceField, value: Any) -> Any:
        """Only what is on offer now counts as an answer."""
        if whole := self.program.whole.get(item.name):
            self.choices[item.name] = whole
            return value
        rules = self.program.choices
        offer = tuple(word for word in item.by_value if self.shown(rules.get((item.name, word))))
        self.choices[item.name] = offer
        return among(offer, value)

    def judge_rows(self, item: f.RepeatingField, rows: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        # What does not depend on the row is judged once for all rows.
        self.members[item.name] = frozenset(
            member.name
            for member in item.members
            if member.name not in self.program.by_row and self.shown(self.program.visible.get(member.name))
        )
        for member in item.members:
            if isinstance(member, f.ChoiceField | f.MultiChoiceField):
                self.offered(member, None)
        self.row_states[item.name] = []
        kept = [self.clean_row(item, row) for row in rows or ()]
        return kept if any(kept) else None

    def clean_row(self, item: f.RepeatingField, row: dict[str, Any]) -> dict[str, Any]:
        """What of a row counts. Keeps which of its members are asked and, by their rules, needed."""
        clean: dict[str, Any] = {}
        data, asked = dict(self.data), set()
        for member in item.members:
            if not self.asked_in_row(item, member, data):
                continue
            asked.add(member.name)
            value = row.get(member.name)
            if isinstance(member, f.ChoiceField | f.MultiChoiceField):
                value = among(self.choices[member.name], value)
            if value is not None:
                clean[member.name] = value
                data[f"row.{member.name}"] = for_expression(member, value)
        self.row_states[item.name].append((frozenset(asked), data))
        return clean

    def asked_in_row(self, item: f.RepeatingField, member: f.Member, data: Mapping[str, Any]) -> bool:
        if member.name not in self.program.by_row:
            return member.name in self.members[item.name]
        rule = self.program.visible.get(member.name)
        return rule is not None and rule.value(data) is True

    def row_state(self, item: f.RepeatingField, asked: frozenset[str], row: Mapping[str, Any]) -> RowState:
        required = {member.name for member in item.members if member.name in asked and member.required is True}
        rules = {name: self.program.required.get(name) for name in asked - required}
        if any(rules.values()):
            data = {**self.data, **{name: value for name, value in row.items() if name.startswith("row.")}}
            required |= {name for name, rule in rules.items() if rule and rule.value(data) is True}
        return RowState(asked, frozenset(required))

    def require(self) -> None:
        self.required = self.visible & self.program.needed
        for name, rule in self.program.required.items():
            if name in self.visible and self.holds(rule):
                self.required.add(name)
        for group in self.program.groups:
            if group.name in self.visible:
                states = self.row_states[group.name] if group.name in self.values else ()
                self.rows[group.name] = tuple(self.row_state(group, asked, data) for asked, data in states)
                self.clean_row(group, {})
                self.new_row[group.name] = self.row_state(group, *self.row_states[group.name].pop())

    def way(self) -> tuple[tuple[str, ...], str | None]:
        """Pages that can be reached, up to the first not-eligible page."""
        pages: list[str] = []
        for stop in self.program.way:
            if self.visible.isdisjoint(stop.asks):
                continue
            pages.append(stop.key)
            for refusal, rule in stop.refusals:
                if self.holds(rule):
                    return tuple(pages), refusal
        return tuple(pages), None

    def forget_after(self, pages: tuple[str, ...]) -> None:
        for stop in self.program.way:
            for name in stop.names if stop.key not in pages else ():
                if name in self.visible:
                    self.forget(name)

    def forget(self, name: str) -> None:
        self.visible.remove(name)
        self.values.pop(name, None)
        self.data.pop(name, None)
        self.data["answered"][name] = False
        item = self.definition.field(name)
        for offered in (item, *(item.members if item.type == "repeating" else ())):
            self.choices.pop(offered.name, None)

    def documents(self) -> tuple[Document, ...]:
        found = []
        for item in self.definition.file_fields:
            if item.name in self.visible:
                counted = self.ask(self.program.files.get(item.name)) if item.files else 1
                needed = min(max(counted or 0, 0), item.max_files)
                required = item.name in self.required
                found.append(Document(item.name, str(item.row_label), needed if required else 0, required))
        return tuple(found)

    def validity(self) -> tuple[dt.date | None, dt.date | None]:
        for when, start, months, until in self.program.validity:
            if self.holds(when):
                first = self.ask(start)
                if first is None:
                    return None, None
                count, last = self.ask(months), self.ask(until)
                ends = [last.date()] if last else []
                if isinstance(count, int) and 0 < count <= 1200:
                    ends.append(add_months(first.date(), count) - dt.timedelta(days=1))
                return first.date(), min(ends, default=None)
        return None, None

    def fee(self) -> tuple[str | None, int | None]:
        """Key of the tier and cents; nothing where the amount cannot be worked out."""
        for tier in self.definition.fee.tiers if self.definition.fee else ():
            if self.holds(self.program.tiers.get(tier.key), False):
                cents = self.ask(self.program.amounts.get(tier.key)) if tier.amount else tier.cents
                return (tier.key, cents) if cents is not None and 0 <= cents <= HIGHEST_FEE else (None, None)
        return None, None

    def of_page(self, page: str) -> Evaluation:
        for step in self.program.for_page[page]:
            self.judge(step)
        self.require()
        return Evaluation(
            pages=(page,),
            visible=frozenset(self.visible),
            required=frozenset(self.required),
            values=self.values,
            today=self.today,
            choices=self.choices,
            rows=self.rows,
            new_row=self.new_row,
            seen=self.data,
        )

    def result(self) -> Evaluation:
        for step in self.program.steps:
            self.judge(step)
        pages, refusal = self.way()
        self.forget_after(pages)
        self.require()
        tier, cents = self.fee() if refusal is None else (None, None)
        leika = next((e.key for e in self.definition.leika if self.holds(self.program.leika[e.when], False)), None)
        valid_from, valid_until = (None, None) if refusal else self.validity()
        decision = self.definition.decision
        return Evaluation(
            pages=pages,
            visible=frozenset(self.visible),
            required=frozenset(self.required),
            values=self.values,
            today=self.today,
            choices=self.choices,
            rows=self.rows,
            new_row=self.new_row,
            documents=() if refusal else self.documents(),
            fee_cents=cents,
            fee_tier=tier,
            refusal=refusal,
            valid_from=valid_from,
            valid_until=valid_until,
            leika=leika,
            four_eyes=bool(decision and (decision.four_eyes is True or self.holds(self.program.four_eyes, False))),
            seen=self.data,
        )
