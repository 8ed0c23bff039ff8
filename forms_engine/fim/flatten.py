"""The tree of a schema as a flat row of questions, each with the condition under which it is asked and required."""

from dataclasses import dataclass, field
from typing import Any

from forms_engine.fim import conditions as c
from forms_engine.fim import model
from forms_engine.fim.conditions import Condition
from forms_engine.fim.convert import Data, Said, choice_codes, convert, counts, label_of, short_help
from forms_engine.fim.places import Place, Places
from forms_engine.fim.report import Level, Report
from forms_engine.fim.rows import MOST_MEMBERS, MOST_ROWS, Rows
from forms_engine.fim.wishes import Wishes

HELP_OUT = "Der Hilfetext für die Ausgabe bleibt beim Schema, das Formular zeigt ihn nicht."
OPENER, CHOICE, HELP, HEADING = "opener", "choice", "help", "heading"


@dataclass
class Item:
    """One entry of a page. `key` is the FIM path, with the role behind "?" where it is not the element itself."""

    key: str
    data: Data
    top: int  # number of the top-level element: begins a new page
    group: str  # path of the group it stands in
    visible: Condition = c.TRUE
    required: Condition | None = None  # None: not a question
    members: list["Item"] = field(default_factory=list)
    version: str = ""

    @property
    def path(self) -> str:
        return self.key.partition("?")[0]

    @property
    def role(self) -> str:
        return self.key.partition("?")[2] or "element"


@dataclass
class Flat:
    items: list[Item] = field(default_factory=list)
    # (path of the element, sentence) the author has to decide before publishing
    open: list[tuple[Place, str]] = field(default_factory=list)


