"""From a FIM schema to a draft of a form: YAML that schema.load() takes, with everything the author has to decide."""

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forms_engine.definitions import document, lint
from forms_engine.definitions import schema as language
from forms_engine.definitions.language.fields import RESERVED
from forms_engine.fim import conditions as c
from forms_engine.fim import grammar, model
from forms_engine.fim.convert import choice_codes, label_of
from forms_engine.fim.flatten import Flat, Flattener, Item, kind_of
from forms_engine.fim.genericode import Store
from forms_engine.fim.pages import MOST_PAGES, Sheet, paginate, slug
from forms_engine.fim.places import Places
from forms_engine.fim.report import Level, Report
from forms_engine.fim.rows import Rows
from forms_engine.fim.wishes import Reading, Wishes, read_rules, reread
from forms_engine.fim.xml import FimError, Problem

MOST_EXPRESSION = 1000
DEEPEST = 8


@dataclass(frozen=True)
class Draft:
    """A draft and its report. `names`: FIM key -> name of the question, for the next import of the same schema."""

    data: dict[str, Any]
    report: Report
    names: dict[str, str]

    @functools.cached_property
    def source(self) -> str:
        return to_yaml(self.data)


def draft(
    message: model.Message, store: Store, sha256: str, *, form: str = "", names: Mapping[str, str] | None = None
) -> Draft:
    """The draft of a form. `names` keeps the names questions have already. Raises FimError if no form is possible."""
    places = Places(message.schema, store)
    if not any(isinstance(place.element, model.Field) for place in places.by_path.values()):
        raise FimError([Problem(message.schema.line, 0, "Das Schema hat keine Felder.")])
    rows = Rows(places)
    refused: dict[tuple[str, str], str] = {}
    while True:
        made = _attempt(message, places, rows, refused)
        if made.refused == refused:
            break
        refused = made.refused
    writer = _Writer(message, places, made, dict(names or {}))
    data = writer.document(sha256, form)
    found = Draft(data, made.report, writer.names)
    _counts(found.report, places, made.wishes)
    _accepted(found)
    return found


def _accepted(found: Draft) -> None:
    """What the language refuses has limits of the language as its reason (size, number of pages)."""
    try:
        language.load(found.source)
    except language.DefinitionError as error:
        sentences = [f"{path}: {sentence}" if path else sentence for path, sentence in error.problems]
        raise FimError([Problem(0, 0, f"Daraus wird kein Formular. {text}") for text in sentences[:50]]) from None


@dataclass
class _Made:
    wishes: Wishes
    flat: Flat
    sheets: list[Sheet]
    report: Report
    refused: dict[tuple[str, str], str] = field(default_factory=dict)


def _attempt(message: model.Message, places: Places, rows: Rows, refused: dict[tuple[str, str], str]) -> _Made:
    while True:
        wishes = read_rules(message.schema, places, rows, refused)
        again = reread(wishes)
        if again == refused:
            break
        refused = again
    titles = {path: label_of(p.element) for path, p in places.by_path.items() if isinstance(p.element, model.Group)}
    for openers, merge in [*((depth, False) for depth in range(DEEPEST, -1, -1)), (0, True)]:
        report = Report()
        flat = Flattener(places, rows, wishes, report, openers).run()
        sheets = paginate(flat.items, titles, merge=merge)
        if len(sheets) <= MOST_PAGES:
            if openers < DEEPEST:
                text = "Manche freiwilligen Gruppen haben keine eigene Frage: Pflicht ist dort, was zusammengehört."
                report.add(Level.ASSUMED, message.schema.line, "", text)
            made = _Made(wishes, flat, sheets, report)
            made.refused = refused | _too_late(made)
            return made
    raise FimError([Problem(0, 0, f"Das Schema ergibt mehr als {MOST_PAGES} Seiten. Teilen Sie es.")])


def _too_late(made: _Made) -> dict[tuple[str, str], str]:
    """Rules whose question stands on a later page than what hangs on it."""
    page = {item.key: number for number, sheet in enumerate(made.sheets) for item in sheet.items}
    page |= {
        member.key: number
        for number, sheet in enumerate(made.sheets)
        for item in sheet.items
        for member in item.members
    }
    wanted = [
        (reading, effect)
        for reading in made.wishes.readings
        for effect in (() if reading.reason else reading.effects)
        if isinstance(effect, grammar.Require) and effect.path in page
    ]
    found = {}
    for reading, effect in wanted:
        late = [path for path in c.paths_in(effect.when) if page.get(path, 999) > page[effect.path]]
        if late:
            found[reading.key] = f"{late[0].rpartition('/')[2]} wird erst auf einer späteren Seite gefragt."
    return found


