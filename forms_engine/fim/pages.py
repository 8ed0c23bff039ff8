"""Pages from a flat sequence: what depends on an answer comes on a later page (rule F15), lists may need their own."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from forms_engine.definitions.lint import TAKEN_KEYS
from forms_engine.fim import conditions as c
from forms_engine.fim.flatten import HEADING, HELP, Item

MOST_PAGES = 60
MOST_FIELDS = 95
COMFORTABLE = 12  # with so many fields the next group gets a page of its own


@dataclass
class Sheet:
    """One page to be."""

    items: list[Item]
    title: str = ""
    key: str = ""
    visible: c.Condition = c.TRUE
    text: list[str] = field(default_factory=list)


def paginate(items: list[Item], titles: Mapping[str, str], *, merge: bool = False) -> list[Sheet]:
    """`titles`: group path -> title. `merge`: short top-level groups share a page."""
    sheets: list[Sheet] = []
    for item in items:
        if not sheets or _breaks(sheets[-1].items, item, merge):
            sheets.append(Sheet([]))
        sheets[-1].items.append(item)
    sheets = [sheet for sheet in _no_empty_ends(sheets) if sheet.items]
    for sheet in sheets:
        _finish(sheet, titles)
    _name(sheets)
    return sheets


def _breaks(page: list[Item], item: Item, merge: bool) -> bool:
    if len(page) >= MOST_FIELDS or item.members or page[-1].members:
        # A list has no condition of its own, only its page has.
        alone = (item.members and item.visible != page[-1].visible) or (
            page[-1].members and page[-1].visible != item.visible
        )
        if alone or len(page) >= MOST_FIELDS:
            return True
    if any(one.members and one.visible != c.TRUE for one in page) and item.visible != page[-1].visible:
        return True
    if item.members and item.visible != c.TRUE and any(one.visible != item.visible for one in page):
        return True
    asked = c.paths_in(item.visible)
    if any(one.key in asked for one in page):
        return True
    if item.top != page[-1].top and (not merge or len(page) >= COMFORTABLE):
        return True
    return item.role == HEADING and item.path.count("/") == 1 and len(page) >= COMFORTABLE


def _no_empty_ends(sheets: list[Sheet]) -> list[Sheet]:
    """A heading or help text at the end of a page belongs to the next one, if nothing forbids it."""
    for sheet, following in itertools.pairwise(sheets):
        while sheet.items and sheet.items[-1].role in (HEADING, HELP):
            asked = c.paths_in(sheet.items[-1].visible)
            shown_alone = following.items[0].members and sheet.items[-1].visible != following.items[0].visible
            if shown_alone or any(item.key in asked for item in following.items):
                break
            following.items.insert(0, sheet.items.pop())
    return sheets


def _finish(sheet: Sheet, titles: Mapping[str, str]) -> None:
    groups = [item.group if item.role == "element" and not item.members else item.path for item in sheet.items]
    questions = [item for item in sheet.items if item.required is not None and not item.members]
    sheet.title = titles.get(_common(groups)) or titles.get(groups[0]) or "Allgemeine Angaben"
    if len(questions) == 1 and len(sheet.items) <= 2 and len(questions[0].data["label"]) <= 100:
        sheet.title = questions[0].data["label"]  # one question: it is the heading (rule F03)
    first = sheet.items[0]
    # The heading of the page need not stand on it again.
    if first.role == HEADING and len(sheet.items) > 1 and first.data["text"] == sheet.title:
        sheet.items.pop(0)
    conditions = {item.visible for item in sheet.items if item.data["type"] != "computed"}
    if len(conditions) == 1:
        sheet.visible = conditions.pop()
        for item in sheet.items:
            item.visible = c.TRUE
    while len(sheet.items) > 1 and sheet.items[0].role == HELP and sheet.items[0].visible == c.TRUE:
        sheet.text.append(sheet.items.pop(0).data["text"])


def _common(paths: list[str]) -> str:
    steps = [path.split("/") for path in paths]
    shared = []
    for level in zip(*steps, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return "/".join(shared)


def _name(sheets: list[Sheet]) -> None:
    titles: set[str] = set()
    keys: set[str] = set(TAKEN_KEYS)
    for sheet in sheets:
        title, number = sheet.title[:3900], 2
        while title in titles:
            title, number = f"{sheet.title[:3900]} ({number})", number + 1
        key, number = slug(sheet.title, "-")[:50] or "seite", 2
        base = key = key if re.match(r"[a-z][a-z0-9-]", key) else f"seite-{key}"
        while key in keys:
            key, number = f"{base}-{number}", number + 1
        titles.add(title)
        keys.add(key)
        sheet.title, sheet.key = title, key


def slug(text: str, joint: str) -> str:
    """Small Latin letters and digits; umlauts written out."""
    low = text.lower()
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        low = low.replace(letter, plain)
    return re.sub(r"[^a-z0-9]+", joint, low).strip(joint)
