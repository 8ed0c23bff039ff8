"""A paper's frozen payload -> PDF and the message that carries it. Same payload, same bytes."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms_engine.cases import payloads
from forms_engine.cases.models import Paper, PaperKind
from portal.common import clock
from portal.documents import letters
from portal.documents import render as pdf

TEMPLATES = {PaperKind.RECEIPT: "cases/letters/receipt.html", PaperKind.DECISION: "cases/letters/decision.html"}
DATES = ("date", "valid_from", "valid_until")


@dataclass(frozen=True)
class Facts:
    """What the public check page may tell about a paper."""

    kind: str
    issued_at: dt.datetime
    valid_from: dt.date | None
    valid_until: dt.date | None


@dataclass(frozen=True)
class Covering:
    subject: str
    body: str


def facts(paper: Paper, payload: Mapping[str, Any]) -> Facts:
    if paper.kind == PaperKind.DECISION:
        return Facts(
            f"Bescheid: {payload['title']}",
            paper.ordered_at,
            _date(payload["valid_from"]),
            _date(payload["valid_until"]),
        )
    span = payload["provisional"]
    return Facts(f"Antragsbestätigung: {payload['title']}", paper.ordered_at, _date(span["from"]), _date(span["until"]))


def render(paper: Paper, payload: Mapping[str, Any]) -> bytes:
    """The PDF before the seal. Depends on payload, code and templates only."""
    machine_readable = pdf.Attachment(
        name=f"{paper.kind}.json",
        media_type="application/json",
        data=json.dumps(payload, ensure_ascii=False, sort_keys=True, indent=1).encode(),
        description="Der Inhalt dieses Schreibens zum maschinellen Lesen",
    )
    return pdf.render_pdf(
        TEMPLATES[PaperKind(paper.kind)],
        context(paper, payload),
        title=f"{paper.get_kind_display()} {payload['number']}",
        created=clock.local(paper.ordered_at),
        attachments=[machine_readable],
    )


def context(paper: Paper, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What the templates print: the payload with dates as dates, and the frame of a letter."""
    common = {
        "p": {key: _date(value) if key in DATES else value for key, value in payload.items()},
        "sender": letters.city_sender(),
        "recipient": payload["recipient"],
        "date": _date(payload["date"]),
        "file_number": payload["number"],
        "contact": letters.Contact(name=payload.get("clerk", ""), phone="115"),
        "verification": letters.verification(paper.code),
        "paid_on": _date(payload["fee"]["paid_on"]) if payload["fee"] else None,
    }
    if paper.kind == PaperKind.DECISION:
        return common
    span = payload["provisional"]
    return common | {
        "service": payload["title"],
        "received_at": clock.local(dt.datetime.fromisoformat(payload["received_at"])),
        "next_steps": payload["next_steps"],
        "provisional": {
            "plates": payload["marks"],
            "area": payload["area"] or "wird noch bestimmt",
            "valid_from": _date(span["from"]),
            "valid_until": _date(span["until"]),
        },
    }


def _date(iso: str | None) -> dt.date | None:
    return dt.date.fromisoformat(iso) if iso else None


def covering_message(paper: Paper, payload: Mapping[str, Any]) -> Covering:
    if paper.kind == PaperKind.DECISION:
        return Covering(f"Ihr Bescheid: {payload['title']}", payloads.decision_text(payload))
    return Covering(
        f"Wir haben Ihren Antrag erhalten: {payload['title']}", payloads.receipt_text(payload, paper.status_code())
    )


def file_name(paper: Paper) -> str:
    return f"{paper.get_kind_display()} {paper.case.number}.pdf"
