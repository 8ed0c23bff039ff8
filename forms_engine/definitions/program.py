"""Every expression of a form compiled, and the order in which answers are judged. Built once per definition."""

import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from forms_engine.definitions.expressions import BadExpression, Expression, Kind, Scope, names_in
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition, Page
from forms_engine.definitions.values import kind_of

Problem = tuple[str, str]  # path in the definition, German sentence


@dataclass(frozen=True, slots=True)
class Step:
    """Something a page asks, says or works out, and on what it depends that it does."""

    name: str
    type: str
    item: Any  # of the kind that `type` names
    opened: Expression | None  # the condition of its page
    shown: Expression | None  # its own


@dataclass(frozen=True, slots=True)
class Stop:
    """A page on the way through the form, and where the way may end behind it."""

    key: str
    names: tuple[str, ...]  # of all it holds
    asks: frozenset[str]  # without what is only worked out: that alone makes no page
    refusals: tuple[tuple[str, Expression], ...]


@dataclass
class Program:
    """Expressions by what they decide. Keys of members are plain names: names are unique in the whole form."""

    scope: Scope
    order: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()  # the same with what the names stand for
    for_page: dict[str, tuple[Step, ...]] = field(default_factory=dict)  # what a page's questions and checks rest on
    way: tuple[Stop, ...] = ()
    groups: tuple[f.RepeatingField, ...] = ()
    needed: frozenset[str] = frozenset()  # questions outside of groups that are required whenever they are asked
    whole: dict[str, tuple[str, ...]] = field(default_factory=dict)  # choice fields of which all is always on offer
    pages: dict[str, Expression] = field(default_factory=dict)
    visible: dict[str, Expression] = field(default_factory=dict)
    required: dict[str, Expression] = field(default_factory=dict)
    computed: dict[str, Expression] = field(default_factory=dict)
    totals: dict[str, Expression] = field(default_factory=dict)  # which rows of a sum count
    choices: dict[tuple[str, str], Expression] = field(default_factory=dict)
    files: dict[str, Expression] = field(default_factory=dict)
    refusals: dict[str, Expression] = field(default_factory=dict)
    tiers: dict[str, Expression] = field(default_factory=dict)
    amounts: dict[str, Expression] = field(default_factory=dict)  # of tiers that are worked out
    validity: tuple[tuple[Expression, Expression, Expression | None, Expression | None], ...] = ()
    checks: dict[str, tuple[Expression, ...]] = field(default_factory=dict)
    four_eyes: Expression | None = None
    remedy_for_grants: Expression | None = None
    rules: dict[str, Expression] = field(default_factory=dict)  # of the casework
    passes: dict[str, Expression] = field(default_factory=dict)  # of points of the checklist
    leika: dict[str, Expression] = field(default_factory=dict)  # by its source text
    by_row: frozenset[str] = frozenset()  # members that are asked or not row by row
    lively: frozenset[str] = frozenset()  # pages on which an answer may bring up or hide a question of the same page