class _Writer:
    """Writes the draft as plain data in the order of the language."""

    def __init__(self, message: model.Message, places: Places, made: _Made, names: dict[str, str]):
        self.message, self.places, self.made = message, places, made
        self.names = self._names(names)
        self.known = {key: self._known(key, item, member) for key, item, member in self._named()}
        self.points: dict[str, dict[str, Any]] = {}

    def _named(self) -> list[tuple[str, Item, bool]]:
        items = [item for sheet in self.made.sheets for item in sheet.items]
        return [(i.key, i, False) for i in items] + [(m.key, m, True) for i in items for m in i.members]

    def _names(self, before: dict[str, str]) -> dict[str, str]:
        """One name per key: the one it had, else the label, with a short sum of the path where that is taken."""
        keys = [(key, item) for key, item, _ in self._named()]
        found = {key: before[key] for key, _ in keys if key in before}
        taken = set(before.values()) | RESERVED
        for key, item in keys:
            if key in found:
                continue
            base = slug(str(item.data.get("label") or item.role), "_")[:36].strip("_") or "feld"
            base = base if base[0].isalpha() else f"f_{base}"
            if item.role in ("heading", "help"):
                base = f"{item.role}_{hashlib.sha256(key.encode()).hexdigest()[:8]}"
            name = base
            while name in taken:
                name = f"{base}_{hashlib.sha256((key + name).encode()).hexdigest()[:6]}"
            found[key] = name
            taken.add(name)
        return found

    def _known(self, key: str, item: Item, member: bool) -> c.Known:
        place = self.places.by_path.get(key)
        codes = {old: new for old, new in choice_codes((place.values if place else None) or ()).items() if old != new}
        kind: Any = kind_of(item.data)
        return c.Known(self.names[key], kind, member, codes)

    def document(self, sha256: str, form: str) -> dict[str, Any]:
        schema = self.message.schema
        title = schema.title or schema.about.name
        pages = [self.page(sheet) for sheet in self.made.sheets]
        self.checks(pages)
        self.rules()
        for place, text in self.made.flat.open:
            self.point(f"feld-{self._place_key(place.path)}", text, self._names_at(place.path))
        self.gaps()
        bases = [basis.text for basis in schema.about.bases if basis.text][:20]
        slugged = slug(title, "-")[:60].strip("-")
        return {
            "language": 1,
            "form": form or (slugged if slugged[:1].isalpha() and len(slugged) > 1 else f"fim-{slugged}"[:60]),
            "title": title[:200],
            "service": form or "offen",
            "department": "Noch nicht festgelegt",
            "legal_basis": [base[:4000] for base in bases] or ["Noch nicht festgelegt"],
            "start": _start(title, schema),
            "privacy": {
                "purpose": "Noch nicht festgelegt",
                "legal_basis": "; ".join(bases)[:4000] or "Noch nicht festgelegt",
                "retention": "Noch nicht festgelegt",
            },
            "pages": pages,
            "submission": {
                "button": "Antrag absenden",
                "button_with_fee": "Antrag kostenpflichtig absenden",
                "next_steps": ["Wir prüfen Ihre Angaben.", "Die Antwort finden Sie in Ihrem Postfach."],
            },
            "fim": {
                "schema_id": schema.ident.id,
                "version": schema.ident.version,
                "standard": self.message.standard,
                "sha256": sha256,
            },
            "open_points": list(self.points.values())[:500],
        }

    def page(self, sheet: Sheet) -> dict[str, Any]:
        page: dict[str, Any] = {"key": sheet.key, "title": sheet.title}
        if sheet.text:
            page["text"] = sheet.text
        if sheet.visible != c.TRUE:
            page["visible"] = self.expression(sheet.visible, sheet.items[0].path)
        page["fields"] = [self.entry(item) for item in sheet.items]
        return page

    def entry(self, item: Item) -> dict[str, Any]:
        data = {"name": self.names[item.key], **item.data}
        if item.visible != c.TRUE and data["type"] != "computed":
            data["visible"] = self.expression(item.visible, item.path)
        if item.required is not None and data["type"] != "repeating":
            if item.required != c.TRUE:
                holds = item.required != c.FALSE and self.expression(item.required, item.path)
                data["required"] = holds or False
            data["messages"] = {"empty": _empty(data)}
        if "required" in data and "suggested" in data:
            text = f"Vorgabewert „{data.pop('suggested')}“: die Antwort ist nicht immer nötig."
            self.made.report.add(Level.LOST, self.places.by_path[item.path].element.line, item.path, text)
        if item.members:
            data["members"] = [self.entry(member) for member in item.members]
        role = item.role if item.role != "list" else "element"
        ref = {"path": item.path, "version": item.version, "role": role}
        data["fim"] = {key: value for key, value in ref.items() if value and value != "element"}
        return data

    def expression(self, condition: c.Condition, path: str) -> str:
        text = c.to_cel(condition, self.known)
        if len(text) <= MOST_EXPRESSION:
            return text
        self.point(f"zu-lang-{self._place_key(path)}", f"Die Bedingung ist zu lang: {text[:500]} …", ())
        return "true"

    def checks(self, pages: list[dict[str, Any]]) -> None:
        for reading, effect in self.made.wishes.checks:
            found = self.check(effect)
            paths = {path for path in c.paths_in(found[0]) if path in self.known} if found else set()
            spot = self._last_page(paths, pages)
            if not found or spot is None:
                reading.reason = "Die Formularsprache kann diese Prüfung hier nicht ausdrücken."
                continue
            condition, expression, message = found
            page, name = spot
            holds = expression or c.to_cel(condition, self.known)
            page.setdefault("checks", []).append({"holds": holds, "field": name, "message": message})

    def check(self, effect: grammar.Effect) -> tuple[c.Condition, str, str] | None:
        """The condition, its expression where the condition alone does not say it, and the sentence for citizens."""
        match effect:
            case grammar.AtLeastOne(paths, true):
                terms = [c.Is(p, frozenset({"true"})) if true else c.Filled(p) for p in paths]
                condition = c.simple(c.Several(False, tuple(terms)))
                labels = " oder ".join(f"„{label_of(self.places.by_path[p].element)}“" for p in paths)
                verb = "Antworten Sie mindestens einmal mit „Ja“" if true else "Geben Sie mindestens eines an"
                expression = self.only_if_asked(paths, c.to_cel(condition, self.known))
                return condition, expression, _sentence(f"{verb}: {labels}.", f"{verb}.")
            case grammar.Before(earlier, later):
                condition = c.Several(True, (c.Filled(earlier), c.Filled(later)))
                first, second = (label_of(self.places.by_path[p].element) for p in (earlier, later))
                expression = f"{self.names[earlier]} < {self.names[later]}"
                message = f"Das Datum „{first}“ muss vor dem Datum „{second}“ liegen."
                return condition, expression, _sentence(message, "Prüfen Sie die Reihenfolge der Daten.")
            case grammar.RealDate(day, month, year):
                condition = c.Several(True, (c.Filled(day), c.Filled(month), c.Filled(year)))
                parts = [self.number(path) for path in (day, month, year)]
                if None in parts:
                    return None
                return condition, _real_date(*map(str, parts)), "Geben Sie ein Datum ein, das es im Kalender gibt."
        return None

    def only_if_asked(self, paths: tuple[str, ...], expression: str) -> str:
        """A part of the form that is not asked, or is left out as a whole, breaks no rule."""
        asked = [(sheet, item) for sheet in self.made.sheets for item in sheet.items if item.key in paths]
        guards = [c.simple(c.Several(True, (sheet.visible, item.visible))) for sheet, item in asked]
        shown = c.simple(c.Several(False, tuple(guards)))
        if shown == c.TRUE:
            return expression
        return f"!({c.to_cel(shown, self.known)}) || {expression}"

    def number(self, path: str) -> str | None:
        item = next((i for key, i, _ in self._named() if key == path), None)
        if item is None:
            return None
        name = self.names[path]
        codes = [choice["value"] for choice in item.data.get("choices", ())]
        if item.data["type"] == "integer":
            return name
        return f"int({name})" if codes and all(code.isdecimal() for code in codes) else None

    def _last_page(self, paths: set[str], pages: list[dict[str, Any]]) -> tuple[dict[str, Any], str] | None:
        """The page of the last question a check looks at, and a question there that can carry the message."""
        at = [number for number, sheet in enumerate(self.made.sheets) for item in sheet.items if item.key in paths]
        if not at or len(at) < len(paths):
            return None
        sheet = self.made.sheets[max(at)]
        carriers = [i for i in sheet.items if i.required is not None and i.data["type"] not in ("repeating", "file")]
        fitting = [i for i in carriers if i.key in paths] or carriers
        return (pages[max(at)], self.names[fitting[-1].key]) if fitting else None

    def rules(self) -> None:
        """Every rule once, word for word; it is open if it could not be translated at one of its places."""
        by_rule: dict[str, list[Reading]] = {}
        for reading in self.made.wishes.readings:
            by_rule.setdefault(f"{reading.rule.ident}|{reading.rule.text}", []).append(reading)
        for readings in by_rule.values():
            rule = readings[0].rule
            missed = [reading for reading in readings if reading.reason]
            places = tuple(name for one in missed or readings for name in self._names_at(one.at))
            key = f"regel-{slug(str(rule.ident.id), '-')}"
            if missed:
                text = f"Regel {rule.ident.id} „{rule.name}“ ist nicht übersetzt. {missed[0].reason}"
                for one in missed:
                    self.made.report.add(Level.OPEN, one.rule.line, one.at, f"Regel {rule.ident.id}: {one.reason}")
            else:
                text = f"Regel {rule.ident.id} „{rule.name}“ ist übersetzt. Prüfen Sie, ob das Formular sie einhält."
            self.point(key, text, places, rule.text or rule.description, settled=not missed)

    def point(self, key: str, text: str, places: tuple[str, ...], quote: str = "", *, settled: bool = False) -> None:
        unique, number = key[:90], 2
        while unique in self.points:
            unique, number = f"{key[:90]}-{number}", number + 1
        point: dict[str, Any] = {"key": unique, "question": " ".join(text.split())[:2000]}
        if places:
            point["places"] = list(dict.fromkeys(places))[:200]
        if quote:
            point["quote"] = quote[:20_000]
        if settled:
            point["settled"] = "translated"
        self.points[unique] = point

    def gaps(self) -> None:
        """What a form needs and a schema does not say."""
        for key, text in GAPS:
            self.point(f"angabe-{key}", text, ())
        about = self.message.schema.about
        if about.status in ("7", "8"):
            self.point(
                "status", f"Das Schema ist nicht mehr aktiv (Status {about.status}). Soll es verwendet werden?", ()
            )
        elif about.status < "5":
            text = f"Das Schema ist nicht fachlich freigegeben (Status {about.status})."
            self.made.report.add(Level.HINT, self.message.schema.line, "", text)

    def _place_key(self, path: str) -> str:
        return slug(path.rpartition("/")[2], "-") or "schema"

    def _names_at(self, path: str) -> tuple[str, ...]:
        own = [self.names[key] for key in self.names if key.partition("?")[0] == path]
        inside = [name for key, name in self.names.items() if path and key.startswith(f"{path}/") and "?" not in key]
        return tuple((own or inside)[:20])


