"""The draft on the workbench: opened, changed, saved under the lock that everybody's page carries."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from forms_engine.definitions import access, actions, diff, document, findings, schema
from forms_engine.definitions.builder import languages, reading
from forms_engine.definitions.builder import operations as ops
from forms_engine.definitions.builder.props import TYPES
from forms_engine.definitions.document import Data
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.models import FormVersion
from forms_engine.definitions.states import WrongState
from portal.accounts.access import citizen

NO_DRAFT = "Das Formular ist gerade kein Entwurf. Ihre Änderung ist nicht gespeichert."


class Conflict(Exception):
    """Somebody else saved in the meantime. `changes`: what they changed, in sentences."""

    def __init__(self, who: str, changes: Sequence[str]):
        self.who, self.changes = who, changes
        super().__init__(f"{who} hat den Entwurf inzwischen geändert. Ihre Eingabe ist noch nicht gespeichert.")


@dataclass(frozen=True)
class Bench:
    version: FormVersion
    data: Data

    @property
    def definition(self) -> FormDefinition:
        return self.version.definition

    @property
    def findings(self) -> tuple[findings.Finding, ...]:
        return reading.findings_of(self.version.source)

    @property
    def codes(self) -> tuple[str, ...]:
        """Languages of the form's texts."""
        return tuple(self.data.get("languages", ("de",)))


def open_draft(request: HttpRequest, form: str) -> Bench:
    """Raises Http404 if the person may not, or there is no draft."""
    version = access.draft_for(citizen(request), form)
    data = document.read(version.source)
    return Bench(version, languages.unfolded(data, version.definition) if "translations" in data else data)


def save(request: HttpRequest, bench: Bench, data: Data, what: str) -> None:
    """Raises schema.DefinitionError, Conflict, ops.Refused."""
    if data == bench.data:
        return
    source = document.write(data)
    schema.written(source, data)
    expected = request.POST.get("stand", "")
    try:
        actions.change_draft(bench.version, source, by=citizen(request), expected=expected, what=what)
    except actions.Outdated:
        raise conflict(bench.version, expected) from None
    except WrongState:
        raise ops.Refused(NO_DRAFT) from None


def conflict(version: FormVersion, expected: str) -> Conflict:
    seen = version.revisions.filter(sha256=expected).first()
    changes = diff.changes(schema.load(seen.source), version.definition) if seen else []
    return Conflict(str(version.author or "Jemand"), [f"{change.place}: {change.sentence}" for change in changes])


def attempt(request: HttpRequest, bench: Bench, operation: Any, what: str) -> bool:
    """Does one operation on the data and says how it went. `operation`: data -> data."""
    try:
        data = operation(bench.data)
        save(request, bench, data, what)
    except (ops.Refused, Conflict) as refused:
        messages.error(request, str(refused))
        return False
    except schema.DefinitionError as error:
        path, sentence = error.problems[0]
        messages.error(request, f"Das geht nicht: {ops.place_in_words(bench.data, path)}{sentence}")
        return False
    return True


# --- what the outline shows -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """A question, block or group in the outline."""

    name: str
    label: str
    kind: str
    marks: tuple[str, ...]  # "freiwillig", "mit Bedingung"
    findings: tuple[findings.Finding, ...]
    members: tuple["Item", ...] = ()
    holds: bool = False  # it may get members


@dataclass(frozen=True)
class Sheet:
    """A page in the outline."""

    key: str
    title: str
    items: tuple[Item, ...]
    findings: tuple[findings.Finding, ...]
    errors: int
    warnings: int
    conditional: bool
    count: int


def outline(bench: Bench) -> list[Sheet]:
    by_place: dict[str, list[findings.Finding]] = {}
    for found in bench.findings:
        by_place.setdefault(_place(found.path), []).append(found)
    return [_sheet(page, f"pages[{n}]", by_place) for n, page in enumerate(bench.data["pages"])]


def whole(bench: Bench) -> list[findings.Finding]:
    """Findings that belong to no page."""
    return [found for found in bench.findings if not found.path.startswith("pages[")]


def of_place(bench: Bench, path: str) -> list[findings.Finding]:
    """Findings of one entry, not those of what stands in it; of a page itself."""
    return [found for found in bench.findings if _place(found.path) == path]


def _place(path: str) -> str:
    """The page or entry that a path lies in: "pages[0].fields[1]"."""
    found = re.match(r"pages\[\d+\](?:\.(?:fields|members)\[\d+\])*", path)
    return found[0] if found else ""


def _sheet(page: Data, path: str, by_place: dict[str, list[findings.Finding]]) -> Sheet:
    items = tuple(_item(entry, f"{path}.fields[{n}]", by_place) for n, entry in enumerate(page["fields"]))
    below = [f for place, found in by_place.items() if place == path or place.startswith(f"{path}.") for f in found]
    errors = sum(found.blocks for found in below)
    return Sheet(
        key=page["key"],
        title=ops.german(page["title"]),
        items=items,
        findings=tuple(by_place.get(path, ())),
        errors=errors,
        warnings=len(below) - errors,
        conditional=bool(page.get("visible")),
        count=len(items),
    )


def _item(entry: Data, path: str, by_place: dict[str, list[findings.Finding]]) -> Item:
    members = tuple(_item(inner, f"{path}.members[{n}]", by_place) for n, inner in enumerate(entry.get("members", ())))
    marks = []
    if entry.get("required") is False:
        marks.append("freiwillig")
    if entry.get("visible") or isinstance(entry.get("required"), str):
        marks.append("mit Bedingung")
    return Item(
        name=ops.ident(entry),
        label=ops.entry_label(entry),
        kind=TYPES[entry["type"]][0],
        marks=tuple(marks),
        findings=tuple(by_place.get(path, ())),
        members=members,
        holds=entry["type"] in ops.HOLDERS,
    )