class _Builder:
    def __init__(self, definition: FormDefinition):
        self.definition = definition
        self.problems: list[Problem] = []
        self.group_of: dict[str, str] = {}  # member -> its repeating group
        self.page_index: dict[str, int] = {}
        self.position: dict[str, int] = {}  # of every question in the form, members count behind their group
        self.by_row: set[str] = set()
        self.lively: set[str] = set()
        names: dict[str, Kind] = {"today": Kind.DATE, "answered": Kind.FLAGS}
        for index, page in enumerate(definition.pages):
            for item in page.fields:
                self.page_index[item.name] = index
                self.position[item.name] = len(self.position)
                if isinstance(item, f.Question | f.ComputedField):
                    names[item.name] = kind_of(item)
                for member in item.members if isinstance(item, f.RepeatingField) else ():
                    self.group_of[member.name] = item.name
                    self.position[member.name] = len(self.position)
                    names[f"row.{member.name}"] = kind_of(member)
        self.program = Program(Scope(names))
        self.edges: dict[str, set[str]] = {name: set() for name in self.page_index}
        self.read: list[set[str]] = [{item.name for item in page.fields} for page in definition.pages]  # by each page

    def compile(self, path: str, source: str, kind: Kind, row_of: str | None = None) -> Expression | None:
        used = names_in(source)
        own = {name for name, group in self.group_of.items() if group == row_of}
        for allowed, names in ((self.group_of.keys(), used.members), (self.page_index, used.answered), (own, used.row)):
            for name in sorted(names - set(allowed)):
                self.problems.append((path, f"Den Namen „{name}“ gibt es hier nicht."))
                return None
        try:
            return self.program.scope.compile(source, kind)
        except BadExpression as error:
            self.problems.append((path, str(error)))
            return None

    def names(self, source: str) -> set[str]:
        """Top-level fields an expression depends on; a member counts as its group."""
        used = names_in(source)
        groups = {self.group_of[name] for name in used.members | used.row if name in self.group_of}
        return groups | (used.free | used.answered) & self.page_index.keys()

    def made_of(self, item: f.ComputedField) -> set[str]:
        """Names a computed value rests on."""
        if item.total is None:
            return self.names(item.value or "")
        return ({item.total.group} & self.page_index.keys()) | self.names(item.total.where or "")

    def answers(self, names: set[str]) -> set[str]:
        """The questions behind names: computed values replaced by what they are made of."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            item = self.definition.field(name)
            if name not in found and isinstance(item, f.ComputedField):
                waiting.extend(self.made_of(item))
            found.add(name)
        return {name for name in found if not isinstance(self.definition.field(name), f.ComputedField)}

    def behind(self, names: set[str]) -> set[str]:
        """These and all whose answers decide whether they are asked, or make them up."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            if (name := waiting.pop()) not in found:
                found.add(name)
                waiting.extend(self.edges[name])
        return found


def build(definition: FormDefinition) -> tuple[Program, list[Problem]]:
    """The program and what is wrong with it (empty: everything compiles and there is no cycle)."""
    builder = _Builder(definition)
    for index, page in enumerate(definition.pages):
        _page(builder, f"pages[{index}]", index, page)
    _whole_form(builder)
    builder.program.by_row, builder.program.lively = frozenset(builder.by_row), frozenset(builder.lively)
    try:
        builder.program.order = tuple(graphlib.TopologicalSorter(builder.edges).static_order())
        _prepare(builder)
    except graphlib.CycleError as error:
        chain = " → ".join(error.args[1])
        builder.problems.append((f"pages[{builder.page_index[error.args[1][0]]}]", f"Angaben im Kreis: {chain}."))
    return builder.program, builder.problems


def _prepare(b: _Builder) -> None:
    """What is the same for all answers, worked out here and not for each of them."""
    program, definition = b.program, b.definition
    steps = {
        item.name: Step(item.name, item.type, item, program.pages.get(page.key), program.visible.get(item.name))
        for page in definition.pages
        for item in page.fields
    }
    program.steps = tuple(steps[name] for name in program.order)
    for page, read in zip(definition.pages, map(b.behind, b.read), strict=True):
        program.for_page[page.key] = tuple(step for step in program.steps if step.name in read)
    program.way = tuple(_stop(b, page) for page in definition.pages)
    asked = [step.item for step in program.steps if isinstance(step.item, f.Question)]
    program.groups = tuple(item for item in asked if isinstance(item, f.RepeatingField))
    program.needed = frozenset(item.name for item in asked if item.required is True)
    for item in (*asked, *(member for group in program.groups for member in group.members)):
        if isinstance(item, f.ChoiceField | f.MultiChoiceField) and not any(choice.visible for choice in item.choices):
            program.whole[item.name] = tuple(item.by_value)


def _stop(b: _Builder, page: Page) -> Stop:
    behind = [refusal.key for refusal in b.definition.refusals if refusal.page == page.key]
    return Stop(
        key=page.key,
        names=tuple(item.name for item in page.fields),
        asks=frozenset(item.name for item in page.fields if not isinstance(item, f.ComputedField)),
        refusals=tuple((key, b.program.refusals[key]) for key in behind if key in b.program.refusals),
    )


