"""Import a newer schema into a form that its author has worked on: three texts, one result, nothing taken in silence.

`before` is the draft the old schema gives, `mine` the form as it is now, `after` the draft the new schema gives. What
only one side changed is taken from that side; where both changed the same, the author's stays and a conflict says so.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

Data = dict[str, Any]
NOT_SAID = object()


class Kind(StrEnum):
    ADDED = "neu"
    REMOVED = "entfallen"
    CHANGED = "geändert"
    KEPT = "Ihre Änderung bleibt"
    CONFLICT = "Widerspruch"


@dataclass(frozen=True)
class Change:
    kind: Kind
    place: str  # FIM path of the element, or the key of a page or part of the form
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.place}: {self.text}"

    def as_json(self) -> dict[str, str]:
        return {**asdict(self), "kind": str(self.kind)}


def key_of(item: Data, holder: Data | None = None) -> str | None:
    """The FIM key of a question in the YAML; None for the author's own."""
    ref = item.get("fim")
    if not ref:
        return None
    role = ref.get("role", "element")
    if role != "element":
        return f"{ref['path']}?{role}"
    twin = any((m.get("fim") or {}).get("path") == ref["path"] for m in item.get("members", ()))
    return f"{ref['path']}?list" if twin and holder is None else str(ref["path"])


def merge(before: Data, mine: Data, after: Data) -> tuple[Data, list[Change]]:
    """The form with the new schema in it, as data for the YAML, and everything that is different or in conflict."""
    return _Merge(before, mine, after).run()


def _items(data: Data) -> Iterator[tuple[str, Data]]:
    for page in data["pages"]:
        for item in page["fields"]:
            key = key_of(item)
            if key:
                yield key, item


def _layout(data: Data, keys: set[str]) -> list[list[str]]:
    rows = ([key for item in page["fields"] if (key := key_of(item)) in keys] for page in data["pages"])
    return [row for row in rows if row]


