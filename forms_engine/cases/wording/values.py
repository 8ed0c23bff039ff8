"""What the names of the vocabulary stand for in one letter: from its payload and the frozen answers, nothing else."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from forms_engine.cases.models import Case
from forms_engine.cases.wording import blocks, engine, shapes, texts
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.submissions import queries as answers
from portal.common import formats, references

PARTS = ("opening", "reasons", "conditions", "closing", "plain")


def of_case(case: Case, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Every name of texts.vocabulary(); what was not asked or not given is empty."""
    values: Any = shapes.empty(texts.vocabulary(case.definition))
    said: dict[str, Any] = values | _frame(payload) | {"antrag": values["antrag"] | _answers(case, values["antrag"])}
    return said


def sample(definition: FormDefinition) -> dict[str, Any]:
    """Values for a preview without a case: each name says what will stand there."""
    values: Any = shapes.sample(texts.vocabulary(definition))
    return dict(values)


def apply(payload: dict[str, Any], template: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with the texts of a template in it, rendered. Raises engine.TooLong."""
    said = {block: blocks.parse(engine.render(template.get(block, ""), values)) for block in PARTS}
    heading = blocks.plain(engine.render(template.get("heading", ""), values)) or payload["heading"]
    return payload | {"heading": heading, "blocks": said}


def _frame(payload: Mapping[str, Any]) -> dict[str, Any]:
    fee = payload.get("fee") or {}
    return {
        "aktenzeichen": payload["number"],
        "leistung": payload["title"],
        "datum": _day(payload["date"]),
        "name": payload["recipient"]["name"],
        "dienststelle": payload["sender"]["department"],
        "sachbearbeitung": payload["clerk"],
        "gebiet": payload["area"],
        "kennzeichen": payload["marks"],
        "gueltig_ab": _day(payload["valid_from"]),
        "gueltig_bis": _day(payload["valid_until"]),
        "gebuehr": formats.eur(fee["cents"]) if fee else "",
        "gebuehr_grundlage": payload["fee_basis"],
        "kassenzeichen": references.grouped(fee["kassenzeichen"]) if fee.get("kassenzeichen") else "",
        "faellig_am": _day(fee.get("due_on")),
        "rechtsgrundlagen": payload["legal_basis"],
        "gruende": [{"text": row["text"], "grundlage": row["legal_basis"]} for row in payload["reasons"]],
        "begruendung": payload["explanation"],
        "bewilligt": payload["granted_part"],
        "abgelehnt": payload["refused_part"],
        "frueher": _day((payload["replaces"] or {}).get("date")),
    }


def _day(iso: str | None) -> str:
    return formats.in_words(dt.date.fromisoformat(iso), "day") if iso else ""


def _answers(case: Case, known: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for section in answers.sections(case.submission):
        said = {row.field: row.value_text for row in section.rows if row.answered}
        if section.group:
            members = {field.rpartition("-")[2]: text for field, text in said.items()}
            found.setdefault(section.group, []).append(members)
        else:
            found |= {field: _listed(text, known.get(field)) for field, text in said.items() if field in known}
    rows = texts.vocabulary(case.definition).members["antrag"]
    for name, shape in rows.members.items() if isinstance(rows, shapes.Record) else ():
        if isinstance(shape, shapes.Rows) and isinstance(shape.of, shapes.Record):
            blank: Any = shapes.empty(shape.of)
            found[name] = [blank | {k: v for k, v in row.items() if k in blank} for row in found.get(name, [])]
    return found


def _listed(text: str, empty: object) -> Any:
    """An answer with several choices is a list: its texts come one a line (present.text_of)."""
    return text.split("\n") if isinstance(empty, list) else text
