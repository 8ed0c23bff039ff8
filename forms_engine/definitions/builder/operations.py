"""What a person does to the pages and questions of a form, as functions on its data. Pure.

Each gives new data and leaves the old as it was. Refused: it cannot be done; the message is a sentence for the person.
Whether the result is a form at all, sound() says. Questions are called by their names, blocks by "block." and theirs.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from forms_engine.definitions import schema
from forms_engine.definitions.builder import references
from forms_engine.definitions.builder.skeleton import slug_of
from forms_engine.definitions.document import Data
from forms_engine.definitions.language.fields import RESERVED
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.language.parts import PARTS

HOLDERS = ("repeating", "group")
BLOCKS = ("group", *PARTS)  # not questions themselves: their names are in no rule, and may be those of questions
GROUP = "gruppe."  # begins the home of what stands in a group; keys of pages have no dot
NOT_INSIDE = ("repeating", "location", "declaration", "static", "computed")  # what no group may hold
WHOLE = {
    "refusals": "Absage",
    "fee": "Gebühr",
    "validity": "Gültigkeit",
    "leika": "Leistungsschlüssel",
    "decision": "Entscheidung",
}
MOST_PAGES, MOST_ENTRIES, MOST_MEMBERS = 60, 100, 30


class Refused(Exception):
    """The message is a German sentence; nothing was changed."""


@dataclass(frozen=True)
class Spot:
    """Where an entry stands: `home` is the key of its page or "gruppe." and the name of its group.

    `path` is as problems name it.
    """

    home: str
    index: int
    path: str
    siblings: list[Data]

    @property
    def entry(self) -> Data:
        return self.siblings[self.index]

    @property
    def ident(self) -> str:
        return ident(self.entry)


def ident(entry: Data) -> str:
    """What an entry is called by."""
    return f"block.{entry['name']}" if entry["type"] in BLOCKS else str(entry["name"])


def sound(data: Data) -> FormDefinition:
    """The definition that the data make. Raises Refused with the first thing that is wrong."""
    try:
        return schema.from_data(data)
    except schema.DefinitionError as error:
        path, sentence = error.problems[0]
        raise Refused(f"Das geht nicht: {place_in_words(data, path)}{sentence}") from None


def place_in_words(data: Data, path: str) -> str:
    """ "Seite „Anfang“, „Wahl“: ", or "" for what belongs to no page."""
    found = re.match(r"pages\[(\d+)\](?:\.fields\[(\d+)\])?", path)
    if not found or int(found[1]) >= len(data["pages"]):
        return ""
    page = data["pages"][int(found[1])]
    entries = page.get("fields", ())
    entry = entries[int(found[2])] if found[2] and int(found[2]) < len(entries) else None
    where = f"Seite „{german(page.get('title'))}“"
    return f"{where}, „{entry_label(entry)}“: " if entry else f"{where}: "


def german(text: Any) -> str:
    """The German of a text of the data."""
    return str(text.get("de", "")) if isinstance(text, dict) else str(text or "")


def entry_label(entry: Data) -> str:
    return german(entry.get("label") or entry.get("text") or entry.get("name"))[:80]


# --- looking ----------------------------------------------------------------------------------------------------------


def spots(data: Data) -> Iterator[Spot]:
    """Every question, block and group, and what stands in groups."""
    for p, page in enumerate(data["pages"]):
        for n, entry in enumerate(page["fields"]):
            here = f"pages[{p}].fields[{n}]"
            yield Spot(page["key"], n, here, page["fields"])
            if entry["type"] in HOLDERS:
                yield from _inside(entry, here)


def _inside(holder: Data, path: str) -> Iterator[Spot]:
    for n, entry in enumerate(holder["members"]):
        yield Spot(GROUP + ident(holder), n, f"{path}.members[{n}]", holder["members"])
        if entry["type"] in HOLDERS:
            yield from _inside(entry, f"{path}.members[{n}]")


def spot(data: Data, name: str) -> Spot:
    """Raises Refused."""
    found = next((held for held in spots(data) if held.ident == name), None)
    if found is None:
        raise Refused(f"„{name.removeprefix('block.')}“ gibt es nicht mehr. Jemand hat es inzwischen geändert.")
    return found


def page_index(data: Data, key: str) -> int:
    """Raises Refused."""
    found = next((n for n, page in enumerate(data["pages"]) if page["key"] == key), None)
    if found is None:
        raise Refused(f"Die Seite „{key}“ gibt es nicht mehr. Jemand hat sie inzwischen geändert.")
    return found


def page_of(data: Data, name: str) -> str:
    """The key of the page on which an entry stands, however deep. Raises Refused."""
    path = spot(data, name).path
    return str(data["pages"][int(re.findall(r"\d+", path)[0])]["key"])


def _rules_name(entry: Data) -> set[str]:
    """By which names rules may speak of it."""
    return {*part_names(entry), *(() if entry["type"] in BLOCKS else (entry["name"],))}


def holder(data: Data, home: str) -> Data | None:
    """The group that a home names; None if it is a page. Raises Refused if there is neither."""
    if not home.startswith(GROUP):
        page_index(data, home)
        return None
    found = spot(data, home.removeprefix(GROUP)).entry
    if found["type"] not in HOLDERS:
        raise Refused(f"„{entry_label(found)}“ ist keine Gruppe.")
    return found


def _home(data: Data, home: str) -> list[Data]:
    """The entries of a page or group. Raises Refused."""
    group = holder(data, home)
    found: list[Data] = data["pages"][page_index(data, home)]["fields"] if group is None else group["members"]
    return found


def names(data: Data) -> set[str]:
    """Every name that is taken, those of the parts of blocks too."""
    found: set[str] = set()
    for held in spots(data):
        entry = held.entry
        found |= {entry["name"], *part_names(entry)}
    return found


def part_names(entry: Data) -> list[str]:
    """The questions that a block of known parts becomes ("person_vorname")."""
    return [f"{entry['name']}_{part}" for part in PARTS.get(entry["type"], ())]


def fresh_name(data: Data, wish: str) -> str:
    """A name nobody has: the wish, or the wish with a number."""
    base = re.sub(r"[^a-z0-9_]", "_", slug_of(wish).replace("-", "_"))[:40].strip("_") or "frage"
    taken, number, name = names(data) | RESERVED, 2, base
    while name in taken or any(f"{name}_{part}" in taken for parts in PARTS.values() for part in parts):
        name, number = f"{base}_{number}", number + 1
    return name


def fresh_key(data: Data, wish: str) -> str:
    base = slug_of(wish)[:50].strip("-") or "seite"
    base = base if len(base) > 1 else f"{base}-seite"
    taken = {page["key"] for page in data["pages"]} | {refusal["key"] for refusal in data.get("refusals", ())}
    number, key = 2, base
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    return key


# --- doing ------------------------------------------------------------------------------------------------------------


def copy_of(data: Data) -> Data:
    """Another object of the same content."""
    copied: Data = json.loads(json.dumps(data))
    return copied


def add(data: Data, home: str, entry: Data, index: int | None = None) -> Data:
    """A new entry at the end of a page or group, or at a place in it."""
    new = copy_of(data)
    entries, group = _home(new, home), holder(new, home)
    _may_stand(entry, group)
    if entry["name"] in names(new):
        raise Refused(f"Der Name „{entry['name']}“ ist schon vergeben. Geben Sie einen anderen ein.")
    _room(entries, MOST_MEMBERS if group else MOST_ENTRIES)
    entries.insert(len(entries) if index is None else index, copy_of(entry))
    return new


def _may_stand(entry: Data, group: Data | None) -> None:
    if group is None:
        return
    blocks = ("person", "address", "company", "contact", "group")
    if entry["type"] in NOT_INSIDE or (group["type"] == "group" and entry["type"] in blocks):
        raise Refused("Das kann nicht in einer Gruppe stehen. Setzen Sie es auf eine Seite.")


def _room(entries: Sequence[Any], most: int) -> None:
    if len(entries) >= most:
        raise Refused(f"Mehr als {most} Einträge passen hier nicht. Legen Sie eine weitere Seite an.")


def move(data: Data, name: str, home: str, index: int) -> Data:
    """To a place in a page or group; `index` counts without the entry itself."""
    new = copy_of(data)
    held = spot(new, name)
    group = holder(new, home)
    if group is held.entry or any(inner.entry is group for inner in _members(held.entry)):
        raise Refused("Eine Gruppe kann nicht in sich selbst stehen.")
    if len(held.siblings) == 1 and home != held.home:
        raise Refused("Das ist der letzte Eintrag hier. Löschen Sie stattdessen die Seite oder die Gruppe.")
    _may_stand(held.entry, group)
    entry = held.siblings.pop(held.index)
    entries = _home(new, home)
    _room(entries, MOST_MEMBERS if group else MOST_ENTRIES)
    entries.insert(min(max(index, 0), len(entries)), entry)
    return new


def _members(entry: Data) -> list[Spot]:
    return list(_inside(entry, "")) if entry["type"] in HOLDERS else []


def step(data: Data, name: str, by: int) -> Data:
    """One place up (-1) or down (1); from the edge of a page to the page before or behind."""
    held = spot(data, name)
    there = held.index + by
    if 0 <= there < len(held.siblings):
        return move(data, name, held.home, there)
    if "members" in held.path:
        raise Refused("Weiter geht es in dieser Gruppe nicht.")
    page = page_index(data, held.home) + by
    if not 0 <= page < len(data["pages"]):
        raise Refused("Weiter geht es nicht: Das ist der Anfang oder das Ende des Formulars.")
    neighbour = data["pages"][page]
    return move(data, name, neighbour["key"], len(neighbour["fields"]) if by < 0 else 0)


def copy(data: Data, name: str) -> tuple[Data, str]:
    """A copy right behind, with new names; what it says about itself speaks of the copy. Also what it is called by."""
    new = copy_of(data)
    held = spot(new, name)
    _room(held.siblings, MOST_MEMBERS if "members" in held.path else MOST_ENTRIES)
    copied = copy_of(held.entry)
    renamed = _rename_all(new, [copied])
    references.rewrite([copied], renamed)
    held.siblings.insert(held.index + 1, copied)
    return new, ident(copied)


def _rename_all(data: Data, entries: list[Data]) -> dict[str, str]:
    """Gives entries and what stands in them names that nobody has; old name -> new name, parts of blocks too."""
    renamed: dict[str, str] = {}
    taken = copy_of({"pages": [{"key": "-", "fields": [held.entry for held in spots(data)]}]})

    def rename(entry: Data) -> None:
        before = part_names(entry)
        old, entry["name"] = entry["name"], fresh_name(taken, re.sub(r"_\d+$", "", entry["name"]))
        renamed.update({} if entry["type"] in BLOCKS else {old: entry["name"]})
        renamed.update(zip(before, part_names(entry), strict=True))
        taken["pages"][0]["fields"].append({"type": entry["type"], "name": entry["name"], "members": []})
        for member in entry.get("members", ()):
            rename(member)

    for entry in entries:
        rename(entry)
    return renamed


def delete(data: Data, name: str) -> Data:
    new = copy_of(data)
    held = spot(new, name)
    if len(held.siblings) == 1:
        raise Refused("Das ist der letzte Eintrag hier. Löschen Sie stattdessen die Seite oder die Gruppe.")
    gone = _all_names([held.entry])
    held.siblings.pop(held.index)
    _not_needed(new, gone)
    return new


def _all_names(entries: list[Data]) -> set[str]:
    found: set[str] = set()
    for entry in entries:
        found |= _rules_name(entry) | _all_names(entry.get("members", []))
    return found


def _not_needed(data: Data, gone: set[str]) -> None:
    """What letters need goes with its question; a rule that needs it keeps it."""
    references.drop_meaning(data, gone)
    users = references.users(data, gone)
    if users:
        where = ", ".join(sorted({_where(data, path) for path in users})[:4])
        raise Refused(f"Das wird noch gebraucht: {where}. Ändern Sie zuerst diese Regeln.")


def _where(data: Data, path: str) -> str:
    said = place_in_words(data, path).rstrip(": ")
    return said or WHOLE.get(re.split(r"[.\[]", path)[0], path)


def put(data: Data, name: str, entry: Data) -> Data:
    """An entry as it shall be; if it is called otherwise now, every rule calls it so."""
    new = copy_of(data)
    held = spot(new, name)
    old, renamed = held.entry, {}
    if entry["name"] != old["name"]:
        if entry["name"] in names(new) - {old["name"], *part_names(old)}:
            raise Refused(f"Der Name „{entry['name']}“ ist schon vergeben. Geben Sie einen anderen ein.")
        renamed = dict(zip(part_names(old), part_names({**old, "name": entry["name"]}), strict=True))
        renamed |= {} if old["type"] in BLOCKS else {old["name"]: entry["name"]}
    held.siblings[held.index] = copy_of(entry)
    if renamed:
        references.rewrite_everywhere(new, renamed)
    return new


# --- pages ------------------------------------------------------------------------------------------------------------


def add_page(data: Data, page: Data, index: int | None = None) -> Data:
    new = copy_of(data)
    _room(new["pages"], MOST_PAGES)
    new["pages"].insert(len(new["pages"]) if index is None else index, copy_of(page))
    return new


def put_page(data: Data, key: str, page: Data) -> Data:
    """A page as it shall be, with the fields it has; a new key is taken over where it is named."""
    new = copy_of(data)
    index = page_index(new, key)
    new["pages"][index] = {**copy_of(page), "fields": new["pages"][index]["fields"]}
    for refusal in new.get("refusals", ()):
        if refusal["page"] == key:
            refusal["page"] = page["key"]
    return new


def move_page(data: Data, key: str, by: int) -> Data:
    """One place up (-1) or down (1)."""
    new = copy_of(data)
    index = page_index(new, key)
    if not 0 <= index + by < len(new["pages"]):
        raise Refused("Weiter geht es nicht: Das ist die erste oder letzte Seite.")
    new["pages"].insert(index + by, new["pages"].pop(index))
    return new


def copy_page(data: Data, key: str) -> tuple[Data, str]:
    """A copy right behind, with new names; its rules about its own questions speak of the copy. Also its key."""
    new = copy_of(data)
    _room(new["pages"], MOST_PAGES)
    index = page_index(new, key)
    page = copy_of(new["pages"][index])
    page["key"], page["title"] = fresh_key(new, page["key"]), _another_title(new, page["title"])
    renamed = _rename_all(new, page["fields"])
    references.rewrite(page["fields"], renamed)
    references.rewrite_checks(page, renamed)
    new["pages"].insert(index + 1, page)
    return new, page["key"]


def _another_title(data: Data, title: Any) -> Any:
    """Headings differ from page to page (rule F02)."""
    taken, number = {german(page["title"]) for page in data["pages"]}, 2
    while f"{german(title)} ({number})" in taken:
        number += 1
    if isinstance(title, dict):
        return {code: f"{text} ({number})" if text else text for code, text in title.items()}
    return f"{title} ({number})"


def delete_page(data: Data, key: str) -> Data:
    new = copy_of(data)
    if len(new["pages"]) == 1:
        raise Refused("Ein Formular braucht mindestens eine Seite.")
    page = new["pages"].pop(page_index(new, key))
    if any(refusal["page"] == key for refusal in new.get("refusals", ())):
        raise Refused("Zu dieser Seite gehört eine Absage. Löschen Sie zuerst die Absage.")
    _not_needed(new, _all_names(page["fields"]))
    return new