class _Merge:
    def __init__(self, before: Data, mine: Data, after: Data):
        self.before, self.mine, self.after = before, mine, after
        self.old, self.own, self.new = (dict(_items(data)) for data in (before, mine, after))
        self.changes: list[Change] = []

    def say(self, kind: Kind, place: str, text: str) -> None:
        self.changes.append(Change(kind, place, text))

    def run(self) -> tuple[Data, list[Change]]:
        merged = self.merged_items()
        common = self.old.keys() & self.own.keys()
        moved = _layout(self.mine, common) != _layout(self.before, common)
        if moved:
            self.say(Kind.KEPT, "pages", "Die Aufteilung der Seiten bleibt, neue Fragen stehen hinter ihrem Vorgänger.")
        pages = self.onto_mine(merged) if moved else self.onto_after(merged)
        rest = {key for data in (self.before, self.mine, self.after) for key in data} - {"pages", "open_points", "fim"}
        order = list(dict.fromkeys([*self.mine, *self.after]))
        result: Data = {}
        for key in order:
            if key in rest:
                value = self.three(
                    key,
                    self.before.get(key, NOT_SAID),
                    self.mine.get(key, NOT_SAID),
                    self.after.get(key, NOT_SAID),
                    key,
                )
                if value is not NOT_SAID:
                    result[key] = value
            elif key == "pages":
                result[key] = pages
            elif key == "open_points":
                result[key] = self.points()
            elif key == "fim":
                result[key] = self.after["fim"]
        return result, self.changes

    def three(self, place: str, before: Any, mine: Any, after: Any, what: str) -> Any:
        """One value: the side that changed it wins, the author's where both did."""
        if mine == after or after == before:
            if mine != before and mine != after:
                self.say(Kind.KEPT, place, f"„{what}“ ist von Ihnen.")
            return mine
        if mine == before:
            self.say(Kind.CHANGED, place, f"„{what}“ war {_short(before)}, ist {_short(after)}.")
            return after
        self.say(
            Kind.CONFLICT, place, f"„{what}“ ist im Schema jetzt {_short(after)}. Ihre Angabe bleibt: {_short(mine)}."
        )
        return mine

    def merged_items(self) -> dict[str, Data]:
        """Every imported question that stays, by its key."""
        merged: dict[str, Data] = {}
        for key, item in self.new.items():
            if key in self.own:
                merged[key] = self.item(key, self.old.get(key, {}), self.own[key], item)
            elif key not in self.old:
                self.say(Kind.ADDED, key, f"„{_title(item)}“ kommt dazu.")
                merged[key] = item
            elif _said(self.old[key]) != _said(item):
                text = f"„{_title(item)}“ haben Sie entfernt, im Schema ist es geändert. Es bleibt entfernt."
                self.say(Kind.CONFLICT, key, text)
        for key, item in self.own.items():
            if key in self.new:
                continue
            if key not in self.old or _said(self.old[key]) != _said(item):
                text = (
                    f"„{_title(item)}“ gibt es im Schema nicht mehr. Sie haben es geändert, es bleibt als Ihre Frage."
                )
                self.say(Kind.CONFLICT, key, text)
                merged[key] = {name: value for name, value in item.items() if name != "fim"}
            else:
                self.say(Kind.REMOVED, key, f"„{_title(item)}“ entfällt.")
        return merged

    def item(self, key: str, before: Data, mine: Data, after: Data) -> Data:
        result: Data = {}
        if mine.get("type") != after.get("type") and mine.get("type") == before.get("type"):
            self.say(Kind.CHANGED, key, f"Der Feldtyp war „{mine['type']}“, ist „{after['type']}“.")
            return {**after, "name": mine["name"]}
        for name in dict.fromkeys([*mine, *after]):
            if name == "fim":
                result[name] = after[name]
            elif name == "members":
                result[name] = self.members(key, before, mine, after)
            else:
                old, own, new = (data.get(name, NOT_SAID) for data in (before, mine, after))
                value = self.three(key, old, own, new, name)
                if value is not NOT_SAID:
                    result[name] = value
        return result

    def members(self, key: str, before: Data, mine: Data, after: Data) -> list[Data]:
        """Questions of a row: those of the new schema, with the author's changes, then the author's own."""
        by_key = [{key_of(m, data): m for m in data.get("members", ())} for data in (before, mine, after)]
        old, own, new = by_key
        found = []
        for name, member in new.items():
            if name in own:
                found.append(self.item(str(name), old.get(name, {}), own[name], member))
            elif name not in old:
                self.say(Kind.ADDED, str(name), f"„{_title(member)}“ kommt dazu.")
                found.append(member)
        for name in own.keys() - new.keys() - {None}:
            self.say(Kind.REMOVED, str(name), f"„{_title(own[name])}“ entfällt.")
        return found + [m for m in mine.get("members", ()) if key_of(m, mine) is None]

    def onto_after(self, merged: dict[str, Data]) -> list[Data]:
        """Pages of the new schema with the author's questions behind those they stood behind."""
        pages = []
        for page in deepcopy(self.after["pages"]):
            page["fields"] = [merged[key] for item in page["fields"] if (key := key_of(item)) in merged]
            pages.append(self.page(page))
        self.place_leftovers(pages, merged)
        return [page for page in pages if page["fields"]]

    def page(self, page: Data) -> Data:
        """Title, texts and condition of a page that exists on each side."""
        sides = [next((p for p in data["pages"] if p["key"] == page["key"]), None) for data in (self.before, self.mine)]
        if None in sides:
            return page
        before, mine = sides
        for name in ("title", "summary_title", "text", "visible", "checks"):
            value = self.three(
                page["key"],
                before.get(name, NOT_SAID),  # type: ignore[union-attr]  # None was sorted out above
                mine.get(name, NOT_SAID),  # type: ignore[union-attr]  # None was sorted out above
                page.get(name, NOT_SAID),
                name,
            )
            if value is NOT_SAID:
                page.pop(name, None)
            else:
                page[name] = value
        return page

    def place_leftovers(self, pages: list[Data], merged: dict[str, Data]) -> None:
        """What is the author's own, or stays although the schema dropped it."""
        behind: str | None = None
        at_page = -1
        for page in self.mine["pages"]:
            strangers = [item for item in page["fields"] if key_of(item) is None]
            if len(strangers) == len(page["fields"]):
                at_page += 1
                pages.insert(min(at_page, len(pages)), deepcopy(page))
                self.say(Kind.KEPT, page["key"], f"Ihre Seite „{_text(page['title'])}“.")
                continue
            for item in page["fields"]:
                key = key_of(item)
                if key in self.new and key in merged:
                    behind = item["name"]
                    at_page = next((n for n, p in enumerate(pages) if _has(p, behind)), at_page)
                elif key is None or key in merged:
                    behind = self.insert(pages, behind, merged[key] if key else item)

    def insert(self, pages: list[Data], behind: str | None, item: Data) -> str:
        for page in pages:
            names = [field["name"] for field in page["fields"]]
            if behind in names:
                page["fields"].insert(names.index(behind) + 1, item)
                break
        else:
            pages[0]["fields"].insert(0, item)
        if key_of(item) is None and item.get("name") not in {one["name"] for one in self.own.values()}:
            self.say(Kind.KEPT, str(item["name"]), f"Ihre Frage „{_title(item)}“.")
        return str(item["name"])

    def onto_mine(self, merged: dict[str, Data]) -> list[Data]:
        """The author's pages; new questions behind the one they follow in the schema, else on a page of their own."""
        pages = deepcopy(self.mine["pages"])
        for page in pages:
            kept = ((key_of(item), item) for item in page["fields"])
            page["fields"] = [merged[key] if key else item for key, item in kept if key is None or key in merged]
        for page in self.after["pages"]:
            behind: str | None = None
            for key in (one for item in page["fields"] if (one := key_of(item)) in merged):
                added = key not in self.own
                if added and behind is None:
                    pages.append({**page, "fields": [merged[key]]})
                elif added:
                    self.insert(pages, behind, merged[key])
                behind = merged[key]["name"]
        return [page for page in pages if page["fields"]]

    def points(self) -> list[Data]:
        """Open points of the new schema; what the author settled stays settled while the text is the same."""
        mine = {point["key"]: point for point in self.mine.get("open_points", ())}
        old = {point["key"]: point for point in self.before.get("open_points", ())}
        found = []
        for point in self.after.get("open_points", ()):
            known = mine.get(point["key"])
            same = known and all(known.get(k) == point.get(k) for k in ("question", "quote"))
            if not known and point["key"] in old and old[point["key"]] == point:
                continue  # the author took it out, and nothing about it is new
            if known and not same and known.get("settled") not in (None, "translated"):
                self.say(Kind.CONFLICT, point["key"], "Entschieden, aber im Schema geändert. Entscheiden Sie neu.")
            found.append(known if same and known else point)
        new = {point["key"] for point in self.after.get("open_points", ())}
        return found + [point for key, point in mine.items() if key not in new and key not in old]


def _said(item: Data) -> Data:
    return {name: value for name, value in item.items() if name not in ("fim", "name", "visible")}


def _has(page: Data, name: str | None) -> bool:
    return any(item["name"] == name for item in page["fields"])


def _text(value: Any) -> str:
    return str(value.get("de", "")) if isinstance(value, dict) else str(value)


def _title(item: Data) -> str:
    return _text(item.get("label") or item.get("text") or item["name"]).split("\n")[0][:80]


def _short(value: Any) -> str:
    if value is NOT_SAID:
        return "nicht angegeben"
    text = " ".join(_text(value).split())
    return f"„{text[:80]}{'…' if len(text) > 80 else ''}“"
