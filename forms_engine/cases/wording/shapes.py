"""What a name in the text of a letter stands for: one text, rows of something, or a record with names of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    label: str
    sample: str = ""


@dataclass(frozen=True)
class Rows:
    label: str
    of: Text | Record


@dataclass(frozen=True)
class Record:
    label: str
    members: Mapping[str, Shape]


Shape = Text | Rows | Record


def listed(record: Record, before: str = "") -> Iterator[tuple[str, str]]:
    """(what to write, what it means) for every name, in order: the list beside the editor."""
    for name, shape in record.members.items():
        path = f"{before}{name}"
        match shape:
            case Text():
                yield f"{{{{ {path} }}}}", shape.label
            case Rows(of=Text()):
                yield f'{{{{ {path}|join:", " }}}}', shape.label
            case Rows(of=Record() as row):
                inside = " ".join(f"{{{{ zeile.{member} }}}}" for member in row.members)
                yield f"{{% for zeile in {path} %}}{inside}{{% endfor %}}", shape.label
            case Record():
                yield from listed(shape, f"{path}.")


def sample(shape: Shape) -> object:
    """A value of this shape for a preview without a case: each text says what will stand there."""
    match shape:
        case Text():
            return shape.sample or f"[{shape.label}]"
        case Rows():
            return [sample(shape.of), sample(shape.of)]
        case Record():
            return {name: sample(member) for name, member in shape.members.items()}


def empty(shape: Shape) -> object:
    """What stands for an optional that was not given."""
    match shape:
        case Text():
            return ""
        case Rows():
            return []
        case Record():
            return {name: empty(member) for name, member in shape.members.items()}