class Flattener:
    """`openers`: how deep optional groups get a question of their own; deeper ones only relax what is required."""

    def __init__(self, places: Places, rows: Rows, wishes: Wishes, report: Report, openers: int):
        self.places, self.rows, self.wishes, self.report = places, rows, wishes, report
        self.openers = openers
        self.decided: set[str] = set()  # parts of a choice: given if chosen
        self.picked: dict[str, c.Is] = {}  # the same in rows, with the answer that chooses them
        self.flat = Flat()
        self.top = 0

    def run(self) -> Flat:
        loose = False
        for place in self.places.children.get("", ()):
            is_field = isinstance(place.element, model.Field)
            self.top += 0 if is_field and loose else 1
            loose = is_field
            self.part(place.path, c.TRUE, c.TRUE)
        return self.flat

    def note(self, level: Level, place: Place, text: str) -> None:
        self.report.add(level, place.element.line, place.path, text)

    def undecided(self, place: Place, text: str) -> None:
        self.flat.open.append((place, text))
        self.note(Level.OPEN, place, text)

    def add(self, key: str, place: Place, data: Data, visible: Condition, required: Condition | None) -> Item:
        item = Item(key, data, self.top, place.parent, c.simple(visible), required, version=place.element.ident.version)
        self.flat.items.append(item)
        return item

    def part(self, path: str, visible: Condition, needed: Condition) -> None:
        place = self.places.by_path[path]
        if show := self.wishes.show.get(path):
            visible, needed = _both(visible, show.when), c.TRUE
        if isinstance(place.element, model.Field):
            self.question(place, visible, needed)
        elif path in self.rows.composites:
            self.composite(place, visible, needed)
        elif path in self.rows.lists:
            self.repeated(place, *self.opened(place, visible, needed))
        else:
            if path in self.rows.single:
                self.undecided(place, f"{self.rows.single[path]} Sie wird nur einmal gefragt.")
            self.group(place, place.element, *self.opened(place, visible, needed))

    def opened(self, place: Place, visible: Condition, needed: Condition) -> tuple[Condition, Condition]:
        """An optional group is asked for first, unless a rule decides; what is inside then hangs on the answer."""
        path = place.path
        if place.part.minimum > 0 or path in self.decided or path in self.wishes.show or path in self.rows.lists:
            return visible, needed
        wanted = self.wishes.require.get(path)
        if path.count("/") >= self.openers and not wanted:
            inside = [p for p in self.places.below(path).values() if not self.rows.row_of(p.path)]
            given = [c.Filled(p.path) for p in inside if self.askable(p)]
            return visible, c.simple(c.Several(False, tuple(given)))
        label = f"Möchten Sie Angaben machen: {_bare(place.element)}?"
        data = {"type": "boolean", "label": label, "summary_label": label_of(place.element)}
        key = f"{path}?{OPENER}"
        asked = _both(visible, c.negated(wanted)) if wanted else visible
        self.add(key, place, data, asked, needed)
        given_answer = c.Is(key, frozenset({"true"}))
        if wanted:
            return _both(visible, c.Several(False, (wanted, given_answer))), c.TRUE
        return given_answer, c.TRUE

    def askable(self, place: Place) -> bool:
        if place.parent in self.rows.composites:
            return False
        return place.path in self.rows.composites or _askable(place)

    def composite(self, place: Place, visible: Condition, needed: Condition) -> None:
        """A group that is one question. What its parts say of themselves is said by the question."""
        data = self.whole(place, visible)
        self.add(place.path, place, data, visible, self.required(place, needed))

    def whole(self, place: Place, visible: Condition) -> Data:
        element = place.element
        self.note(Level.ASSUMED, place, "Die Felder der Gruppe sind eine Frage. Ihre Grenzen und Hilfen gelten nicht.")
        hint = {"hint": element.help} if short_help(element.help) else {}
        if element.help and not hint:
            self.help(place, f"{_bare(element)}: {element.help}", visible)
        return {**self.rows.composites[place.path], **hint}

    def group(self, place: Place, element: model.Group, visible: Condition, needed: Condition) -> None:
        if place.parent:
            data = {"type": "static", "text": label_of(element)[:4000]}
            self.add(f"{place.path}?{HEADING}", place, data, visible, None)
        if element.help:
            self.help(place, element.help, visible)
        if element.help_out:
            self.note(Level.HINT, place, HELP_OUT)
        parts = self.places.children.get(place.path, [])
        chosen = self.chosen(place, element, parts)
        asked = False
        for part in parts:
            if part.path not in chosen:
                self.part(part.path, visible, needed)
                continue
            if not asked:
                self.choice(place, chosen, visible, needed)
                asked = True
            # The choice is itself asked only where `visible` holds.
            self.part(part.path, c.Is(f"{place.path}?{CHOICE}", frozenset({chosen[part.path]})), c.TRUE)

    def chosen(self, place: Place, element: model.Group, parts: list[Place]) -> dict[str, str]:
        """Parts of which one is given, with the values they have in the choice."""
        paths = self.wishes.exactly.get(place.path, ())
        if element.choice:
            paths = tuple(part.path for part in parts)
        self.decided.update(paths)
        return {path: path.rpartition("/")[2].replace("~", ".") for path in paths}

    def choice(self, place: Place, chosen: dict[str, str], visible: Condition, needed: Condition) -> None:
        self.add(f"{place.path}?{CHOICE}", place, self.choice_data(place, chosen), visible, needed)

    def choice_data(self, place: Place, chosen: dict[str, str]) -> Data:
        options = [
            {"value": value, "label": label_of(self.places.by_path[path].element)} for path, value in chosen.items()
        ]
        return {"type": "choice", "label": f"Was trifft zu: {_bare(place.element)}?", "choices": options}

    def help(self, place: Place, text: str, visible: Condition) -> None:
        data = {"type": "static", "text": text[:4000]}
        self.add(f"{place.path}?{HELP}", place, data, visible, None)

    def question(self, place: Place, visible: Condition, needed: Condition) -> None:
        data = self.converted(place)
        if place.path in self.wishes.fixed:
            value = self.wishes.fixed[place.path]
            data = {"type": "computed", "value": c.quote(value), "result": "text"}
        if data["type"] in ("static", "computed"):
            self.add(place.path, place, data, visible if data["type"] == "static" else c.TRUE, None)
            return
        element = place.element
        if element.help and not short_help(element.help):
            self.help(place, f"{_bare(element)}: {element.help}", visible)
        required = self.required(place, needed)
        if place.many and data["type"] not in ("file", "multi_choice"):
            self.list_of_one(place, data, visible, required)
        else:
            self.add(place.path, place, data, visible, required)

    def converted(self, place: Place) -> Data:
        said = Said()
        data = convert(place, said)
        for text in said.lost:
            self.note(Level.LOST, place, text)
        for text in said.assumed:
            self.note(Level.ASSUMED, place, text)
        if place.element.help_out:
            self.note(Level.HINT, place, HELP_OUT)
        ref = place.element.list_ref if isinstance(place.element, model.Field) else None
        others = self.places.store.others(ref) if ref and place.values is None else ()
        for text in said.open if place.path not in self.wishes.fixed else ():
            self.undecided(place, f"{text} Vorhanden ist: {', '.join(others)}." if others else text)
        without = self.wishes.without.get(place.path, set())
        if without and "choices" in data:
            codes = choice_codes(place.values or ())
            gone = {codes[value] for value in without}
            data["choices"] = [choice for choice in data["choices"] if choice["value"] not in gone]
            self.recount(place, data)
        return data

    def recount(self, place: Place, data: Data) -> None:
        """Where a rule took choices away, no more answers can be wanted than there are."""
        if data["type"] == "multi_choice":
            kept = {key: value for key, value in data.items() if key not in ("minimum", "maximum")}
            data.clear()
            data.update(kept | counts(place.part, len(kept["choices"])))

    def required(self, place: Place, needed: Condition) -> Condition:
        show = self.wishes.show.get(place.path)
        if (show and show.must) or place.path in self.decided:
            return c.TRUE
        wanted = self.wishes.require.get(place.path, c.FALSE)
        # A field is not required because it is itself filled in.
        others = _without(needed, place.path) if place.part.minimum > 0 else c.FALSE
        return c.simple(c.Several(False, (others, wanted)))

    def list_of_one(self, place: Place, data: Data, visible: Condition, required: Condition) -> None:
        member = Item(place.path, data, self.top, place.path, required=c.TRUE, version=place.element.ident.version)
        group = self.rows_data(place, required == c.TRUE)
        item = self.add(f"{place.path}?list", place, group, visible, c.TRUE)
        item.members = [member]

    def rows_data(self, place: Place, needed: bool) -> Data:
        label, part = label_of(place.element), place.part
        low, high = part.minimum if needed else 0, part.maximum or MOST_ROWS
        if part.maximum is None or high > MOST_ROWS or low > MOST_ROWS:
            self.note(Level.ASSUMED, place, f"Höchstens {MOST_ROWS} Einträge.")
        if part.minimum > low:
            text = f"Mindestens {part.minimum} Einträge: das gilt nur, wenn der freiwillige Teil ausgefüllt wird."
            self.note(Level.LOST, place, text)
        return {
            "type": "repeating",
            "label": label[:4000],
            "row_title": label[:200],
            "add_label": f"{label[:200]} hinzufügen",
            "minimum": min(low, MOST_ROWS),
            "maximum": min(high, MOST_ROWS),
        }

    def repeated(self, place: Place, visible: Condition, needed: Condition) -> None:
        element = place.element
        if element.help:
            self.help(place, element.help, visible)
        behind: list[Place] = []
        members: list[Item] = []
        for inner in self.places.below(place.path).values():
            if self.rows.is_member(inner):
                members.append(self.member(inner, place, visible))
            elif inner.parent in self.rows.composites:
                continue
            elif isinstance(inner.element, model.Field) and inner.element.kind == "label":
                self.note(Level.ASSUMED, inner, "Der Text jeder Zeile steht einmal vor der Liste.")
                self.question(inner, visible, c.FALSE)
            elif isinstance(inner.element, model.Field):
                behind.append(inner)
            elif (choice := self.choice_in_row(inner, inner.element, place)) is not None:
                members.append(choice)
            elif inner.element.choice:
                self.undecided(inner, "Die Auswahlgruppe liegt in einer Liste. Ihre Teile sind alle freiwillig.")
            elif inner.many:
                self.undecided(
                    inner, f"{self.rows.single.get(inner.path, '')} Sie wird je Zeile einmal gefragt.".strip()
                )
        item = self.add(place.path, place, self.rows_data(place, needed == c.TRUE), visible, c.TRUE)
        item.members = members
        for inner in behind:
            self.note(Level.LOST, inner, "Angabe je Zeile einer Liste, genommen ist eine Angabe hinter der Liste.")
            self.question(inner, visible, c.FALSE)

    def choice_in_row(self, place: Place, element: model.Group, around: Place) -> Item | None:
        """The question which part of a group is given, where a row has room for it."""
        before = {key.path for key in self.picked.values() if key.path.startswith(f"{around.path}/")}
        if len(self.rows.members(around.path)) + len(before) >= MOST_MEMBERS:
            return None
        chosen = self.chosen(place, element, self.places.children.get(place.path, []))
        if not chosen:
            return None
        key = f"{place.path}?{CHOICE}"
        visible = self.asked_in_row(place, around)
        decided = place.path in self.wishes.show or place.path in self.picked
        needed = self.needed_in_row(place, around) if place.part.minimum > 0 or decided else c.FALSE
        self.picked |= {path: c.Is(key, frozenset({value})) for path, value in chosen.items()}
        data = self.choice_data(place, chosen)
        return Item(key, data, self.top, place.path, visible, needed, version=element.ident.version)

    def asked_in_row(self, place: Place, around: Place) -> Condition:
        """The condition under which a row asks something: rules about it and the groups around it, parts chosen."""
        terms: list[Condition] = []
        path = place.path
        while path != around.path:
            terms += [show.when] if (show := self.wishes.show.get(path)) else []
            terms += [self.picked[path]] if path in self.picked else []
            path = self.places.by_path[path].parent
        return c.simple(c.Several(True, tuple(terms)))

    def member(self, place: Place, around: Place, visible: Condition) -> Item:
        required = self.required(place, self.needed_in_row(place, around))
        data = self.whole(place, visible) if place.path in self.rows.composites else self.one(place, visible)
        asked = self.asked_in_row(place, around)
        return Item(place.path, data, self.top, place.parent, asked, required, version=place.element.ident.version)

    def one(self, place: Place, visible: Condition) -> Data:
        """One question of a row."""
        data = self.converted(place)
        if place.path in self.wishes.fixed:
            value = choice_codes(place.values or ())[self.wishes.fixed[place.path]]
            data["choices"] = [choice for choice in data["choices"] if choice["value"] == value]
            self.recount(place, data)
        if data["type"] == "declaration":
            self.note(
                Level.LOST, place, f"Erklärung „{data.pop('statement')[:200]}“ je Zeile, gefragt wird Ja oder Nein."
            )
            data["type"] = "boolean"
        if wanted := data.pop("files", ""):
            self.note(Level.LOST, place, f"Mindestens {wanted} Dateien je Zeile, verlangt ist eine.")
        if place.many and data["type"] not in ("multi_choice", "file"):
            self.note(Level.LOST, place, "Mehrere Antworten je Zeile, genommen ist ein Textbereich.")
            data = {key: data[key] for key in ("label", "hint", "summary_label") if key in data}
            data = {"type": "textarea", **data, "max_length": 2000}
        element = place.element
        if element.help and not short_help(element.help):
            self.help(place, f"{_bare(element)}: {element.help}", visible)
        return data

    def needed_in_row(self, place: Place, around: Place) -> Condition:
        """Inside an optional group of a row a field is required once another field of that group is filled."""
        path = place.parent
        while path != around.path:
            group = self.places.by_path[path]
            if path in self.picked or path in self.wishes.show:
                return c.TRUE
            if isinstance(group.element, model.Group) and (group.part.minimum == 0 or group.element.choice):
                given = [c.Filled(p.path) for p in self.rows.members(path) if p.path != place.path and not p.many]
                return c.simple(c.Several(False, tuple(given)))
            path = group.parent
        return c.TRUE


def _bare(element: model.Field | model.Group) -> str:
    """The label within a longer text."""
    return label_of(element).rstrip(" ?!.:")


def _askable(place: Place) -> bool:
    element = place.element
    asks = isinstance(element, model.Field) and element.kind in ("input", "select")
    return asks and (not place.many or is_file_or_select(place))


def is_file_or_select(place: Place) -> bool:
    element = place.element
    return isinstance(element, model.Field) and (element.kind == "select" or element.type in ("file", "obj"))


def _both(one: Condition, other: Condition) -> Condition:
    return c.simple(c.Several(True, (one, other)))


def _without(condition: Condition, path: str) -> Condition:
    if isinstance(condition, c.Several):
        return c.simple(c.Several(condition.every, tuple(one for one in condition.of if one != c.Filled(path))))
    return c.FALSE if condition == c.Filled(path) else condition


def kind_of(data: dict[str, Any]) -> str:
    return {
        "boolean": "boolean",
        "declaration": "boolean",
        "multi_choice": "list",
        "repeating": "list",
        "file": "list",
    }.get(data["type"], "text")
