"""Präzisierung: attributes in XDatenfelder 3, free text in XDatenfelder 2 (mostly JSON with numbers as text)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from forms_engine.fim.model import Limits

_KEYS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minValue": "min_value",
    "maxValue": "max_value",
    "pattern": "pattern",
}


def from_attributes(attributes: Mapping[str, str], note: str = "") -> Limits:
    """XDatenfelder 3. What is no number stays in the note."""
    return _limits({_KEYS[key]: value for key, value in attributes.items() if key in _KEYS}, note)


def from_text(text: str, data_type: str) -> Limits:
    """XDatenfelder 2: JSON, "5" (exact length of a text, greatest number), "1..31", else kept as a note."""
    try:
        given: Any = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        given = None
    if isinstance(given, dict):
        flat = {key: str(value) for key, value in given.items() if isinstance(value, str) and value.strip()}
        known = {_KEYS[key]: value for key, value in flat.items() if key in _KEYS}
        rest = {key: value for key, value in flat.items() if key not in _KEYS}
        return _limits(known, json.dumps(rest, ensure_ascii=False) if rest else "")
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        if data_type.startswith("num"):
            return Limits(max_value=text)
        return Limits(min_length=int(text), max_length=int(text))
    if found := re.fullmatch(r"(-?[\d.,]{1,15}?)\.\.(-?[\d.,]{1,15})", text, re.ASCII):
        return Limits(min_value=found[1], max_value=found[2])
    return Limits(note=text)


def _limits(known: Mapping[str, str], note: str) -> Limits:
    lengths: dict[str, int] = {}
    for key in ("min_length", "max_length"):
        raw = known.get(key, "").strip()
        if re.fullmatch(r"\d{1,9}", raw, re.ASCII):
            lengths[key] = int(raw)
        elif raw:
            note = f"{note} {key}={raw}".strip()
    return Limits(
        min_length=lengths.get("min_length"),
        max_length=lengths.get("max_length"),
        min_value=known.get("min_value", "").strip(),
        max_value=known.get("max_value", "").strip(),
        pattern=known.get("pattern", "").strip(),
        note=note,
    )