def _page(b: _Builder, path: str, index: int, page: Page) -> None:
    before: set[str] = set()
    if page.visible:
        _put(b, b.program.pages, page.key, f"{path}.visible", page.visible, Kind.BOOL)
        before = b.names(page.visible)
        if late := sorted(name for name in b.answers(before) if b.page_index[name] >= index):
            sentence = f"Ob die Seite kommt, darf nur von früheren Seiten abhängen, nicht von „{late[0]}“ (Regel F15)."
            b.problems.append((f"{path}.visible", sentence))
    for place, item, _ in page.placed:
        here = f"{path}.{place}"
        b.edges[item.name] |= before
        for where, asked, source in _visibility(item):
            _asked_after(b, here + where, asked, source, page)
        _field(b, here, item)
    for n, check in enumerate(page.checks):
        _not_later(b, f"{path}.checks[{n}].holds", b.names(check.holds), index)
    checks = [b.compile(f"{path}.checks[{n}].holds", c.holds, Kind.BOOL) for n, c in enumerate(page.checks)]
    b.program.checks[page.key] = tuple(check for check in checks if check)


def _visibility(item: f.AnyField) -> Iterator[tuple[str, f.AnyField, str]]:
    """Expressions that decide what is asked at all, with the question each is about."""
    if isinstance(item, f.ComputedField):
        return
    if item.visible:
        yield ".visible", item, item.visible
    if isinstance(item, f.ChoiceField | f.MultiChoiceField):
        yield from ((f".choices[{n}].visible", item, c.visible) for n, c in enumerate(item.choices) if c.visible)
    if isinstance(item, f.RepeatingField):
        for place, member, _ in item.placed:
            yield from ((f".{place}{where}", asked, source) for where, asked, source in _visibility(member))


def _asked_after(b: _Builder, path: str, asked: f.AnyField, source: str, page: Page) -> None:
    """What is asked may depend on what was asked before it: earlier pages, this page above, this row to the left."""
    used = names_in(source)
    group = b.group_of.get(asked.name)
    row = {name for name in used.row if b.group_of.get(name) == group}
    top = b.names(source) - ({group} if row and not used.free & {group} else set())
    b.edges[group or asked.name] |= top - {group or asked.name}
    late = {name for name in b.answers(top) if b.position[name] >= b.position[group or asked.name]}
    late |= {name for name in row if b.position[name] >= b.position[asked.name]}
    if late:
        first = min(late, key=lambda name: b.position[name])
        sentence = f"Ob etwas gefragt wird, darf nur von Fragen davor abhängen, nicht von „{first}“ (Regel F15)."
        b.problems.append((path, sentence))
    if row:
        b.by_row.add(asked.name)
    if row or any(b.definition.page_of(name) == page.key for name in b.answers(top)):
        b.lively.add(page.key)


def _not_later(b: _Builder, path: str, names: set[str], index: int) -> None:
    b.read[index] |= names
    if late := sorted(name for name in b.answers(names) if b.page_index[name] > index):
        b.problems.append((path, f"Das darf nicht von einer späteren Seite abhängen („{late[0]}“)."))


def _field(b: _Builder, path: str, item: f.AnyField, row_of: str | None = None) -> None:
    program = b.program
    if isinstance(item, f.ComputedField):
        _computed(b, path, item)
        return
    if item.visible:
        _put(b, program.visible, item.name, f"{path}.visible", item.visible, Kind.BOOL, row_of)
    if isinstance(item, f.StaticField):
        return
    index = b.page_index[row_of or item.name]
    if isinstance(item.required, str):
        _not_later(b, f"{path}.required", b.names(item.required), index)
        _put(b, program.required, item.name, f"{path}.required", item.required, Kind.BOOL, row_of)
    if isinstance(item, f.ChoiceField | f.MultiChoiceField):
        for n, choice in enumerate(item.choices):
            where = f"{path}.choices[{n}].visible"
            if choice.visible and (compiled := b.compile(where, choice.visible, Kind.BOOL)):
                program.choices[item.name, choice.value] = compiled
    if isinstance(item, f.FileField) and item.files:
        _not_later(b, f"{path}.files", b.names(item.files), index)
        _put(b, program.files, item.name, f"{path}.files", item.files, Kind.INT)
    if isinstance(item, f.RepeatingField):
        for place, member, _ in item.placed:
            _field(b, f"{path}.{place}", member, row_of=item.name)


