"""Conditions over elements of a schema, before they have names: what rules mean, and how CEL says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Is:
    """The answer at `path` is one of the values (codes; "true" and "false" for yes and no)."""

    path: str
    values: frozenset[str]


@dataclass(frozen=True)
class Filled:
    path: str


@dataclass(frozen=True)
class Not:
    of: "Condition"


@dataclass(frozen=True)
class Several:
    """All of them (`every`) or at least one."""

    every: bool
    of: tuple["Condition", ...]


@dataclass(frozen=True)
class Always:
    holds: bool


Condition = Is | Filled | Not | Several | Always
TRUE, FALSE = Always(True), Always(False)


def negated(condition: Condition) -> Condition:
    match condition:
        case Always(holds):
            return Always(not holds)
        case Not(of):
            return of
        case Several(every, of):
            return Several(not every, tuple(negated(one) for one in of))
        case Is(path, values) if values <= {"true", "false"}:
            return Is(path, frozenset({"true", "false"}) - values)
    return Not(condition)


def simple(condition: Condition) -> Condition:
    """The same in a form that can be compared: one Is per field, no nesting of equals, sorted."""
    match condition:
        case Not(of):
            turned = negated(simple(of))
            return _several(turned.every, [simple(one) for one in turned.of]) if isinstance(turned, Several) else turned
        case Several(every, of):
            return _several(every, [simple(one) for one in of])
    return condition


def _several(every: bool, conditions: list[Condition]) -> Condition:
    flat: dict[Condition, None] = {}
    for one in conditions:
        if isinstance(one, Always):
            if one.holds != every:
                return one
            continue
        flat |= dict.fromkeys(one.of if isinstance(one, Several) and one.every == every else (one,))
    merged: dict[str, frozenset[str]] = {}
    rest: list[Condition] = []
    for one in flat:
        # "is 1 or is 2" and "is not 1 and is not 2" become one question about a set of values.
        same = one.of if every and isinstance(one, Not) else one if not every else None
        if isinstance(same, Is):
            merged[same.path] = merged.get(same.path, frozenset()) | same.values
        else:
            rest.append(one)
    found: list[Condition] = [Not(Is(p, v)) if every else Is(p, v) for p, v in merged.items()]
    found += rest
    if not found:
        return Always(every)
    return found[0] if len(found) == 1 else Several(every, tuple(sorted(found, key=repr)))


def opposite(one: Condition, other: Condition, domains: Mapping[str, frozenset[str]]) -> bool:
    """Whether exactly one of them holds. `domains`: all values of a field where it can have only one of them."""
    return _spelt_out(simple(negated(one)), domains) == _spelt_out(simple(other), domains)


def _spelt_out(condition: Condition, domains: Mapping[str, frozenset[str]]) -> Condition:
    match condition:
        case Not(Is(path, values)) if path in domains:
            return Is(path, domains[path] - values)
        case Several(every, of):
            return _several(every, [_spelt_out(one, domains) for one in of])
    return condition


def paths_in(condition: Condition) -> frozenset[str]:
    match condition:
        case Is(path, _) | Filled(path):
            return frozenset({path})
        case Not(of):
            return paths_in(of)
        case Several(_, of):
            return frozenset().union(*map(paths_in, of))
    return frozenset()


@dataclass(frozen=True)
class Known:
    """How a field is called in expressions: `kind` decides how its value is compared."""

    name: str
    kind: Literal["text", "boolean", "list"]
    member: bool = False  # of a repeating group: row.name
    codes: Mapping[str, str] = field(default_factory=dict)  # FIM code -> value of the choice, where they differ


def to_cel(condition: Condition, names: Mapping[str, Known]) -> str:
    """Raises KeyError for a path without a name."""
    match condition:
        case Always(holds):
            return "true" if holds else "false"
        case Filled(path):
            known = names[path]
            # A member has no entry in `answered`; a comparison with itself is unknown where there is no answer.
            return f"row.{known.name} == row.{known.name}" if known.member else f"answered.{known.name}"
        case Not(Is(path, values)) if names[path].kind != "boolean":
            return _compare(names[path], values, "!=")
        case Not(of):
            return f"!({to_cel(of, names)})"
        case Several(every, of):
            return (" && " if every else " || ").join(_bracketed(one, names) for one in of)
        case Is(path, values):
            return _compare(names[path], values, "==")
    raise TypeError(type(condition))


def _bracketed(condition: Condition, names: Mapping[str, Known]) -> str:
    text = to_cel(condition, names)
    return f"({text})" if isinstance(condition, Several) else text


def _compare(known: Known, values: frozenset[str], operator: str) -> str:
    name = f"row.{known.name}" if known.member else known.name
    codes = sorted(known.codes.get(value, value) for value in values)
    if known.kind == "boolean":
        return name if codes == ["true"] else f"!{name}" if codes == ["false"] else f"({name} || !{name})"
    quoted = [quote(code) for code in codes]
    if known.kind == "list":
        has = " || ".join(f"{code} in {name}" for code in quoted)
        return f"!({has})" if operator == "!=" else f"({has})" if len(quoted) > 1 else has
    if len(quoted) == 1:
        return f"{name} {operator} {quoted[0]}"
    within = f"{name} in [{', '.join(quoted)}]"
    return within if operator == "==" else f"!({within})"


def quote(text: str) -> str:
    """A text as a CEL literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "") + "'"
