"""Whether a condition can ever hold. Pure. Tried out on every combination of answers where these are few.

Only choices and yes or no have few answers. Where anything else decides, nothing is claimed.
"""

import datetime as dt
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from forms_engine.definitions.expressions import Expression, moment, names_in
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition

MOST = 300  # combinations that are tried
ANY_DAY = moment(dt.date(2026, 1, 1))
Condition = tuple[str, tuple[Expression, ...], int]  # path, rules that hold together, index of the page it is judged on


def never_met(definition: FormDefinition) -> Iterator[str]:
    """Paths of pages, questions, choices, not-eligible pages and fee tiers that no answers lead to."""
    for path, rules, page in _conditions(definition):
        if _never(definition, rules, page):
            yield path


def _conditions(definition: FormDefinition) -> Iterator[Condition]:
    program, last = definition.program, len(definition.pages) - 1
    for index, page in enumerate(definition.pages):
        ground = (program.pages[page.key],) if page.key in program.pages else ()
        if ground:
            yield f"pages[{index}].visible", ground, index
        for place, item, _ in page.placed:
            for path, own in _of_question(definition, f"pages[{index}].{place}", item):
                yield path, (*ground, own), index
    for n, refusal in enumerate(definition.refusals):
        if when := program.refusals.get(refusal.key):
            yield f"refusals[{n}].when", (when,), _index(definition, refusal.page)
    for n, tier in enumerate(definition.fee.tiers if definition.fee else ()):
        if when := program.tiers.get(tier.key):
            yield f"fee.tiers[{n}].when", (when,), last + 1


def _of_question(definition: FormDefinition, path: str, item: f.AnyField) -> Iterator[tuple[str, Expression]]:
    program = definition.program
    if item.name in program.visible and not isinstance(item, f.RepeatingField):
        yield f"{path}.visible", program.visible[item.name]
    for n, choice in enumerate(getattr(item, "choices", ())):
        if rule := program.choices.get((item.name, choice.value)):
            yield f"{path}.choices[{n}].visible", rule


def _never(definition: FormDefinition, rules: tuple[Expression, ...], page: int) -> bool:
    names = _closure(definition, rules)
    if names is None:
        return False
    known = [_answers(definition.field(name)) or [] for name in names]
    if math.prod(map(len, known)) > MOST:
        return False
    stops = [
        stop
        for refusal in definition.refusals
        if _index(definition, refusal.page) < page
        for stop in [definition.program.refusals[refusal.key]]
        if names_in(stop.source).free <= set(names) and not names_in(stop.source).answered
    ]
    for answers in itertools.product(*known):
        data = _judged(definition, names, answers)
        if all(rule.value(data) is True for rule in rules) and not any(stop.value(data) is True for stop in stops):
            return False
    return True


def _closure(definition: FormDefinition, rules: tuple[Expression, ...]) -> list[str] | None:
    """The questions that decide, in the order of the form; None if it is not few answers alone."""
    found: set[str] = set()
    waiting = [rule.source for rule in rules]
    while waiting:
        used = names_in(waiting.pop())
        if used.row or "today" in used.free:
            return None
        for name in (used.free | used.answered) & definition._fields_by_name.keys() - found:
            if _answers(definition.field(name)) is None:
                return None
            found.add(name)
            key = definition.page_of(name)
            before = (definition.program.visible.get(name), definition.program.pages.get(key))
            waiting.extend(other.source for other in before if other)
    return [name for name in definition._fields_by_name if name in found]


def _index(definition: FormDefinition, key: str) -> int:
    return [page.key for page in definition.pages].index(key)


def _answers(item: Any) -> list[Any] | None:
    """Every answer there is, no answer among them; None if there are too many."""
    match item:
        case f.BooleanField() | f.DeclarationField():
            return [None, True, False]
        case f.ChoiceField():
            return [None, *(choice.value for choice in item.choices)]
        case f.MultiChoiceField():
            values = [choice.value for choice in item.choices]
            if 2 ** len(values) > MOST:
                return None
            sizes = range(1, len(values) + 1)
            return [None, *(list(some) for size in sizes for some in itertools.combinations(values, size))]
    return None


def _judged(definition: FormDefinition, names: Sequence[str], answers: Sequence[Any]) -> dict[str, Any]:
    """What expressions see if these are the answers: what nobody asks for does not count."""
    program = definition.program
    data: dict[str, Any] = {"today": ANY_DAY, "answered": dict.fromkeys(program.order, False)}
    for name, answer in zip(names, answers, strict=True):
        rules = (program.pages.get(definition.page_of(name)), program.visible.get(name))
        if answer is None or not all(rule is None or rule.value(data) is True for rule in rules):
            continue
        data[name] = answer
        data["answered"][name] = True
    return data
