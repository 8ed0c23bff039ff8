"""All rules of a schema read at their places: what they demand together, and which are left to the author."""

from dataclasses import dataclass, field

from forms_engine.fim import conditions as c
from forms_engine.fim import grammar, model
from forms_engine.fim.places import Place, Places
from forms_engine.fim.rows import MOST_MEMBERS, Rows
from forms_engine.fim.sentences import Unsure

LIST = "Die Regel gilt je Zeile einer Liste, das kennt die Formularsprache nicht."
CHOICES_IN_ROW = 4  # questions "Was trifft zu?" that a row should still have room for


@dataclass
class Reading:
    """One rule at one place. `reason` says why it is left to the author; "" while it is translated."""

    rule: model.Rule
    at: str
    effects: tuple[grammar.Effect, ...] = ()
    reason: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.at, str(self.rule.ident)


@dataclass
class Wishes:
    readings: list[Reading]
    show: dict[str, grammar.Show] = field(default_factory=dict)
    require: dict[str, c.Condition] = field(default_factory=dict)
    exactly: dict[str, tuple[str, ...]] = field(default_factory=dict)  # parent -> parts of which one is given
    fixed: dict[str, str] = field(default_factory=dict)
    without: dict[str, set[str]] = field(default_factory=dict)
    checks: list[tuple[Reading, grammar.Effect]] = field(default_factory=list)


def read_rules(schema: model.Schema, places: Places, rows: Rows, refused: dict[tuple[str, str], str]) -> Wishes:
    """`refused`: rules that turned out not to fit, with the reason."""
    readings = []
    at_places = [("", rule) for rule in schema.rules]
    at_places += [(path, rule) for path, place in places.by_path.items() for rule in place.element.rules]
    for at, rule in at_places:
        reading = Reading(rule, at, reason=refused.get((at, str(rule.ident)), ""))
        readings.append(reading)
        if not reading.reason:
            _read(reading, places, rows)
    wishes = Wishes(readings)
    for reading in readings:
        if not reading.reason:
            _collect(wishes, reading, places)
    _without_conflicts(wishes)
    return wishes


def _read(reading: Reading, places: Places, rows: Rows) -> None:
    try:
        found = grammar.effects(reading.rule.text, places, reading.at)
        if _built_in(found, rows):
            return
        for effect in found:
            _fits(effect, places, rows)
    except Unsure as unsure:
        reading.reason = str(unsure)
        return
    reading.effects = found


def _built_in(effects: tuple[grammar.Effect, ...], rows: Rows) -> bool:
    """Whether the rule is about the inside of one question, which knows it already: a date must be in the calendar."""
    named = {path for effect in effects for part in _paths(effect) for path in part}
    holders = {path.rpartition("/")[0] for path in named}
    inside = holders & rows.composites.keys()
    if inside and (len(holders) > 1 or any(isinstance(effect, grammar.Show | grammar.Fixed) for effect in effects)):
        raise Unsure(f"{inside.pop().rpartition('/')[2]} ist hier eine einzige Frage.")
    return bool(inside)


def _paths(effect: grammar.Effect) -> tuple[set[str], set[str]]:
    """The elements an effect changes, and those it looks at."""
    match effect:
        case grammar.Show(path, when) | grammar.Require(path, when):
            return {path}, set(c.paths_in(when))
        case grammar.AtLeastOne(paths) | grammar.ExactlyOne(paths):
            return set(paths), set()
        case grammar.Fixed(path) | grammar.Without(path):
            return {path}, set()
        case grammar.Before(earlier, later):
            return {earlier, later}, set()
        case grammar.RealDate(day, month, year):
            return {day, month, year}, set()
    raise TypeError(type(effect))


def _fits(effect: grammar.Effect, places: Places, rows: Rows) -> None:
    """Raises Unsure where our language cannot say what the rule says."""
    changed, asked = _paths(effect)
    _fits_rows(effect, changed, asked, places, rows)
    for path in asked:
        _can_be_asked(places.by_path[path])
    if isinstance(effect, grammar.Show):
        late = [path for path in asked if places.by_path[path].order > places.by_path[effect.path].order]
        if late:
            name = late[0].rpartition("/")[2]
            raise Unsure(f"{name} steht im Schema erst hinter dem Feld, das davon abhängt.")
        if any(path.startswith(f"{effect.path}/") or path == effect.path for path in asked):
            raise Unsure("Das Feld hängt von sich selbst ab.")
    if isinstance(effect, grammar.Require) and effect.path in asked:
        raise Unsure("Das Feld hängt von sich selbst ab.")
    if isinstance(effect, grammar.AtLeastOne | grammar.Before | grammar.RealDate):
        for path in changed:
            _can_be_asked(places.by_path[path])
    if isinstance(effect, grammar.ExactlyOne):
        _can_be_chosen([places.by_path[path] for path in effect.paths])


