"""A form as a FIM schema: imported elements as they came, changed ones derived from them, own ones with own ids."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from forms_engine.definitions import schema as language
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.lint import every_field
from forms_engine.fim import model, own
from forms_engine.fim.draft import Draft, draft
from forms_engine.fim.genericode import Store
from forms_engine.fim.report import Level, Report

Items = Mapping[str, list[f.AnyField]]  # FIM path -> what the form has for it


@dataclass(frozen=True)
class Source:
    """The file a form was imported from, read again."""

    message: model.Message
    sha256: str
    store: Store


class WrongSource(ValueError):
    """The form was imported from another file; the message is a German sentence."""


def export(definition: FormDefinition, source: Source | None, ids: own.Ids, report: Report) -> model.Schema:
    """Raises WrongSource, FimError."""
    if definition.fim is None:
        return _own_form(definition, ids)
    if source is None or source.sha256 != definition.fim.sha256:
        named = f"{definition.fim.schema_id}V{definition.fim.version}"
        raise WrongSource(f"Nennen Sie mit --source die Datei, aus der das Formular stammt ({named}).")
    before = draft(source.message, source.store, source.sha256, names=names_of(definition))
    return _Merge(definition, source, before, ids, report).schema()


def names_of(definition: FormDefinition) -> dict[str, str]:
    """FIM key (path, "?" and role) -> name of the question."""
    return {key_of(one): one.name for _, one in every_field(definition) if one.fim}


def key_of(item: Any) -> str:
    """The key an imported question has in the draft. A field that may be given several times is a list of itself."""
    ref = item.fim
    if ref.role != "element":
        return f"{ref.path}?{ref.role}"
    is_list = isinstance(item, f.RepeatingField) and any(m.fim and m.fim.path == ref.path for m in item.members)
    return f"{ref.path}?list" if is_list else str(ref.path)


def _own_form(definition: FormDefinition, ids: own.Ids) -> model.Schema:
    parts = tuple(own.page_group(page, page.fields, ids) for page in definition.pages)
    bases = tuple(model.Basis(basis) for basis in definition.legal_basis)
    return model.Schema(
        ident=ids.next("S"),
        about=replace(own.about(str(definition.title)), bases=bases),
        title=str(definition.title),
        help="",
        parts=parts,
        rules=own.rules_of(own.conditions_of(definition), ids),
    )


class _Merge:
    def __init__(self, definition: FormDefinition, source: Source, before: Draft, ids: own.Ids, report: Report):
        self.definition, self.message, self.ids, self.report = definition, source.message, ids, report
        original = language.load(before.source)
        self.original = _by_path(original)
        self.now = _by_path(definition)
        known = set(own.conditions_of(original).items())
        self.conditions = {k: v for k, v in own.conditions_of(definition).items() if (k, v) not in known}
        self.extra = self._extra()

    def _extra(self) -> dict[str, list[f.AnyField]]:
        """Own questions, by the path of the element they stand behind ("" at the beginning)."""
        found: dict[str, list[f.AnyField]] = defaultdict(list)
        behind = ""
        for page in self.definition.pages:
            for item in page.fields:
                if item.fim is None:
                    found[behind].append(item)
                elif item.fim.role == "element":
                    behind = item.fim.path
        return found

    def schema(self) -> model.Schema:
        schema = self.message.schema
        parts, same = self.parts(schema.parts, "")
        first = tuple(own.part_of(item, self.ids) for item in self.extra.get("", ()))
        rules = own.rules_of(self.conditions, self.ids)
        if same and not first and not rules:
            return schema
        changed = self.derived(schema.ident, schema.about, "S")
        return replace(schema, ident=changed[0], about=changed[1], parts=first + parts, rules=schema.rules + rules)

    def derived(self, ident: model.Ident, about: model.About, letter: str) -> tuple[model.Ident, model.About]:
        """A new element that names the one it was made from (relation ABL), not released by anybody."""
        fresh = replace(about, status="2", status_on="", status_by="", published="", changed="", derived_from=ident)
        return self.ids.next(letter), fresh

    def parts(self, parts: tuple[model.Part, ...], above: str) -> tuple[tuple[model.Part, ...], bool]:
        """The parts as the form has them now, and whether nothing is different."""
        found: list[model.Part] = []
        same = True
        for path, part in _children(parts, above):
            kept, unchanged = self.part(path, part)
            same = same and unchanged
            found += [kept] if kept else []
            for item in self.extra.get(path, ()):
                found.append(own.part_of(item, self.ids))
                same = False
        return tuple(found), same

    def part(self, path: str, part: model.Part) -> tuple[model.Part | None, bool]:
        element = part.element
        if isinstance(element, model.Field):
            return self.field(path, part, element)
        if any(not isinstance(item, f.RepeatingField) for item in self.original.get(path, ())):
            return self.composite(path, part, element)
        parts, same = self.parts(element.parts, path)
        if same:
            return part, True
        if not parts:
            return None, False
        ident, about = self.derived(element.ident, element.about, "G")
        return replace(part, element=replace(element, ident=ident, about=about, parts=parts)), False

    def composite(self, path: str, part: model.Part, element: model.Group) -> tuple[model.Part | None, bool]:
        """A group that is one question of the form."""
        before, now = self.original[path], self.now.get(path, [])
        if [_compared(item) for item in before] == [_compared(item) for item in now]:
            return part, True
        if not now:
            return None, False
        ident, about = self.derived(element.ident, element.about, "G")
        changed = replace(element, ident=ident, about=about, label=str(_question(now).label))
        return replace(part, minimum=_count(now)[0], element=changed), False

    def field(self, path: str, part: model.Part, element: model.Field) -> tuple[model.Part | None, bool]:
        before, now = self.original.get(path, []), self.now.get(path, [])
        if [_compared(item) for item in before] == [_compared(item) for item in now]:
            return part, True
        if not now:
            return None, False
        fresh = own.field_of(_question(now), _Same(element.ident))
        ident, about = self.derived(element.ident, element.about, "F")
        old = own.field_of(_question(before), _Same(element.ident)) if before else fresh
        # Only what the author changed is written over; all else stays as the schema has it.
        overlay = {
            key: getattr(fresh, key)
            for key in ("label", "help", "kind", "type", "limits", "values", "max_size", "media_types", "content")
            if getattr(fresh, key) != getattr(old, key)
        }
        if overlay.get("values"):
            overlay["list_ref"] = None
        count = _count(now)
        if before and count != _count(before):
            part = replace(part, minimum=count[0], maximum=count[1])
        self.report.add(Level.HINT, part.line, path, "Geändert, deshalb mit eigener Nummer.")
        changed = replace(element, ident=ident, about=about, **overlay)
        return replace(part, element=changed), False


class _Same(own.Ids):
    """Gives the id it was made with: for comparing, where no number may be used up."""

    def __init__(self, ident: model.Ident):
        super().__init__("00")
        self.ident = ident

    def next(self, letter: str) -> model.Ident:
        return self.ident


def _children(parts: tuple[model.Part, ...], above: str) -> list[tuple[str, model.Part]]:
    prefix = tuple(above.split("/")) if above else ()
    depth = above.count("/") + 1 if above else 0
    return [(path, part) for path, part in model.walk(parts, prefix) if path.count("/") == depth]


def _by_path(definition: FormDefinition) -> dict[str, list[f.AnyField]]:
    """What stands for each FIM element itself, not the headings and questions around it."""
    found: dict[str, list[f.AnyField]] = defaultdict(list)
    for _, item in every_field(definition):
        if item.fim and item.fim.role == "element":
            found[item.fim.path].append(item)
    return dict(found)


def _compared(item: f.AnyField) -> dict[str, Any]:
    """What FIM knows of a question: not its name, its place and its condition, which are rules."""
    said = item.model_dump(exclude={"name", "visible", "fim", "entries", "messages", "unique_by", "duplicate_message"})
    required = said.get("required")
    return {**said, "required": isinstance(required, str) or bool(required)} if "required" in said else said


def _question(items: list[f.AnyField]) -> Any:
    """The question itself where it is wrapped in a list."""
    return next((item for item in items if not isinstance(item, f.RepeatingField)), items[0])


def _count(items: list[f.AnyField]) -> tuple[int, int | None]:
    wrapped = next((item for item in items if isinstance(item, f.RepeatingField)), None)
    if wrapped:
        return wrapped.minimum, wrapped.maximum
    item = items[0]
    if isinstance(item, f.Question) and item.required is True:
        return max(own.count_of(item)[0], 1), own.count_of(item)[1]
    return own.count_of(item)
