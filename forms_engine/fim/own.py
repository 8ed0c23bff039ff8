"""Questions of our own as FIM elements, with ids of the number range the operator has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition, Page
from forms_engine.fim import model


@dataclass
class Ids:
    """Numbers in document order: range 99 gives F99000000001, G99000000001 …; the same form gives the same ids."""

    range: str
    count: int = 0

    def next(self, letter: str) -> model.Ident:
        self.count += 1
        return model.Ident(f"{letter}{self.range}{self.count:09d}", "1.0.0")


def about(name: str) -> model.About:
    """Status 2, in work: what we make ourselves nobody has released."""
    return model.About(name=" ".join(name.split())[:200])


def field_of(item: f.Question | f.StaticField | f.ComputedField, ids: Ids) -> model.Field:
    label = str(item.label or item.name) if not isinstance(item, f.StaticField) else str(item.text).split("\n")[0]
    kind, data_type = _kind(item)
    question = isinstance(item, f.Question)
    summary = item.summary_label if isinstance(item, f.Question) else None
    choices = item.choices if isinstance(item, f.ChoiceField | f.MultiChoiceField) else ()
    return model.Field(
        ident=ids.next("F"),
        about=about(label),
        label=label,
        label_out=str(summary or label),
        help=str(item.hint or "") if isinstance(item, f.Question) and question else "",
        help_out="",
        origin="HAR",
        kind=kind,
        type=data_type,
        limits=limits_of(item),
        content=_content(item),
        values=tuple(model.Value(c.value, str(c.label), str(c.hint or "")) for c in choices),
        max_size=item.max_bytes if isinstance(item, f.FileField) else None,
        media_types=item.media_types if isinstance(item, f.FileField) else (),
    )


def _kind(item: f.Question | f.StaticField | f.ComputedField) -> tuple[model.Kind, model.DataType]:
    match item:
        case f.StaticField():
            return "label", "text"
        case f.ComputedField():
            return "hidden", "text"
        case f.ChoiceField() | f.MultiChoiceField():
            return "select", "text"
    if isinstance(item, f.TextField | f.TextareaField) and item.check == "latein":
        return "input", "text_latin"
    return "input", DATA_TYPES.get(type(item), "text")


# The way back from convert.TYPES; what is missing here is a text.
DATA_TYPES: dict[type, model.DataType] = {
    f.IntegerField: "num_int",
    f.DecimalField: "num",
    f.MoneyField: "num_currency",
    f.DateField: "date",
    f.DateTimeField: "datetime",
    f.TimeField: "time",
    f.BooleanField: "bool",
    f.DeclarationField: "bool",
    f.FileField: "file",
}


def limits_of(item: f.Question | f.StaticField | f.ComputedField) -> model.Limits:
    match item:
        case f.TextField() | f.TextareaField():
            pattern = (item.pattern or "") if isinstance(item, f.TextField) else ""
            return model.Limits(min_length=item.min_length or None, max_length=item.max_length, pattern=pattern)
        case f.IntegerField() | f.DecimalField():
            return model.Limits(min_value=str(item.minimum), max_value=str(item.maximum))
        case f.DateField() | f.TimeField() | f.DateTimeField():
            return model.Limits(min_value=item.earliest or "", max_value=item.latest or "")
        case f.MoneyField():
            low, high = (Decimal(cents).scaleb(-2) for cents in (item.minimum_cents, item.maximum_cents))
            return model.Limits(min_value=str(low), max_value=str(high))
    return model.Limits()


def _content(item: f.Question | f.StaticField | f.ComputedField) -> str:
    match item:
        case f.StaticField():
            return str(item.text)
        case f.ComputedField():
            return f"Summe: {item.total.group}.{item.total.member}" if item.total else str(item.value)
        case f.DeclarationField():
            return str(item.statement)
        case f.TextField() | f.TextareaField() | f.IntegerField() if item.suggested is not None:
            return str(item.suggested)
    return ""


def part_of(item: f.AnyField, ids: Ids) -> model.Part:
    """A question at its place. A list becomes a repeated group."""
    if isinstance(item, f.RepeatingField):
        parts = tuple(part_of(member, ids) for member in item.members)
        label = str(item.label)
        group = model.Group(
            ids.next("G"), about(label), label, str(item.row_label), str(item.hint or ""), "", "HAR", parts
        )
        return model.Part(item.minimum, item.maximum, group)
    field = field_of(item, ids)
    return model.Part(*count_of(item), field)


def count_of(item: f.AnyField) -> tuple[int, int | None]:
    """How often a field is answered. What is required under a condition is not required for FIM."""
    if not isinstance(item, f.Question):
        return 1, 1
    # A condition can hide it, and FIM has no other word for that than a rule.
    low = 1 if item.required is True and item.visible is None else 0
    if isinstance(item, f.FileField):
        return low, item.max_files
    if isinstance(item, f.MultiChoiceField):
        return low and item.minimum, item.maximum or len(item.choices)
    return low, 1


def page_group(page: Page, items: Iterable[f.AnyField], ids: Ids) -> model.Part:
    parts = tuple(part_of(item, ids) for item in items)
    title = str(page.title)
    help_text = "\n".join(str(text) for text in page.text)
    group = model.Group(ids.next("G"), about(title), title, title, help_text, "", "HAR", parts)
    return model.Part(0 if page.visible else 1, 1, group)


def conditions_of(definition: FormDefinition) -> dict[str, str]:
    """Every condition of a form: what it decides, in words, and the expression."""
    found: dict[str, str] = {}
    for page in definition.pages:
        if page.visible:
            found[f"Seite „{page.title}“ wird gezeigt, wenn"] = page.visible
        for item in page.fields:
            named = f"„{getattr(item, 'label', None) or item.name}“ ({item.name})"
            if visible := getattr(item, "visible", None):
                found[f"{named} wird gezeigt, wenn"] = visible
            if isinstance(item, f.Question) and isinstance(item.required, str):
                found[f"{named} ist Pflicht, wenn"] = item.required
        for check in page.checks:
            found[f"{str(check.message).rstrip('.')}: es muss gelten"] = check.holds
    return found


def rules_of(conditions: Mapping[str, str], ids: Ids) -> tuple[model.Rule, ...]:
    """Conditions of our own, in our own language: FIM keeps them as text."""
    return tuple(
        model.Rule(ids.next("R"), title[:100], f"{title} (Ausdruck in CEL): {expression}")
        for title, expression in conditions.items()
    )
