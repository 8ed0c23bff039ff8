"""A Django form made of props: shows a part of the data, and writes it back as it was changed."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from forms_engine.definitions.builder.frame import PlainForm
from forms_engine.definitions.builder.props import Prop
from forms_engine.definitions.builder.skeleton import slug_of
from forms_engine.definitions.document import Data

LANGUAGES = {"de": "Deutsch", "en": "Englisch", "de-simple": "Leichte Sprache"}
MOST_ROWS, SPARE_ROWS = 60, 2
PICKED = ("when", "visible", "holds", "passes")  # conditions of rows: true or false, not amounts or days
MOST_LETTERS = 500_000  # of a long list
LINES_HELP = "Eine Möglichkeit je Zeile: Wert = Beschriftung. Hinweise und Bedingungen der Möglichkeiten bleiben."
ALWAYS, NEVER, IF = "immer", "nie", "wenn"
NEEDS = [(ALWAYS, "immer"), (NEVER, "nie, sie ist freiwillig"), (IF, "wenn gilt:")]


@dataclass(frozen=True)
class Shown:
    """One prop on the page: its fields (one per language), or its rows. `spot`: where in the part of the data a stored
    condition stands that can be put together by picking, "" if it is none."""

    prop: Prop
    fields: list[BoundField] = field(default_factory=list)
    rows: list[list["Shown"]] = field(default_factory=list)
    row_extras: list[list[BoundField]] = field(default_factory=list)
    more: str = ""
    spot: str = ""


def look(node: Data, key: str) -> Any:
    """The value at a dotted key, None if it is not there."""
    value: Any = node
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def place(node: Data, key: str, value: Any) -> None:
    """Puts a value at a dotted key; None takes it away, and what is empty then."""
    first, dot, rest = key.partition(".")
    if dot:
        inner = node.setdefault(first, {})
        place(inner, rest, value)
        if not inner:
            node.pop(first)
    elif value is None:
        node.pop(first, None)
    else:
        node[first] = value


def text_of(value: Any, code: str) -> str:
    if isinstance(value, dict):
        return str(value.get(code) or "")
    return str(value or "") if code == "de" else ""


def text_from(words: Mapping[str, str]) -> Any:
    """A text of the data; plain where there is only German."""
    said = {code: text for code, text in words.items() if text}
    return said["de"] if said.keys() == {"de"} else said or None


class PropsForm(PlainForm):
    """`node` is the part of the data that is shown; `languages` those that its texts may have."""

    def __init__(self, data: Any = None, *, props: Sequence[Prop], node: Data, languages: Sequence[str] = ("de",)):
        super().__init__(data)
        self.props, self.node, self.languages = props, node, languages
        for prop in props:
            if self._long(prop):
                self._add_lines(prop)
            elif prop.kind == "rows":
                self._add_rows(prop)
            else:
                self._add(prop, _id(prop.key), look(node, prop.key), needed=prop.required)

    # --- fields -------------------------------------------------------------------------------------------------------

    def _add(self, prop: Prop, name: str, value: Any, *, needed: bool) -> None:
        match prop.kind:
            case "text" | "texts":
                for code in self.languages:
                    self._words(prop, name, value, code, needed=needed and code == "de")
            case "need":
                self._need(prop, name, value)
            case "flag":
                on = bool(prop.default) if value is None else value
                self._put(name, forms.BooleanField(label=prop.label, help_text=prop.help, required=False), on)
            case "number":
                said = f"Geben Sie eine ganze Zahl ein: {prop.label}."
                errors = {"required": said, "invalid": said}
                number = forms.IntegerField(
                    label=prop.label, help_text=prop.help, required=needed, error_messages=errors
                )
                number.widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 12})
                self._put(name, number, value)
            case "one":
                self._one(prop, name, value, needed=needed)
            case "some":
                box = forms.CheckboxSelectMultiple
                said = f"Wählen Sie mindestens einen Eintrag: {prop.label}."
                some = forms.MultipleChoiceField(
                    choices=list(prop.options), widget=box, required=needed, label=prop.label
                )
                some.help_text, some.error_messages["required"] = prop.help, said
                self._put(name, some, list(value or ()))
            case _:
                self._line(prop, name, value, needed=needed)

    def _put(self, name: str, made: forms.Field, value: Any) -> None:
        self.fields[name] = made
        if value is not None:
            self.initial[name] = value

    def _char(self, prop: Prop, label: str, *, needed: bool, rows: int = 1) -> forms.CharField:
        attrs: dict[str, Any] = {"autocomplete": "off"}
        widget = forms.Textarea(attrs={**attrs, "rows": rows}) if rows > 1 else forms.TextInput(attrs=attrs)
        return forms.CharField(
            label=label,
            help_text=prop.help,
            required=needed,
            max_length=20_000,
            widget=widget,
            error_messages={"required": f"Geben Sie ein: {prop.label}."},
        )

    def _words(self, prop: Prop, name: str, value: Any, code: str, *, needed: bool) -> None:
        label = prop.label if len(self.languages) == 1 else f"{prop.label} ({LANGUAGES[code]})"
        lines = prop.kind == "texts"
        said = [text_of(entry, code) for entry in value or ()] if lines else [text_of(value, code)]
        shown = "\n".join(" ".join(line.split("\n")) for line in said) if lines else said[0]
        tall = max(3, min(len(said) + 1, 12)) if lines else 4 if prop.long or len(shown) > 90 else 1
        self._put(_in(name, code), self._char(prop, label, needed=needed, rows=tall), shown)

    def _line(self, prop: Prop, name: str, value: Any, *, needed: bool) -> None:
        shown = str(value if value is not None else "")
        rows = 1
        if prop.kind in ("lines", "names"):
            entries = [entry if isinstance(entry, str) else " ".join(entry) for entry in value or ()]
            shown, rows = "\n".join(entries), max(3, min(len(entries) + 1, 12))
        elif prop.kind == "rule" and len(shown) > 70:
            rows = 3
        made = self._char(prop, prop.label, needed=needed, rows=rows)
        if prop.kind == "rule":
            made.widget.attrs |= {"spellcheck": "false", "autocapitalize": "none"}
        self._put(name, made, shown)

    def _one(self, prop: Prop, name: str, value: Any, *, needed: bool) -> None:
        options = list(prop.options)
        if value and value not in [word for word, _ in options]:
            options.append((value, value))
        said = f"Wählen Sie aus: {prop.label}."
        errors = {"required": said, "invalid_choice": said}
        made = forms.ChoiceField(choices=options, label=prop.label, required=needed, error_messages=errors)
        made.help_text = prop.help
        self._put(name, made, value or "")

    def _need(self, prop: Prop, name: str, value: Any) -> None:
        default = True if prop.default is None else prop.default
        value = default if value is None else value
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)  # an amount, as decision.four_eyes takes it
        now = IF if isinstance(value, str) else ALWAYS if value else NEVER
        options = NEEDS if prop.default is None else [(NEVER, "nie"), (ALWAYS, "immer"), (IF, "wenn gilt:")]
        self._put(name, forms.ChoiceField(choices=options, label=prop.label, help_text=prop.help), now)
        rule = Prop(prop.key, f"{prop.label}, wenn", "rule", "Nur bei „wenn gilt“")
        self._line(rule, f"{name}-wenn", value if isinstance(value, str) else "", needed=False)

    # --- long lists ---------------------------------------------------------------------------------------------------

    def _long(self, prop: Prop) -> bool:
        """Choices that are too many for a row of fields each: one line of text each, "wert = Beschriftung"."""
        keys = {column.key for column in prop.columns}
        return {"value", "label"} <= keys and len(look(self.node, prop.key) or ()) > MOST_ROWS

    def _add_lines(self, prop: Prop) -> None:
        held = look(self.node, prop.key)
        shown = "\n".join(f"{row.get('value', '')} = {text_of(row.get('label'), 'de')}" for row in held)
        made = forms.CharField(
            label=prop.label,
            help_text=LINES_HELP,
            max_length=MOST_LETTERS,
            widget=forms.Textarea(attrs={"autocomplete": "off", "spellcheck": "false", "rows": 20}),
            error_messages={"required": f"Geben Sie ein: {prop.label}."},
        )
        self._put(_id(prop.key), made, shown)

    def _from_lines(self, prop: Prop) -> list[Data]:
        """The rows as the lines say; what a line does not show stays with its value."""
        held = {str(row.get("value")): row for row in look(self.node, prop.key)}
        rows: list[Data] = []
        for line in _lines(self.cleaned_data.get(_id(prop.key))):
            value, sign, label = (part.strip() for part in line.partition("="))
            row = json.loads(json.dumps(held.get(value, {"value": value}))) if sign else {}
            others = {code: text_of(row.get("label"), code) for code in LANGUAGES if code != "de"}
            place(row, "label", text_from({"de": label if sign else line, **others}))
            rows.append(row)
        _keyed(prop, rows)
        return rows

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _add_rows(self, prop: Prop) -> None:
        held = look(self.node, prop.key) or []
        name = _id(prop.key)
        posted = self.data.get(f"{name}-zahl", "") if self.is_bound else ""
        count = int(posted) if re.fullmatch(r"\d{1,3}", posted, re.ASCII) else len(held) + SPARE_ROWS
        count = min(count, max(MOST_ROWS, len(held)))
        self.fields[f"{name}-zahl"] = forms.IntegerField(widget=forms.HiddenInput, required=False)
        self.initial[f"{name}-zahl"] = count
        for number in range(count):
            row = held[number] if number < len(held) else {}
            for column in prop.columns:
                self._add(column, f"{name}-{number}-{_id(column.key)}", look(row, column.key), needed=False)
            order = forms.IntegerField(label="Platz", required=False)
            order.widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 3})
            self._put(f"{name}-{number}-platz", order, number + 1)
            self._put(f"{name}-{number}-weg", forms.BooleanField(label="Löschen", required=False), False)

    def more_rows(self) -> str:
        """The name of the list for which further rows are wanted; "" if the form was really sent."""
        return str(self.data.get("mehr", "")) if self.is_bound else ""

    # --- shown --------------------------------------------------------------------------------------------------------

    def shown(self) -> Iterator[Shown]:
        for prop in self.props:
            name = _id(prop.key)
            if prop.kind != "rows" or self._long(prop):
                yield Shown(prop, self._bound(prop, name))
                continue
            rows, extras = [], []
            for number in range(self.count(name)):
                rows.append([self._cell(prop, column, number) for column in prop.columns])
                extras.append([self[f"{name}-{number}-platz"], self[f"{name}-{number}-weg"]])
            yield Shown(prop, [self[f"{name}-zahl"]], rows, extras, name)

    def _cell(self, prop: Prop, column: Prop, number: int) -> Shown:
        stored = number < len(look(self.node, prop.key) or ()) and column.key in PICKED
        spot = f"{prop.key}[{number}].{column.key}" if stored else ""
        return Shown(column, self._bound(column, f"{_id(prop.key)}-{number}-{_id(column.key)}"), spot=spot)

    def count(self, name: str) -> int:
        return int(self.initial[f"{name}-zahl"])

    def _bound(self, prop: Prop, name: str) -> list[BoundField]:
        if prop.kind in ("text", "texts"):
            return [self[_in(name, code)] for code in self.languages]
        return [self[name], self[f"{name}-wenn"]] if prop.kind == "need" else [self[name]]

    # --- written ------------------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        for prop in self.props:
            if prop.kind == "need":
                name = _id(prop.key)
                if self.cleaned_data.get(name) == IF and not self.cleaned_data.get(f"{name}-wenn"):
                    self.add_error(f"{name}-wenn", "Geben Sie die Bedingung ein.")
        return self.cleaned_data

    def written(self) -> Data:
        """The node as it was changed; what this form does not show stays. After is_valid()."""
        node: Data = json.loads(json.dumps(self.node))
        for prop in self.props:
            value = self._rows(prop) if prop.kind == "rows" else self._value(prop, _id(prop.key), look(node, prop.key))
            place(node, prop.key, value)
        return node

    def _value(self, prop: Prop, name: str, before: Any) -> Any:
        said = self.cleaned_data.get(name)
        match prop.kind:
            case "text":
                return text_from(self._languages(name, before))
            case "texts":
                return self._texts(name, before)
            case "need":
                rule = self.cleaned_data.get(f"{name}-wenn") or ""
                wanted = {ALWAYS: True, NEVER: False, IF: int(rule) if rule.isdecimal() else rule}[str(said)]
                return None if wanted == (True if prop.default is None else prop.default) else wanted
            case "flag":
                return None if bool(said) == bool(prop.default) else bool(said)
            case "lines":
                return _lines(said) or None
            case "names":
                lines = [re.split(r"[\s,]+", line) for line in _lines(said)]
                flat = prop.key != "meaning.address"
                return ([word for line in lines for word in line] if flat else lines) or None
            case "some":  # in the order they had; browsers send them in that of the page
                order = list(before or ())
                return sorted(said or (), key=lambda word: order.index(word) if word in order else len(order)) or (
                    None if before is None else []
                )
            case "one" | "rule" | "line":
                return said or None
        return said

    def _languages(self, name: str, before: Any) -> dict[str, str]:
        """The words of this form, and those of languages that it does not show."""
        kept = {code: text_of(before, code) for code in LANGUAGES if code not in self.languages}
        return {code: str(self.cleaned_data.get(_in(name, code)) or "") for code in self.languages} | kept

    def _texts(self, name: str, before: Any) -> Any:
        by_code = {code: str(self.cleaned_data.get(_in(name, code)) or "").split("\n") for code in self.languages}
        old = list(before or ())
        found = []
        for number, german in enumerate(line.strip() for line in by_code["de"]):
            words = {code: lines[number].strip() if number < len(lines) else "" for code, lines in by_code.items()}
            hidden = [code for code in LANGUAGES if code not in self.languages]
            words |= {code: text_of(old[number], code) for code in hidden if number < len(old)}
            if german:
                found.append(text_from(words))
        return found or None

    def _rows(self, prop: Prop) -> Any:
        if self._long(prop):
            return self._from_lines(prop)
        name, held = _id(prop.key), look(self.node, prop.key) or []
        found: list[tuple[int, Data]] = []
        for number in range(self.count(name)):
            before = held[number] if number < len(held) else {}
            row: Data = json.loads(json.dumps(before))
            for column in prop.columns:
                old = look(before, column.key)
                new = self._value(column, f"{name}-{number}-{_id(column.key)}", old)
                if new != old:  # what stands in the text as empty ("grant: {}") says something, too
                    place(row, column.key, new)
            if row and not self.cleaned_data.get(f"{name}-{number}-weg"):
                place_wanted = self.cleaned_data.get(f"{name}-{number}-platz")
                found.append((number + 1 if place_wanted is None else place_wanted, row))
        rows = [row for _, row in sorted(found, key=lambda entry: entry[0])]
        _keyed(prop, rows)
        return rows or None

    def tell(self, path: str, sentence: str) -> None:
        """A problem of the data at a path within the node, shown at its field if it has one here."""
        key, parts = path, [name for name in self.fields if name.startswith(f"{_id(path)}-")]
        while key:
            for name in (_id(key), _in(_id(key), "de"), *parts[:1]):
                if name in self.fields and not self.fields[name].widget.is_hidden:
                    self.add_error(name, ValidationError(sentence))
                    return
            key = re.sub(r"(\.?[^.\[\]]+|\[\d+\])$", "", key)
        self.add_error(None, ValidationError(f"{path}: {sentence}" if path else sentence))


def _keyed(prop: Prop, rows: list[Data]) -> None:
    """Keys and values that nobody has typed come from the words."""
    key = next((column.key for column in prop.columns if column.key in ("key", "value")), "")
    words = next((column.key for column in prop.columns if column.key in ("label", "title", "text")), "")
    taken = {row.get(key) for row in rows}
    for row in rows if key and words else ():
        base = slug_of(text_of(row.get(words), "de"), 50) or "wert"
        wish, number = base if len(base) > 1 else f"{base}-1", 2
        while not row.get(key):
            if wish not in taken:
                row[key] = wish
                taken.add(wish)
            wish, number = f"{base}-{number}", number + 1


def _id(key: str) -> str:
    """ "messages.empty" and "choices[1].label" as names of fields."""
    return re.sub(r"[.\[\]]+", "-", key).strip("-")


def _in(name: str, code: str) -> str:
    return name if code == "de" else f"{name}-{code}"


def _lines(text: Any) -> list[str]:
    return [line.strip() for line in str(text or "").split("\n") if line.strip()]
