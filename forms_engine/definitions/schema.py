"""The definition language: load() reads YAML into a checked FormDefinition, or raises DefinitionError."""

import functools
import json
import re
from collections.abc import Callable, Hashable
from typing import Any

import yaml
from pydantic import ValidationError

from forms_engine.definitions import findings, lint, program
from forms_engine.definitions.language.form import FormDefinition
from portal.common.yaml_reading import Loader

MAX_BYTES = 512 * 1024
MAX_DEPTH = 16
MAX_NODES = 50_000

Problem = tuple[str, str]


class DefinitionError(ValueError):
    """Why a text is not a form definition: `problems` are pairs of path and German sentence."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("\n".join(f"{path}: {sentence}" if path else sentence for path, sentence in problems))


class _Loader(Loader):
    """Plain data only: no anchors (they can blow up), no key twice; unquoted words and dates stay text."""

    depth = nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.nodes += 1
        self.depth += 1
        event = self.peek_event()  # type: ignore[no-untyped-call]  # missing in the stubs
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise DefinitionError([(_line(event), "Anker und Verweise (& und *) sind nicht erlaubt.")])
        if getattr(event, "tag", None):
            raise DefinitionError([(_line(event), "Typangaben mit ! sind nicht erlaubt.")])
        if self.depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise DefinitionError([(_line(event), "Das Formular ist zu tief geschachtelt oder zu groß.")])
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise DefinitionError([(_line(key), f"Der Schlüssel „{key.value}“ muss ein Text sein.")])
            if key.value in seen:
                raise DefinitionError([(_line(key), f"Der Schlüssel „{key.value}“ steht zweimal da.")])
            seen.add(key.value)
        return super().construct_mapping(node, deep)


# As in YAML 1.2: "no" is a word, 010 is not eight and 1:30 is not ninety.
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^-?(?:0|[1-9][0-9]{0,17})$", list("-0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def _line(event: Any) -> str:
    return f"Zeile {event.start_mark.line + 1}"


def read_yaml(text: str) -> Any:
    """Raises DefinitionError."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise DefinitionError([("", f"Die Datei ist größer als {MAX_BYTES // 1024} KB.")])
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DefinitionError([(f"Zeile {mark.line + 1}" if mark else "", "Das ist kein lesbares YAML.")]) from None
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, DefinitionError):
            raise
        raise DefinitionError([("", "Das ist kein lesbares YAML.")]) from None
    finally:
        if loader is not None:
            loader.dispose()


_SENTENCES = {
    "missing": "Die Angabe fehlt.",
    "extra_forbidden": "Diesen Schlüssel gibt es hier nicht.",
    "string_type": "Hier muss ein Text stehen.",
    "int_type": "Hier muss eine ganze Zahl stehen.",
    "bool_type": "Hier muss true oder false stehen.",
    "tuple_type": "Hier muss eine Liste stehen.",
    "union_tag_not_found": "Die Angabe „type“ fehlt.",
    "union_tag_invalid": "Diesen Feldtyp gibt es nicht.",
    "string_pattern_mismatch": "Der Text hat nicht die erlaubte Form.",
    "string_too_short": "Der Text darf nicht leer sein.",
    "string_too_long": "Der Text ist zu lang.",
    "too_short": "Die Liste hat zu wenige Einträge.",
    "too_long": "Die Liste hat zu viele Einträge.",
    "literal_error": "Dieser Wert ist nicht vorgesehen.",
    "greater_than_equal": "Die Zahl ist zu klein.",
    "less_than_equal": "Die Zahl ist zu groß.",
}


def problem(error: Any) -> Problem:
    """Path and German sentence for one error of pydantic."""
    path = ""
    for part in error["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    if error["type"] == "value_error":
        return path, str(error["ctx"]["error"])
    return path, _SENTENCES.get(error["type"], "Die Angabe passt nicht.")


_WRITTEN: dict[str, str] = {}  # what was just written, on its way into the cache


@functools.lru_cache(maxsize=32)
def as_json(text: str) -> str:
    """What read_yaml() gives, as JSON; equal text is read once. Raises DefinitionError."""
    return _WRITTEN.get(text) or json.dumps(read_yaml(text))


@functools.lru_cache(maxsize=256)
def load(text: str) -> FormDefinition:
    """Read, check and compile a definition; equal text gives the same object. Raises DefinitionError."""
    return _checked(as_json(text))


def written(text: str, data: Any) -> FormDefinition:
    """load() for a text that was just written from `data`, without reading it again. Raises DefinitionError."""
    _WRITTEN[text] = json.dumps(data)
    try:
        return load(text)
    finally:
        _WRITTEN.pop(text, None)


def from_data(data: Any) -> FormDefinition:
    """Check and compile what read_yaml() gave. Raises DefinitionError."""
    return _checked(json.dumps(data))


def _checked(data: str) -> FormDefinition:
    if not data.startswith("{"):
        raise DefinitionError([("", "Eine Formulardatei besteht aus Schlüsseln und Werten.")])
    try:
        # By way of JSON: only there strict validation takes lists for tuples, yet no text for a number.
        definition = FormDefinition.model_validate_json(data, strict=True)
    except ValidationError as error:
        raise DefinitionError([problem(entry) for entry in error.errors()]) from None
    problems = lint.problems(definition)
    if problems:
        raise DefinitionError(problems)
    compiled, problems = program.build(definition)
    if problems:
        raise DefinitionError(problems)
    definition.__dict__["program"] = compiled
    return definition


@functools.lru_cache(maxsize=256)
def _of_sum(sha256: str) -> list[FormDefinition]:
    """The place where the definition of a text is kept."""
    return []


def load_known(sha256: str, text: Callable[[], str]) -> FormDefinition:
    """load() by the sum of a text: `text` is asked for it only the first time. Raises DefinitionError."""
    kept = _of_sum(sha256)
    if not kept:
        kept.append(load(text()))
    return kept[0]


def publishable(text: str) -> FormDefinition:
    """load(), and nothing is left for the author to decide or to put right. Raises DefinitionError."""
    definition = load(text)
    if problems := lint.open_points(definition):
        raise DefinitionError(problems)
    errors = [(found.path, found.sentence) for found in findings.of(definition) if found.blocks]
    if errors:
        raise DefinitionError(errors)
    return definition


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a definition file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **FormDefinition.model_json_schema()}


__all__ = ["DefinitionError", "FormDefinition", "as_json", "from_data", "json_schema", "load", "publishable", "written"]