def _computed(b: _Builder, path: str, item: f.ComputedField) -> None:
    b.edges[item.name] |= b.made_of(item)
    path += ".total" if item.total else ".value"
    _not_later(b, path, b.made_of(item), b.page_index[item.name])
    if item.value:
        _put(b, b.program.computed, item.name, path, item.value, kind_of(item))
    if item.total is None:
        return
    group = b.definition.field(item.total.group) if item.total.group in b.page_index else None
    members = {member.name: member for member in group.members} if isinstance(group, f.RepeatingField) else {}
    member = members.get(item.total.member)
    if member is None or kind_of(member) != Kind.INT:
        sentence = f"In der Gruppe „{item.total.group}“ gibt es keine Zahl „{item.total.member}“."
        b.problems.append((path, sentence))
    elif item.total.where:
        _put(b, b.program.totals, item.name, f"{path}.where", item.total.where, Kind.BOOL, row_of=item.total.group)


def _put(
    b: _Builder,
    into: dict[str, Expression],
    key: str,
    path: str,
    source: str,
    kind: Kind,
    row_of: str | None = None,
) -> None:
    if compiled := b.compile(path, source, kind, row_of):
        into[key] = compiled


def _whole_form(b: _Builder) -> None:
    definition, program = b.definition, b.program
    pages: Mapping[str, int] = {page.key: index for index, page in enumerate(definition.pages)}
    for index, refusal in enumerate(definition.refusals):
        path = f"refusals[{index}]"
        _put(b, program.refusals, refusal.key, f"{path}.when", refusal.when, Kind.BOOL)
        if refusal.page not in pages:
            b.problems.append((f"{path}.page", f"Die Seite „{refusal.page}“ gibt es nicht."))
        elif any(b.page_index[name] > pages[refusal.page] for name in b.answers(b.names(refusal.when))):
            b.problems.append((f"{path}.when", "Die Bedingung hängt von einer späteren Seite ab."))
    for index, tier in enumerate(definition.fee.tiers if definition.fee else ()):
        _put(b, program.tiers, tier.key, f"fee.tiers[{index}].when", tier.when, Kind.BOOL)
        if tier.amount:
            _put(b, program.amounts, tier.key, f"fee.tiers[{index}].amount", tier.amount, Kind.INT)
    for index, key in enumerate(definition.leika):
        _put(b, program.leika, key.when, f"leika[{index}].when", key.when, Kind.BOOL)
    for index, rule in enumerate(definition.casework.rules):
        _put(b, program.rules, rule.key, f"casework.rules[{index}].when", rule.when, Kind.BOOL)
    for index, item in enumerate(definition.decision.checklist if definition.decision else ()):
        if item.passes:
            _put(b, program.passes, item.key, f"decision.checklist[{index}].passes", item.passes, Kind.BOOL)
    entries = []
    for index, entry in enumerate(definition.validity):
        path = f"validity[{index}]"
        when, start = (
            b.compile(f"{path}.when", entry.when, Kind.BOOL),
            b.compile(f"{path}.start", entry.start, Kind.DATE),
        )
        months = b.compile(f"{path}.months", entry.months, Kind.INT) if entry.months else None
        until = b.compile(f"{path}.until", entry.until, Kind.DATE) if entry.until else None
        if when and start:
            entries.append((when, start, months, until))
    program.validity = tuple(entries)
    if definition.decision and isinstance(definition.decision.four_eyes, str):
        program.four_eyes = b.compile("decision.four_eyes", definition.decision.four_eyes, Kind.BOOL)
    if definition.decision and isinstance(definition.decision.remedy_for_grants, str):
        path, source = "decision.remedy_for_grants", definition.decision.remedy_for_grants
        program.remedy_for_grants = b.compile(path, source, Kind.BOOL)