GAPS = (
    ("leistung", "Legen Sie bei „service“ fest, zu welcher Leistung das Formular gehört."),
    ("fachbereich", "Legen Sie bei „department“ fest, wer zuständig ist."),
    ("start", "Schreiben Sie die Startseite: Dauer, Bearbeitungszeit, Vertrauensniveau, Unterlagen, Kosten."),
    ("datenschutz", "Legen Sie bei „privacy“ Zweck, Rechtsgrundlage und Löschfrist fest."),
)


def _start(title: str, schema: model.Schema) -> dict[str, Any]:
    intro = [f"Hier können Sie den Antrag „{title[:3000]}“ stellen."]
    if schema.help:
        intro.append(schema.help[:4000])
    return {
        "intro": intro,
        "minutes": 15,
        "processing_time": "Noch nicht festgelegt",
        "trust_level": "basic",
        "trust_reason": "Noch nicht festgelegt",
    }


def _empty(data: Mapping[str, Any]) -> str:
    """The sentence for an answer that is missing (rule F33)."""
    label = str(data["label"]).rstrip("?!.:")
    sentence = {
        "declaration": f"Bestätigen Sie „{label}“.",
        "boolean": f"Wählen Sie bei „{label}“ Ja oder Nein.",
        "choice": f"Wählen Sie bei „{label}“ eine Antwort aus.",
        "multi_choice": f"Wählen Sie bei „{label}“ mindestens eine Antwort aus.",
        "file": f"Laden Sie „{label}“ hoch.",
    }.get(data["type"], f"Geben Sie „{label}“ an.")
    return _sentence(sentence, "Beantworten Sie diese Frage.")


