"""A paper's frozen payload -> PDF and the message that carries it. Same payload, same bytes."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms_engine.cases import payloads
from forms_engine.cases.models import DecisionKind, Paper, PaperKind
from forms_engine.cases.models.kinds import ENDING
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
        ends = payload["kind"] in ENDING  # holds for ever from now on; its date is that from which the other does not
        return Facts(
            f"{paper.name}: {payload['title']}",
            paper.ordered_at,
            None if ends else _date(payload["valid_from"]),
            _date(payload["valid_until"]),
        )
    span = payload["provisional"] or {"from": None, "until": None}
    title = f"{'Meldung' if payload.get('report') else 'Antrag'}sbestätigung: {payload['title']}"
    return Facts(title, paper.ordered_at, _date(span["from"]), _date(span["until"]))


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
        title=f"{paper.name} {payload['number']}",
        created=clock.local(paper.ordered_at),
        attachments=[machine_readable],
    )


def context(paper: Paper, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What the templates print: the payload with dates as dates, and the frame of a letter."""
    fee = payload["fee"] or {}
    common = {
        "p": {key: _date(value) if key in DATES else value for key, value in payload.items()},
        "sender": _sender(payload),
        "recipient": payload["recipient"],
        "date": _date(payload["date"]),
        "file_number": payload["number"],
        "contact": letters.Contact(name=payload.get("clerk", ""), phone=_written_by(payload).get("phone") or "115"),
        "verification": letters.verification(paper.code),
        "paid_on": _date(fee.get("paid_on")),
        "fee_due_on": _date(fee.get("due_on")),
    }
    if paper.kind == PaperKind.DECISION:
        return common | {"earlier_on": _date((payload.get("replaces") or {}).get("date"))}
    span = payload["provisional"]
    return common | {
        "service": payload["title"],
        "received_at": clock.local(dt.datetime.fromisoformat(payload["received_at"])),
        "decide_by": _date(payload.get("decide_by")),
        "next_steps": payload["next_steps"],
        "provisional": span
        and {
            "plates": payload["marks"],
            "area": payload["area"] or "wird noch bestimmt",
            "valid_from": _date(span["from"]),
            "valid_until": _date(span["until"]),
        },
    }


def _written_by(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Papers that were ordered before letters had senders of their own name none."""
    found: Mapping[str, Any] = payload.get("sender") or {}
    return found


def _sender(payload: Mapping[str, Any]) -> letters.Sender:
    city, own = letters.city_sender(), _written_by(payload)
    if not own:
        return city
    return letters.Sender(city.name, own["department"], own["street"], own["postcode"], own["place"])


def _date(iso: str | None) -> dt.date | None:
    return dt.date.fromisoformat(iso) if iso else None


def covering_message(paper: Paper, payload: Mapping[str, Any]) -> Covering:
    if paper.kind == PaperKind.DECISION:
        whose = "Unser Schreiben" if payload["kind"] == DecisionKind.CERTIFICATE else "Ihr Bescheid"
        return Covering(f"{whose}: {payload['title']}", payloads.decision_text(payload))
    what = "Ihre Meldung" if payload.get("report") else "Ihren Antrag"
    return Covering(
        f"Wir haben {what} erhalten: {payload['title']}", payloads.receipt_text(payload, paper.status_code())
    )


def file_name(paper: Paper) -> str:
    return f"{paper.name} {paper.case.number}.pdf"
