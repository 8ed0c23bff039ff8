"""What a submission freezes: answers, what followed from them, and the list of files. Pure."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from forms_engine.submissions.completeness import Contents
from forms_engine.submissions.models import Upload


@dataclass(frozen=True)
class Frozen:
    """The opened payload. `answers` holds what was asked and answered, `values` the computed fields as well.

    `today` is the day the rules were judged on, `files` is [{id, field, media_type, size, sha256}] in order.
    """

    form: str
    version: int
    frozen_at: str
    today: str
    pages: list[str]
    answers: dict[str, Any]
    values: dict[str, Any]
    fee_cents: int | None
    fee_tier: str | None
    valid_from: str | None
    valid_until: str | None
    four_eyes: bool
    documents: list[dict[str, Any]]
    files: list[dict[str, Any]]
    sources: dict[str, str]  # question -> "register:<key>" where the answer is a register's word
    salt: str  # so that the hash of the payload tells nothing once the key is destroyed


def build(contents: Contents, uploads: Iterable[Upload], *, salt: str, frozen_at: dt.datetime) -> dict[str, Any]:
    """The payload of a complete draft as JSON values, in the shape of Frozen."""
    definition, found = contents.definition, contents.evaluation
    computed = {field.name for field in definition.computed_fields}
    return {
        "form": definition.form,
        "version": contents.number,
        "frozen_at": frozen_at.isoformat(),
        "today": found.today.isoformat(),
        "pages": list(found.pages),
        "answers": {name: value for name, value in found.values.items() if name not in computed},
        "values": dict(found.values),
        "fee_cents": found.fee_cents,
        "fee_tier": found.fee_tier,
        "valid_from": found.valid_from.isoformat() if found.valid_from else None,
        "valid_until": found.valid_until.isoformat() if found.valid_until else None,
        "four_eyes": found.four_eyes,
        "documents": [{"field": d.field, "needed": d.needed, "required": d.required} for d in found.documents],
        "files": [
            {"id": str(u.public_id), "field": u.field, "media_type": u.media_type, "size": u.size, "sha256": u.sha256}
            for u in uploads
        ],
        "sources": {
            name: f"register:{said['register']}"
            for name, said in contents.fetched.items()
            if found.values.get(name) == said["value"]
        },
        "salt": salt,
    }


def canonical(payload: Mapping[str, Any]) -> bytes:
    """One byte string per value: keys sorted, no spaces, UTF-8 (after RFC 8785; there are no floats)."""
    return json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def parse(plain: bytes) -> Frozen:
    return Frozen(**{"sources": {}, **json.loads(plain)})
