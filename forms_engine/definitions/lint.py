"""What a definition must have beside its shape: the rules a machine can check."""

from collections import Counter
from collections.abc import Iterator

from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition

HINT_LENGTH = 120
Problem = tuple[str, str]


def problems(definition: FormDefinition) -> list[Problem]:
    """Path and German sentence for each fault; empty when there is none."""
    return [*_names(definition), *_keys(definition), *_fields(definition)]


def every_field(definition: FormDefinition) -> Iterator[tuple[str, f.AnyField]]:
    """Top-level fields and members of groups with their paths."""
    for p, page in enumerate(definition.pages):
        for n, item in enumerate(page.fields):
            path = f"pages[{p}].fields[{n}]"
            yield path, item
            if isinstance(item, f.RepeatingField):
                yield from ((f"{path}.members[{m}]", member) for m, member in enumerate(item.members))


def _names(definition: FormDefinition) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for path, item in every_field(definition):
        if item.name in seen:
            yield f"{path}.name", f"Der Name „{item.name}“ ist schon vergeben ({seen[item.name]})."
        seen.setdefault(item.name, path)


def _keys(definition: FormDefinition) -> Iterator[Problem]:
    decision = definition.decision
    for path, keys in (
        ("pages", [page.key for page in definition.pages]),
        ("refusals", [refusal.key for refusal in definition.refusals]),
        ("fee.tiers", [tier.key for tier in definition.fee.tiers] if definition.fee else []),
        ("decision.checklist", [item.key for item in decision.checklist] if decision else []),
        ("decision.refusal_reasons", [reason.key for reason in decision.refusal_reasons] if decision else []),
    ):
        for key, count in Counter(keys).items():
            if count > 1:
                yield path, f"Der Schlüssel „{key}“ steht mehrmals da."
    for p, page in enumerate(definition.pages):
        on_page = {item.name for item in page.fields}
        for n, check in enumerate(page.checks):
            if check.field not in on_page:
                yield f"pages[{p}].checks[{n}].field", f"Das Feld „{check.field}“ steht nicht auf dieser Seite."


def _fields(definition: FormDefinition) -> Iterator[Problem]:
    for path, item in every_field(definition):
        if not isinstance(item, f.Question):
            continue
        if item.hint and len(item.hint.de) > HINT_LENGTH:
            yield f"{path}.hint", f"Der Hinweis ist länger als {HINT_LENGTH} Zeichen (Regel F12)."
        if item.required is not False and item.messages.empty is None and not isinstance(item, f.RepeatingField):
            yield f"{path}.messages.empty", "Es fehlt der Satz für „nichts eingegeben“ (Regel F33)."
