"""From rule sentences to what they demand. Only sentences whose reading is certain; everything else is Unsure.

The kinds of sentences and how often they occur in released schemas stand in docs/fim.md. A rule never changes the form
by a guess: a clause that says less than it seems, or two clauses in contradiction, make the whole rule Unsure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from forms_engine.fim import conditions as c
from forms_engine.fim import model
from forms_engine.fim.places import Place, Places
from forms_engine.fim.sentences import Scanner, Unsure

LAND = ("BY", "Bayern")
LONGEST = 5000  # characters; the longest real rule has 1,900
_LAENDER = "BW|BY|BE|BB|HB|HH|HE|MV|NI|NW|RP|SL|SN|ST|SH|TH|Bayern|Thüringen"
_LANDS = rf"(?:{_LAENDER})(?:(?:,| und| oder|, und) (?:{_LAENDER}))*"


@dataclass(frozen=True)
class Show:
    """Asked if and only if; `must`: then it has to be answered."""

    path: str
    when: c.Condition
    must: bool = False


@dataclass(frozen=True)
class Require:
    path: str
    when: c.Condition


@dataclass(frozen=True)
class AtLeastOne:
    """One of them filled, or (`true`) answered with yes."""

    paths: tuple[str, ...]
    true: bool = False


@dataclass(frozen=True)
class ExactlyOne:
    """One of several groups that exclude each other."""

    paths: tuple[str, ...]


@dataclass(frozen=True)
class Fixed:
    """Hidden, with this value."""

    path: str
    value: str


@dataclass(frozen=True)
class Without:
    """This value is not on offer."""

    path: str
    value: str


@dataclass(frozen=True)
class Before:
    earlier: str
    later: str


@dataclass(frozen=True)
class RealDate:
    day: str
    month: str
    year: str


Effect = Show | Require | AtLeastOne | ExactlyOne | Fixed | Without | Before | RealDate
_Verb = Literal["show", "must_show", "must", "require", "hide", "free"]


@dataclass(frozen=True)
class _Clause:
    when: c.Condition
    verb: _Verb
    path: str


def effects(text: str, places: Places, at: str) -> tuple[Effect, ...]:
    """What the rule at `at` demands. Raises Unsure."""
    scanner = Scanner(text, places, at)
    if scanner.done:
        raise Unsure("Die Regel hat keinen Text.")
    if len(scanner.text) > LONGEST:
        raise Unsure("Die Regel ist zu lang, um sie sicher zu lesen.")
    for attempt in (_by_land, _whole_sentence, _clauses):
        scanner.position = 0
        found = attempt(scanner)
        if found is not None:
            return found
    raise scanner.unsure()


def _whole_sentence(s: Scanner) -> tuple[Effect, ...] | None:
    """Sentences that are a rule of their own. None: it is not one of them."""
    for attempt in _SENTENCES:
        s.position = 0
        try:
            found = attempt(s)
        except Unsure:
            continue
        if s.done:
            return found
    return None


def _references(s: Scanner) -> list[Place]:
    found = [s.reference()]
    while s.another_reference():
        found.append(s.reference())
    return found


def _either_or(s: Scanner) -> tuple[Effect, ...]:
    s.need(r"Es muss entweder")
    found = _references(s)
    s.need(r"befüllt (?:werden|sein)")
    if len(found) < 2 or len({place.parent for place in found}) > 1:
        raise s.unsure("Die Gruppen stehen nicht nebeneinander")
    return (ExactlyOne(tuple(place.path for place in found)),)


def _at_least_one(s: Scanner) -> tuple[Effect, ...]:
    s.need(r"Es muss mindestens eine[sr]? (?:der|von)")
    found = _references(s)
    s.need(r"befüllt (?:werden|sein)")
    return (AtLeastOne(tuple(place.path for place in found)),)


def _one_is_true(s: Scanner) -> tuple[Effect, ...]:
    s.need(r"Mindestens eine[sr]? (?:der|von)")
    found = _references(s)
    s.need(r"muss den Wert [\"„]wahr[\"“] haben")
    if any(not isinstance(p.element, model.Field) or p.element.type != "bool" for p in found):
        raise s.unsure("Nicht alle sind Ja-Nein-Felder")
    return (AtLeastOne(tuple(place.path for place in found), true=True),)


def _before(s: Scanner) -> tuple[Effect, ...]:
    s.need(r"Das Datum (?=im|in)")
    earlier = s.reference()
    s.need(r"muss zeitlich vor dem Datum (?=im|in)")
    later = s.reference()
    s.need(r"liegen")
    if any(not isinstance(p.element, model.Field) or p.element.type != "date" for p in (earlier, later)):
        raise s.unsure("Es sind keine Datumsfelder")
    return (Before(earlier.path, later.path),)


def _real_date(s: Scanner) -> tuple[Effect, ...]:
    s.need(r"Wenn alle drei Felder")
    day, month, year = _references(s)[:3]
    s.need(r"befüllt sind, muss die Validität des sich ergebenden Kalenderdatums sichergestellt werden\..*$")
    return (RealDate(day.path, month.path, year.path),)


def _fixed(s: Scanner) -> tuple[Effect, ...]:
    place = s.reference()
    if s.take(r"ist mit"):
        value = s.value(place)
        s.need(r"vorzubefüllen und(?: in der Antragsstrecke)? auszublenden")
    elif s.take(r"muss die Auswahl"):
        value = s.value(place)
        s.need(r"als Vorbefüllung gewählt sein und diese[ s]*(?:Datenfeld|Feld) soll nicht angezeigt werden")
    else:
        s.need(r"wird mit")
        value = s.value(place)
        s.need(r"(?:vor)?befüllt und(?: in der Antragsstrecke)? ausgeblendet")
    return (Fixed(place.path, value),)


def _without(s: Scanner) -> tuple[Effect, ...]:
    place = s.reference()
    s.need(r"darf(?: die)? Auswahl")
    value = s.value(place)
    s.need(r"nicht ausgewählt werden")
    return (Without(place.path, value),)


def _if_one_of(s: Scanner) -> tuple[Effect, ...]:
    target = s.reference()
    s.need(r"ist ein Pflichtfeld, wenn eines (?:der|von)")
    found = _references(s)
    s.need(r"mit(?=\s)")
    start = s.position
    conditions = []
    for place in found:
        s.position = start
        conditions.append(c.Is(place.path, frozenset({s.value(place)})))
    s.need(r"belegt ist")
    return (Require(target.path, c.simple(c.Several(False, tuple(conditions)))),)


def _only_if(s: Scanner) -> tuple[Effect, ...]:
    targets = _references(s)
    s.need(r"(?:sind|ist) nur dann zu befüllen, wenn")
    asked = s.reference()
    s.need(r"bejaht (?:wurde|wird|ist)")
    if not isinstance(asked.element, model.Field) or asked.element.type != "bool":
        raise s.unsure("Gefragt ist kein Ja-Nein-Feld")
    return tuple(Show(target.path, c.Is(asked.path, frozenset({"true"}))) for target in targets)


def _ours(lands: str) -> bool:
    return any(land in lands.replace(",", " ").split() for land in LAND)


def _one_land(s: Scanner) -> tuple[Effect, ...]:
    """F… muss in Thüringen befüllt werden. Für die anderen … darf es nicht angezeigt werden."""
    place = s.reference()
    but = s.take(rf"muss für alle (?:Bundesl|L)änder außer ({_LANDS}) befüllt werden\.")
    named = but or s.need(rf"muss (?:in|für (?:das Land|die Länder)) ({_LANDS}) befüllt werden\.")
    others = named[1] if but else r"(?:alle|die) anderen (?:Bundesl|L)änder"
    s.need(rf"Für {others} darf (?:es|sie|das Feld|die Gruppe) nicht (?:befüllt|angezeigt) werden")
    ours = _ours(named[1]) != bool(but)
    return (Show(place.path, c.Always(ours), must=ours),)


_SENTENCES = (
    *(_either_or, _at_least_one, _one_is_true, _before, _real_date, _fixed, _without, _if_one_of, _only_if),
    _one_land,
)


def _by_land(s: Scanner) -> tuple[Effect, ...] | None:
    """Which branch holds in Bavaria. None: the rule names no Land."""
    others = r"Für (?:alle|die) anderen (?:Bundesl|L)änder gilt:?"
    if not s.sees(rf"Für (?:das Land|die Länder) {_LANDS} gilt:?"):
        return None
    while named := s.take(rf"Für (?:das Land|die Länder) ({_LANDS}) gilt:?"):
        start = s.position
        upcoming = s.take(r".*?(?=Für (?:das Land|die Länder|alle anderen|die anderen))")
        if _ours(named[1]):
            text = s.text[start : s.position] if upcoming else s.rest
            return effects(text, s.places, s.at)
        if not upcoming:
            raise s.unsure("Es fehlt, was für die anderen Länder gilt")
    s.need(others)
    return effects(s.rest, s.places, s.at)


def _clauses(s: Scanner) -> tuple[Effect, ...]:
    found: list[_Clause] = []
    while not s.done:
        s.take(r"[.,;]|und(?=\s)")
        if s.take(r"(?:wenn|falls)(?=\s)"):
            found += _conditional(s, found)
        elif s.take(r"bei(?=\s)"):
            found += _shortened(s, found)
        else:
            found += [_Clause(c.TRUE, verb, path) for verb, path in _actions(s, [])]
    return _settled(found, s.places)


def _conditional(s: Scanner, before: list[_Clause]) -> list[_Clause]:
    # "wenn <> "Ja", dann …" repeats the question of the clause before.
    asked = _asked(s, before) if s.sees(r"(?:<>|!=|={1,3})") else None
    when = _condition(s, asked)
    s.take(r",?\s*(?:dann)?(?=\s)")
    actions = _actions(s, [])
    clauses = [_Clause(when, verb, path) for verb, path in actions]
    if s.take(r",?\s*(?:ansonsten|sonst) nicht(?= an)?(?: an)?"):
        clauses += [_Clause(c.negated(when), "hide", path) for _, path in actions]
    elif s.take(r",?\s*(?:ansonsten|sonst)(?=\s)"):
        turned = _actions(s, [path for _, path in actions])
        clauses += [_Clause(c.negated(when), verb, path) for verb, path in turned]
    return clauses


def _shortened(s: Scanner, before: list[_Clause]) -> list[_Clause]:
    """bei <> "Ja" blende G… aus; bei F… == "Nein" zeige …"""
    when = _condition(s, _asked(s, before) if s.sees(r"(?:<>|!=|={1,3})") else None)
    s.take(r",?\s*(?:dann)?(?=\s)")
    return [_Clause(when, verb, path) for verb, path in _actions(s, [])]


def _asked(s: Scanner, before: list[_Clause]) -> Place:
    asked = c.paths_in(before[-1].when) if before else frozenset()
    if len(asked) != 1:
        raise s.unsure("Es ist unklar, nach welchem Feld gefragt wird")
    return s.places.by_path[next(iter(asked))]


def _condition(s: Scanner, asked: Place | None) -> c.Condition:
    """Terms joined by UND or by ODER; both without brackets are Unsure."""
    first, asked = _term(s, asked)
    terms, joints = [first], set()
    while joint := s.take(r"(und|oder)(?=\s)"):
        term, asked = _term(s, asked)
        terms.append(term)
        joints.add(joint[1].lower())
    if len(joints) > 1:
        raise s.unsure("UND und ODER stehen ohne Klammern nebeneinander")
    return c.simple(c.Several("oder" not in joints, tuple(terms)))


_OPERATOR = r"(<>|!=|===|==|=)"


def _term(s: Scanner, asked: Place | None) -> tuple[c.Condition, Place]:
    if operator := s.take(_OPERATOR):
        if asked is None:
            raise s.unsure()
        return _compared(s, asked, operator[1]), asked
    if asked is not None and not s.sees_reference():
        return _is(s, asked, s.value(asked)), asked  # "= 002 … ODER 003 …"
    s.take(r"bei(?=\s)")
    place = s.reference()
    # A name that differs from the schema's: what stands between number and comparison can be nothing else.
    s.take(rf"(?:(?!\b[FG]\d{{8}}|\b(?:und|oder|dann|nicht|im|eine?r?)\b)[^=<>!\"'„]){{1,120}}?(?=\s*{_OPERATOR})")
    if operator := s.take(_OPERATOR):
        return _compared(s, place, operator[1]), place
    return _said(s, place), place


def _said(s: Scanner, place: Place) -> c.Condition:
    """What is said of a field in words."""
    if s.take(r"(?:ist )?nicht leer(?: ist)?|ein Eintrag vorgenommen wurde"):
        return c.Filled(place.path)
    if s.take(r"kein Eintrag vorgenommen wurde|leer ist"):
        return c.Not(c.Filled(place.path))
    if s.take(r"bejaht (?:wurde|wird|ist)"):
        return _is(s, place, "true")
    turned = s.take(r"nicht(?= der Wert)") is not None
    if s.take(r"der Wert"):
        empty = s.take(r"\"\"") is not None
        told = c.Not(c.Filled(place.path)) if empty else _is(s, place, s.value(place))
        s.need(r"angegeben (?:wurde|wird|ist)")
        return c.negated(told) if turned else told
    told = _is(s, place, s.value(place))
    s.need(r"angegeben (?:wurde|wird|ist)")
    return told


def _is(s: Scanner, place: Place, value: str) -> c.Condition:
    element = place.element
    if value in ("true", "false") and (not isinstance(element, model.Field) or element.type != "bool"):
        raise s.unsure(f"{element.ident.id} ist kein Ja-Nein-Feld")
    return c.Is(place.path, frozenset({value}))


def _compared(s: Scanner, place: Place, operator: str) -> c.Condition:
    different = operator in ("<>", "!=")
    if s.take(r"alle anderen (?:möglichen )?Ausprägungen(?: der Codeliste)?"):
        if different or place.path not in s.compared:
            raise s.unsure("Es ist unklar, welche Werte „alle anderen“ sind")
        return c.Not(c.Is(place.path, s.compared[place.path]))
    if not s.take(r"\("):
        value = s.value(place)
        told = _is(s, place, value)
        s.compared[place.path] = s.compared.get(place.path, frozenset()) | {value}
        s.take(r"ist(?=[\s,])")
        return c.negated(told) if different else told
    values, joints = [s.value(place)], set()
    while joint := s.take(r"(und|oder)(?=\s)"):
        joints.add(joint[1].lower())
        values.append(s.value(place))
    s.need(r"\)")
    # "<> (a UND b)" means none of them, "= (a ODER b)" one of them; the other way round says nothing certain.
    if joints - ({"und"} if different else {"oder"}):
        raise s.unsure("UND und ODER in der Klammer passen nicht zum Vergleich")
    told = c.Is(place.path, frozenset(values))
    return c.negated(told) if different else told


def _actions(s: Scanner, before: list[str]) -> list[tuple[_Verb, str]]:
    found = _action(s, before)
    while s.sees(r"(?:,\s*)?und (?:deaktiviere|aktiviere|mache|zeige|blende)(?=\s)"):
        s.take(r"(?:,\s*)?und(?=\s)")
        if s.take(r"mache (?:es|sie|ihn) zu einer Pflichtangabe"):
            found[-1] = ("must_show", found[-1][1])
        else:
            found += _action(s, before)
    return found


def _action(s: Scanner, before: list[str]) -> list[tuple[_Verb, str]]:
    if s.sees(r"(?:deaktiviere|aktiviere|blende|zeige)(?=\s)"):
        return _imperative(s, before)
    return _must_or_may(s) if s.sees(r"(?:muss|darf|soll|wird)(?=\s)") else _is_to_be(s)


def _imperative(s: Scanner, before: list[str]) -> list[tuple[_Verb, str]]:
    """aktiviere, deaktiviere, zeige … an, blende … aus, mache … zur Pflichtangabe"""
    if turned := s.take(r"(deaktiviere|aktiviere)(?=\s)"):
        return _all("hide" if turned[1].lower() == "deaktiviere" else "show", _references(s))
    if s.take(r"blende(?=\s)"):
        found = _references(s)
        s.need(r"aus(?![\w])")
        return _all("hide", found)
    s.need(r"zeige(?=\s)")
    must = s.take(r"als Pflicht(?:feld(?:er)?)?(?=\s)") is not None
    if before and s.take(r"(?:das|die) Felder?(?= nicht an)"):
        s.need(r"nicht an(?![\w])")
        return [("hide", path) for path in before]
    found = _references(s)
    must = s.take(r"als Pflicht(?:feld(?:er)?)?(?=\s)") is not None or must
    if s.take(r"nicht(?: an)?(?=[\s.,]|$)"):
        return _all("hide", found)
    if not s.take(r"an(?=[\s.,]|$)") and not s.sees(r"[.,]|$"):
        raise s.unsure()
    return _all("must_show" if must else "show", found)


def _must_or_may(s: Scanner) -> list[tuple[_Verb, str]]:
    """muss F… befüllt werden; darf F… nicht angezeigt werden; soll F… zum Pflichtfeld werden"""
    if s.take(r"muss(?=\s)"):
        found = _references(s)
        s.need(r"befüllt (?:sein|werden)")
        return _all("must", found)
    if s.take(r"darf(?=\s)"):
        found = _references(s)
        if s.take(r"nicht leer sein"):
            return _all("require", found)
        s.need(r"nicht (?:befüllt|angezeigt) (?:sein|werden)")
        return _all("hide", found)
    s.need(r"(?:soll|wird)(?=\s)")
    found = _references(s)
    s.need(r"(?:zum Pflichtfeld werden|zur Pflichtangabe|eine Pflichtangabe)")
    return _all("require", found)


def _is_to_be(s: Scanner) -> list[tuple[_Verb, str]]:
    """ist F… als Pflichtfeld anzuzeigen; F… muss befüllt werden; F… darf nicht angezeigt werden"""
    asked = s.take(r"ist(?=\s)") is not None
    found = _references(s)
    if asked:
        for pattern, verb in _AFTER_IST:
            if s.take(pattern):
                return _all(verb, found)
        raise s.unsure()
    if s.take(r"muss befüllt (?:sein|werden)"):
        return _all("must", found)
    s.need(r"darf nicht (?:befüllt|angezeigt) (?:sein|werden)")
    return _all("hide", found)


_AFTER_IST: tuple[tuple[str, _Verb], ...] = (
    (r"als Pflichtfeld(?:gruppe)? anzuzeigen", "must_show"),
    (r"zu befüllen", "must"),
    (r"eine? Pflichtfeld(?:gruppe)?", "require"),
    (r"ein optionales Feld", "free"),
)


def _all(verb: _Verb, places: list[Place]) -> list[tuple[_Verb, str]]:
    return [(verb, place.path) for place in places]


def _settled(clauses: list[_Clause], places: Places) -> tuple[Effect, ...]:
    """Clauses about one element put together: show and hide must be exact opposites."""
    domains = {
        place.path: frozenset(value.code for value in place.values)
        for place in places.by_path.values()
        if place.values and not place.many
    }
    targets = dict.fromkeys(clause.path for clause in clauses)
    return tuple(_one_target(path, [one for one in clauses if one.path == path], domains) for path in targets)


def _one_target(path: str, clauses: list[_Clause], domains: dict[str, frozenset[str]]) -> Effect:
    pick: Callable[[set[str]], list[_Clause]] = lambda verbs: [one for one in clauses if one.verb in verbs]  # noqa: E731 - short and local
    shown, hidden = pick({"show", "must_show", "must"}), pick({"hide"})
    required, free = pick({"require"}), pick({"free"})
    if len(shown) > 1 or len(hidden) > 1 or len(required) > 1 or (required and (shown or hidden)):
        raise Unsure(f"Mehrere Sätze der Regel verlangen Verschiedenes für {path.rpartition('/')[2]}.")
    if required:
        if free and not c.opposite(required[0].when, free[0].when, domains):
            raise Unsure("Die Sätze für Pflicht und freiwillig sind kein Gegensatz.")
        return Require(path, required[0].when)
    if shown and hidden and not c.opposite(shown[0].when, hidden[0].when, domains):
        raise Unsure("Die Sätze für Anzeigen und Ausblenden sind kein Gegensatz.")
    if shown:
        # "must be filled if" without a word on otherwise hides nothing.
        hides = bool(hidden) or shown[0].verb != "must" or shown[0].when == c.TRUE
        must = shown[0].verb != "show"
        return Show(path, shown[0].when, must) if hides else Require(path, shown[0].when)
    return Show(path, c.negated(hidden[0].when))
