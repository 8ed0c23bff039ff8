"""What a new question, block, group or page begins with. Pure."""

from typing import Any

from forms_engine.definitions.builder import operations as ops
from forms_engine.definitions.builder.skeleton import slug_of
from forms_engine.definitions.document import Data

CHOICES = ("choice", "multi_choice")
WITHOUT_EMPTY = ("static", "computed", "repeating", "group", "person", "address", "company", "contact")
WITH_TEXT = ("static", "declaration")


def entry(
    data: Data, *, kind: str, label: str, empty: str = "", text: str = "", lines: Any = (), needed: bool = True
) -> Data:
    """`text`: of a paragraph or declaration; `lines`: labels of the choices."""
    name = ops.fresh_name(data, label or text)
    made: Data = {"name": name, "type": kind}
    if kind == "static":
        return made | {"text": text or label}
    made |= {"label": label}
    if kind not in WITHOUT_EMPTY:
        made |= {"messages": {"empty": empty}} if empty else {}
        made |= {} if needed else {"required": False}
    return made | _more(kind, name, label, text, [line.strip() for line in lines if line.strip()])


def _more(kind: str, name: str, label: str, text: str, lines: list[str]) -> Data:
    match kind:
        case "choice" | "multi_choice":
            return {"choices": _choices(lines or ["Möglichkeit 1", "Möglichkeit 2"])}
        case "declaration":
            return {"statement": text or label}
        case "email" | "phone":
            return {"autocomplete": {"email": "email", "phone": "tel"}[kind]}
        case "file":
            media = ["application/pdf", "image/jpeg", "image/png"]
            return {"hint": "PDF, JPG oder PNG, höchstens 10 MB", "media_types": media, "max_bytes": 10_000_000}
        case "computed":
            return {"value": "0", "result": "integer"}
        case "group":
            return {"members": [_member(name)]}
        case "repeating":
            return {"row_title": label, "add_label": f"Weiter: {label}", "maximum": 5, "members": [_member(name)]}
    return {}


def _member(name: str) -> Data:
    said = {"empty": "Geben Sie die Bezeichnung ein."}
    return {"name": f"{name[:40]}_angabe", "type": "text", "label": "Bezeichnung", "messages": said}


def _choices(lines: list[str]) -> list[Data]:
    found: list[Data] = []
    for line in lines:
        base, number = slug_of(line, 50) or "wert", 2
        value = base
        while value in [choice["value"] for choice in found]:
            value, number = f"{base}-{number}", number + 1
        found.append({"value": value, "label": line})
    return found


def page(data: Data, title: str, first: Data) -> Data:
    return {"key": ops.fresh_key(data, title), "title": title, "fields": [first]}