def _sentence(sentence: str, otherwise: str) -> str:
    """The sentence if it keeps rule F33 whatever the label says, else a plain one."""
    wrong = lint.sentence_problems(sentence)
    return otherwise if wrong or len(sentence) > 300 else sentence


def _real_date(day: str, month: str, year: str) -> str:
    leap = f"{year} % 4 == 0 && ({year} % 100 != 0 || {year} % 400 == 0) ? 29 : 28"
    return f"{day} <= ({month} in [4, 6, 9, 11] ? 30 : {month} == 2 ? ({leap}) : 31)"


def _counts(report: Report, places: Places, wishes: Wishes) -> None:
    elements = [place.element for place in places.by_path.values()]
    fields = [element for element in elements if isinstance(element, model.Field)]
    report.counts = {
        "groups": len(elements) - len(fields),
        "fields": len(fields),
        "distinct_fields": len({element.ident for element in fields}),
        "rules": len({reading.rule.ident for reading in wishes.readings}),
        "rule_places": len(wishes.readings),
        "rule_places_translated": sum(not reading.reason for reading in wishes.readings),
        "code_lists": len({str(field.list_ref) for field in fields if field.list_ref}),
    }


def to_yaml(data: Mapping[str, Any]) -> str:
    return document.write(dict(data))
