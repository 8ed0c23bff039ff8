"""Which rules speak of which questions, and how they go on speaking of them when these get other names. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from forms_engine.definitions.document import Data
from forms_engine.definitions.expressions import names_in

_STRING = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'")
_WORD = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z_]\w*(?!\w)(?!\s*\()")
# Keys that hold an expression; where they may hold something else, only texts are expressions.
RULES = frozenset(
    {
        *("visible", "required", "when", "holds", "amount", "start", "months", "until", "four_eyes", "where"),
        *("passes", "remedy_for_grants"),
    }
)


def rules(node: Any, path: str = "") -> Iterator[tuple[Data, str, str]]:
    """Every place of an expression below a node: what holds it, its key, its path."""
    if isinstance(node, list):
        for number, entry in enumerate(node):
            yield from rules(entry, f"{path}[{number}]")
    elif isinstance(node, dict):
        for key, value in node.items():
            here = f"{path}.{key}" if path else key
            if _is_rule(node, key, value):
                yield node, key, here
            elif isinstance(value, dict | list):
                yield from rules(value, here)


def _is_rule(node: Data, key: str, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    computed = key == "value" and node.get("type") == "computed"
    files = key == "files" and node.get("type") == "file"
    return key in RULES or computed or files


def renamed_in(source: str, names: Mapping[str, str]) -> str:
    """An expression in which questions are called otherwise; what stands in quotes is left alone."""
    parts, last = [], 0
    for quoted in _STRING.finditer(source):
        parts += [_renamed(source[last : quoted.start()], names), quoted[0]]
        last = quoted.end()
    return "".join([*parts, _renamed(source[last:], names)])


def _renamed(code: str, names: Mapping[str, str]) -> str:
    return _WORD.sub(lambda word: names.get(word[0], word[0]), code)


def rewrite(entries: list[Data], names: Mapping[str, str]) -> None:
    """In rules below these entries, and in what groups say about their members."""
    for holder, key, _ in list(rules(entries)):
        holder[key] = renamed_in(holder[key], names)
    for entry in entries:
        if entry.get("unique_by") in names:
            entry["unique_by"] = names[entry["unique_by"]]
        total = entry.get("total")
        if isinstance(total, dict):
            total |= {key: names.get(total[key], total[key]) for key in ("group", "member")}
        rewrite(entry.get("members", []), names)


def rewrite_checks(page: Data, names: Mapping[str, str]) -> None:
    for check in page.get("checks", ()):
        check["holds"] = renamed_in(check["holds"], names)
        check["field"] = names.get(check["field"], check["field"])


def rewrite_everywhere(data: Data, names: Mapping[str, str]) -> None:
    for holder, key, _ in list(rules(data)):
        holder[key] = renamed_in(holder[key], names)
    for page in data["pages"]:
        rewrite(page["fields"], names)
        for check in page.get("checks", ()):
            check["field"] = names.get(check["field"], check["field"])
    if "meaning" in data:
        data["meaning"] = _renamed_values(data["meaning"], names)
    if "search" in data.get("casework", {}):
        data["casework"]["search"] = _renamed_values(data["casework"]["search"], names)


def _renamed_values(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_renamed_values(entry, names) for entry in node]
    if isinstance(node, dict):
        return {key: value if key == "texts" else _renamed_values(value, names) for key, value in node.items()}
    return names.get(node, node) if isinstance(node, str) else node


def users(data: Data, gone: set[str]) -> list[str]:
    """Paths of rules that speak of names which are no more."""
    found = []
    for holder, key, path in rules(data):
        used = names_in(holder[key])
        if (used.free | used.answered | used.row | used.members) & gone:
            found.append(path)
    for p, page in enumerate(data["pages"]):
        found += [f"pages[{p}].checks[{n}]" for n, check in enumerate(page.get("checks", ())) if check["field"] in gone]
    return found


def drop_meaning(data: Data, gone: set[str]) -> None:
    """Letters and the search do without what nobody is asked any more; the linter tells the author."""
    if "search" in data.get("casework", {}):
        data["casework"]["search"] = [name for name in data["casework"]["search"] if name not in gone]
    meaning = data.get("meaning")
    if not meaning:
        return
    if "name" in meaning:
        meaning["name"] = [name for name in meaning["name"] if name not in gone]
    if "address" in meaning:
        lines = [[name for name in line if name not in gone] for line in meaning["address"]]
        meaning["address"] = [line for line in lines if line]
    if meaning.get("area", {}).get("field") in gone:
        meaning.pop("area")
    if meaning.get("marks", {}).get("group") in gone or meaning.get("marks", {}).get("member") in gone:
        meaning.pop("marks")
