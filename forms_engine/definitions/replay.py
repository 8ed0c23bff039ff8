"""Stored test data of a form: answer sets and what must follow from them. replay() says what does not (any more).

Each case is filled in as a person would: every page it leads to is judged by the form of that page.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from forms_engine.definitions import schema
from forms_engine.definitions.build import page_form, sent_as_stored
from forms_engine.definitions.evaluate import Evaluation, evaluate
from forms_engine.definitions.language.fields import Name, Question, RepeatingField
from forms_engine.definitions.language.form import FormDefinition, Slug
from forms_engine.definitions.language.text import Strict

CASES = Path(__file__).parent / "catalogue" / "tests"


class Expected(Strict):
    """What must follow. What is left out must not be there: no fee, no refusal, no documents, no end."""

    pages: tuple[Slug, ...] = Field(min_length=1)
    refusal: Slug | None = None
    fee_cents: int | None = None
    documents: dict[Name, int] = Field(default_factory=dict)  # file question -> how many are needed
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    leika: str | None = None
    values: dict[Name, Any] = Field(default_factory=dict)  # computed values among others; only those named are judged
    ignored: tuple[Name, ...] = ()  # answers that must not count, because nobody asks for them now


class Case(Strict):
    name: str = Field(min_length=1, max_length=200)
    today: dt.date
    answers: dict[Name, Any]
    expect: Expected


class Cases(Strict):
    form: Slug
    cases: tuple[Case, ...] = Field(min_length=1, max_length=200)


def load(text: str) -> Cases:
    """Read a file of cases. Raises schema.DefinitionError."""
    try:
        return Cases.model_validate_json(json.dumps(schema.read_yaml(text)), strict=True)
    except ValidationError as error:
        raise schema.DefinitionError([schema.problem(entry) for entry in error.errors()]) from None


def from_json(content: Mapping[str, Any]) -> Case:
    """A stored case (ReplayCase.content). Raises pydantic.ValidationError if it is damaged."""
    return Case.model_validate_json(json.dumps(content), strict=True)


def as_json(case: Case) -> dict[str, Any]:
    return case.model_dump(mode="json", exclude_defaults=True)


def record(definition: FormDefinition, name: str, answers: Mapping[str, Any], *, today: dt.date) -> Case:
    """What follows from these answers now becomes what must follow. Raises pydantic.ValidationError for a bad name."""
    state = evaluate(definition, answers, today=today)
    computed = {item.name: state.values.get(item.name) for item in definition.computed_fields}
    expected = Expected(
        pages=state.pages,
        refusal=state.refusal,
        fee_cents=state.fee_cents,
        documents={document.field: document.needed for document in state.documents if document.required},
        valid_from=state.valid_from,
        valid_until=state.valid_until,
        leika=state.leika,
        values={name: value for name, value in computed.items() if value is not None},
        ignored=tuple(sorted(_ignored(answers, state))),
    )
    return Case(name=name, today=today, answers=dict(answers), expect=expected)


def replay(definition: FormDefinition, cases: Iterable[Case]) -> list[str]:
    """German sentences on what does not follow as expected; empty if everything does."""
    return [f"„{case.name}“: {sentence}" for case in cases for sentence in _judge(definition, case)]


def _judge(definition: FormDefinition, case: Case) -> Iterator[str]:
    state, expected = evaluate(definition, case.answers, today=case.today), case.expect
    for what, seen, wanted in (
        ("Die Seiten sind", list(state.pages), list(expected.pages)),
        ("Die Absage ist", state.refusal, expected.refusal),
        ("Die Gebühr in Cent ist", state.fee_cents, expected.fee_cents),
        ("Die Unterlagen sind", {d.field: d.needed for d in state.documents if d.required}, expected.documents),
        ("Der Beginn ist", state.valid_from, expected.valid_from),
        ("Das Ende ist", state.valid_until, expected.valid_until),
        ("Der Leistungsschlüssel ist", state.leika, expected.leika),
        ("Nicht gezählt sind", sorted(_ignored(case.answers, state)), sorted(expected.ignored)),
    ):
        if seen != wanted:
            yield f"{what} {_say(seen)}, erwartet ist {_say(wanted)}."
    for name, wanted in expected.values.items():
        if state.values.get(name) != wanted:
            yield f"„{name}“ ist {_say(state.values.get(name))}, erwartet ist {_say(wanted)}."
    yield from _mistakes(definition, state)


def _ignored(answers: Mapping[str, Any], state: Evaluation) -> Iterator[str]:
    for name, answer in answers.items():
        kept = state.values.get(name)
        if kept is None:
            yield name
        elif isinstance(answer, list) and kept and isinstance(kept[0], dict):
            for given, row in zip(answer, kept, strict=False):
                yield from given.keys() - row.keys()


def _mistakes(definition: FormDefinition, state: Evaluation) -> Iterator[str]:
    """What the pages would not accept: a missing answer, a wrong check digit, a broken rule."""
    for key in state.pages:
        for field, errors in sent_as_stored(page_form(definition, key, state)()).errors.items():
            yield f"Seite „{key}“, {_label(definition, field)}: {' '.join(map(str, errors))}"


def _label(definition: FormDefinition, field: str) -> str:
    group, _dash, rest = field.partition("-")
    number, _dash, member = rest.partition("-")
    item = definition.field(group)
    if isinstance(item, RepeatingField) and number.isdecimal():
        return f"{item.row_title} {int(number) + 1}, Frage „{member}“"
    return f"Frage „{field}“" if isinstance(item, Question) else field


def _say(value: Any) -> str:
    match value:
        case None:
            return "keine Angabe"
        case dt.date():
            return value.isoformat()
        case Mapping():
            return ", ".join(f"{name} ({count})" for name, count in value.items()) or "keine"
        case str():
            return f"„{value}“"
        case Sequence():
            return ", ".join(map(str, value)) or "keine"
    return str(value)
