"""What the commands about forms share: reading files, and telling what is wrong with them."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from forms_engine.definitions import findings, replay, schema
from forms_engine.definitions.lines import Lines
from forms_engine.definitions.models import Form, FormVersion
from forms_engine.definitions.states import VersionState
from portal.common import os_errors

FOUND, WRONG_CALL = 1, 2
Report = dict[str, Any]


def read(path: Path) -> str:
    """Raises CommandError with the exit code of a wrong call."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CommandError(f"{path}: Die Datei ist nicht in UTF-8 gespeichert.", returncode=WRONG_CALL) from None
    except OSError as error:
        raise CommandError(f"{path}: nicht lesbar ({os_errors.why(error)}).", returncode=WRONG_CALL) from None


def holds_cases(text: str) -> bool:
    """Whether a file is test data and no form. Raises schema.DefinitionError."""
    data = schema.read_yaml(text)
    return isinstance(data, dict) and "cases" in data


def problems(text: str, error: schema.DefinitionError) -> list[Report]:
    lines = Lines(text)
    return [
        {"line": lines.of(path), "path": path, "level": "error", "rule": "", "text": said}
        for path, said in error.problems
    ]


def judged(text: str) -> list[Report]:
    """Everything the linter says about a text: faults that keep it from being read, else its findings."""
    try:
        if holds_cases(text):
            replay.load(text)
            return []
        definition = schema.load(text)
    except schema.DefinitionError as error:
        return problems(text, error)
    lines = Lines(text)
    return [
        {
            "line": lines.of(found.path),
            "path": found.path,
            "level": "error" if found.blocks else "warning",
            "rule": found.rule,
            "text": found.text,
        }
        for found in findings.of(definition)
    ]


def line(name: str, said: Report) -> str:
    """ "wohngeld.yaml:12: Fehler: pages[0].title: Die Überschrift …"."""
    where = f"{name}:{said['line']}" if said["line"] else name
    what = {"error": "Fehler", "warning": "Warnung"}[said["level"]]
    return f"{where}: {what}: {said['path'] or '(Datei)'}: {said['text']}"


def as_json(out: OutputWrapper, ok: bool, **more: Any) -> None:
    out.write(json.dumps({"ok": ok, **more}, ensure_ascii=False, indent=2))


def stored(slug: str, number: int | None) -> FormVersion:
    """A version in the database: the numbered one, else the published one, else the newest. Raises CommandError."""
    rows = FormVersion.objects.select_related("form").filter(form__slug=slug).order_by("-number")
    if number is not None:
        found = rows.filter(number=number).first()
    else:
        found = rows.filter(state=VersionState.PUBLISHED).first() or rows.first()
    if found is None:
        known = ", ".join(Form.objects.order_by("slug").values_list("slug", flat=True)) or "keines"
        what = f"Fassung {number} von „{slug}“" if number is not None else f"das Formular „{slug}“"
        raise CommandError(f"Es gibt {what} nicht. Formulare: {known}.", returncode=WRONG_CALL)
    return found