def _fits_rows(effect: grammar.Effect, changed: set[str], asked: set[str], places: Places, rows: Rows) -> None:
    """A row knows its own answers and those given once; nothing outside of it knows which row is meant."""
    inside, seen = ({rows.row_of(path) for path in paths} for paths in (changed, asked))
    if inside | seen <= {None}:
        return
    if len(inside) > 1 or not seen <= inside | {None}:
        raise Unsure(LIST)
    match effect:
        case grammar.Require() | grammar.Fixed() | grammar.Without():
            return
        case grammar.Show(path) if isinstance(places.by_path[path].element, model.Group):
            return
        case grammar.Show(path) if rows.is_member(places.by_path[path]):
            return
        case grammar.ExactlyOne() if len(rows.members(str(*inside))) + CHOICES_IN_ROW <= MOST_MEMBERS:
            return
    raise Unsure(LIST)


def _can_be_asked(place: Place) -> None:
    element = place.element
    if not isinstance(element, model.Field) or element.kind not in ("input", "select"):
        raise Unsure(f"{element.ident.id} ist keine Frage.")
    if place.many and element.kind != "select":
        raise Unsure(f"{element.ident.id} kann mehrere Antworten haben.")


def _can_be_chosen(parts: list[Place]) -> None:
    if any(place.part.minimum > 0 or place.many for place in parts):
        raise Unsure("Nicht alle Teile sind freiwillig und einfach.")


def _collect(wishes: Wishes, reading: Reading, places: Places) -> None:
    for effect in reading.effects:
        match effect:
            case grammar.Show(path):
                known = wishes.show.setdefault(path, effect)
                if known != effect:
                    _quarrel(wishes, path)
            case grammar.Require(path, when):
                # Several reasons to have to answer do not contradict each other.
                before = wishes.require.get(path, c.FALSE)
                wishes.require[path] = c.simple(c.Several(False, (before, when)))
            case grammar.ExactlyOne(paths):
                parent = paths[0].rpartition("/")[0]
                if wishes.exactly.setdefault(parent, paths) != paths:
                    reading.reason = "Zwei Regeln verlangen eine Auswahl an derselben Stelle."
            case grammar.Fixed(path, value):
                if wishes.fixed.setdefault(path, value) != value:
                    reading.reason = "Eine andere Regel gibt dem Feld einen anderen Wert."
            case grammar.Without(path, value):
                wishes.without.setdefault(path, set()).add(value)
            case _:
                wishes.checks.append((reading, effect))


def _quarrel(wishes: Wishes, path: str) -> None:
    name = path.rpartition("/")[2]
    for reading in wishes.readings:
        if any(isinstance(effect, grammar.Show) and effect.path == path for effect in reading.effects):
            reading.reason = f"Mehrere Regeln sagen Verschiedenes darüber, wann {name} gezeigt wird."


def _without_conflicts(wishes: Wishes) -> None:
    """Take back what belongs to rules that are open now, and choices between parts that a rule shows or fixes."""
    choices = [
        (reading, effect)
        for reading in wishes.readings
        for effect in (() if reading.reason else reading.effects)
        if isinstance(effect, grammar.ExactlyOne)
    ]
    for reading, effect in choices:
        if any(path in wishes.show for path in effect.paths):
            reading.reason = "Andere Regeln entscheiden schon, welcher Teil gezeigt wird."
        elif wishes.exactly.get(effect.paths[0].rpartition("/")[0]) != effect.paths:
            reading.reason = "Zwei Regeln verlangen eine Auswahl an derselben Stelle."


def reread(wishes: Wishes) -> dict[tuple[str, str], str]:
    """The rules that did not fit together: read again without them, nothing of them stays behind."""
    return {reading.key: reading.reason for reading in wishes.readings if reading.reason}
