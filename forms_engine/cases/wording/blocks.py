"""The text of a block -> paragraphs, lists and tables. Pure. Escaping is left to the letter's own template.

A blank line ends a paragraph, "- " begins an entry of a list, "## " a heading, "|" a row of a table (the first one is
its head). Only what the author of the text has written counts as such a mark: values are made inert before they are
set in, so no answer can add a list, a row or a heading to a letter.
"""

from collections.abc import Mapping
from typing import Any

_LINE, _BAR, _GUARD = "\u2028", "\ue000", "\ue001"
_MARKS = ("-", "#")
_OURS = str.maketrans("", "", _LINE + _BAR + _GUARD)
_BACK = str.maketrans({_LINE: "\n", _BAR: "|", _GUARD: None})

Part = dict[str, Any]  # {"p": text} | {"h": text} | {"ul": [text]} | {"table": {"head": [text], "rows": [[text]]}}


def inert(value: Any) -> Any:
    """The same value with every mark in its texts neutralised: for everything that is set into a block."""
    match value:
        case str():
            text = _LINE.join(value.translate(_OURS).strip().splitlines()).replace("|", _BAR)
            return _GUARD + text if text.startswith(_MARKS) else text
        case Mapping():
            return {key: inert(member) for key, member in value.items()}
        case list() | tuple():
            return [inert(member) for member in value]
    return value


def plain(text: str) -> str:
    """Rendered text as people read it."""
    return text.translate(_BACK).strip()


def parse(text: str) -> list[Part]:
    """The parts of a rendered block in order; empty for a block that says nothing."""
    parts: list[Part] = []
    fresh = True  # after a blank line
    for line in (raw.strip() for raw in text.split("\n")):
        if not plain(line):
            fresh = True
            continue
        _add(parts, line, fresh)
        fresh = False
    return [part for part in (_told(part) for part in parts) if part]


def _add(parts: list[Part], line: str, fresh: bool) -> None:
    last = parts[-1] if parts else {}
    if line.startswith("- "):
        _held(parts, last, "ul").append(line[2:])
    elif line.startswith("|"):
        _held(parts, last, "table").append(line.strip("|").split("|"))
    elif line.startswith("## "):
        parts.append({"h": line[3:]})
    elif "p" in last and not fresh:
        last["p"] += "\n" + line
    else:
        parts.append({"p": line})


def _held(parts: list[Part], last: Part, kind: str) -> list[Any]:
    """A list goes on over blank lines: loops leave them behind."""
    if kind not in last:
        parts.append({kind: []})
    held: list[Any] = parts[-1][kind]
    return held


def _told(part: Part) -> Part:
    ((kind, value),) = part.items()
    if kind == "ul":
        return {"ul": [plain(entry) for entry in value if plain(entry)]}
    if kind == "table":
        width = max(map(len, value))
        head, *rows = [[plain(cell) for cell in row] + [""] * (width - len(row)) for row in value]
        return {"table": {"head": head, "rows": rows}}
    return {kind: plain(value)}
