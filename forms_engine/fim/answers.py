"""Answers as FIT-Connect carries them: a data record with its schema, and the metadata record (FIT-Connect 2.1.0)."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from forms_engine.definitions.evaluate import evaluate
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition

METADATA_SCHEMA = "https://schema.fitko.de/fit-connect/metadata/2.1.0/metadata.schema.json"


@dataclass(frozen=True)
class Attachment:
    """A file beside the record: `purpose` is "form" for the PDF of the application, "attachment" for uploads."""

    id: UUID
    name: str
    media_type: str
    content: bytes
    purpose: str = "attachment"
    description: str = ""


@dataclass(frozen=True)
class Envelope:
    """What goes with the answers. `consent` to the digital decision: a refusal is said, never left out."""

    schema_uri: str
    reference: str
    day: dt.date
    mailbox: UUID | None = None
    email: str = ""
    consent: bool | None = None
    payment: Mapping[str, Any] | None = None
    author: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    data: bytes
    metadata: dict[str, Any]


def record(
    definition: FormDefinition,
    answers: Mapping[str, Any],
    attachments: Iterable[Attachment],
    envelope: Envelope,
    *,
    version: int,
) -> Record:
    """Answers that were not asked do not leave the house: they are judged by the form first."""
    data = canonical(answer_data(definition, answers, version=version, today=envelope.day))
    files = list(attachments)
    if len({one.id for one in files}) < len(files):
        raise ValueError("Jede Anlage braucht eine eigene Kennung.")
    metadata: dict[str, Any] = {
        "$schema": METADATA_SCHEMA,
        "contentStructure": {
            "data": {
                "submissionSchema": {"schemaUri": envelope.schema_uri, "mimeType": "application/json"},
                "hash": _hash(data),
            },
            "attachments": [_attachment(one) for one in files],
        },
        "additionalReferenceInfo": {
            "senderReference": envelope.reference,
            "applicationDate": envelope.day.isoformat(),
        },
    }
    if envelope.consent is not None:
        metadata["additionalReferenceInfo"]["zustimmungZumDigitalenBescheid"] = envelope.consent
    if envelope.mailbox:
        metadata["replyChannel"] = {"idBundDeMailbox": {"mailboxUuid": str(envelope.mailbox)}}
    elif envelope.email:
        metadata["replyChannel"] = {"eMail": {"address": envelope.email}}
    if envelope.payment:
        metadata["paymentInformation"] = dict(envelope.payment)
    if envelope.author:
        metadata["author"] = dict(envelope.author)
    return Record(data, metadata)


def _hash(content: bytes) -> dict[str, str]:
    return {"type": "sha512", "content": hashlib.sha512(content).hexdigest()}


def _attachment(one: Attachment) -> dict[str, Any]:
    said = {
        "attachmentId": str(one.id),
        "purpose": one.purpose,
        "filename": one.name,
        "description": one.description,
        "mimeType": one.media_type,
        "hash": _hash(one.content),
    }
    return {key: value for key, value in said.items() if value}


def payment(cents: int, *, reference: str, transaction: str, method: str, status: str = "BOOKED") -> dict[str, Any]:
    """`grossAmount` stays a decimal: as a float, 19.99 is no multiple of 0.01 for many validators."""
    return {
        "transactionReference": reference,
        "transactionId": transaction,
        "paymentMethod": method,
        "status": status,
        "grossAmount": Decimal(cents).scaleb(-2),
    }


def canonical(value: Any) -> bytes:
    """JSON in UTF-8, keys sorted, decimals as numbers with the digits they have."""
    return _dump(value).encode()


def _dump(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(key, ensure_ascii=False)}:{_dump(value[key])}" for key in sorted(value))
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def answer_data(
    definition: FormDefinition, answers: Mapping[str, Any], *, version: int, today: dt.date
) -> dict[str, Any]:
    """{"form", "version", "answers": {name: answer}, "fim": {path: answer}} - the latter for imported questions."""
    values = evaluate(definition, answers, today=today).values
    questions = [item for page in definition.pages for item in page.questions]
    said = {item.name: values[item.name] for item in questions if item.name in values}
    # What the import asks around an element (an opener, a choice) is no answer of FIM.
    known = [item for item in questions if item.fim and item.fim.role == "element" and item.name in values]
    data: dict[str, Any] = {"form": definition.form, "version": version, "answers": said}
    if definition.fim:
        data["schema"] = f"{definition.fim.schema_id}V{definition.fim.version}"
        data["fim"] = {item.fim.path: _by_path(item, values[item.name]) for item in known if item.fim}
    return data


def _by_path(item: f.Question, value: Any) -> Any:
    """Rows of a list speak of FIM paths too."""
    if not isinstance(item, f.RepeatingField):
        return value
    paths = {member.name: member.fim.path for member in item.members if member.fim}
    return [{paths.get(name, name): answer for name, answer in row.items()} for row in value]


def answers_schema(definition: FormDefinition, version: int) -> dict[str, Any]:
    """JSON Schema (2020-12) of answer_data(): what the receiver may rely on."""
    named = {item.name: _value_schema(item) for page in definition.pages for item in page.questions}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": str(definition.title),
        "type": "object",
        "required": ["form", "version", "answers"],
        "properties": {
            "form": {"const": definition.form},
            "version": {"const": version},
            "schema": {"type": "string"},
            "answers": {"type": "object", "properties": named, "additionalProperties": False},
            "fim": {"type": "object"},
        },
        "additionalProperties": False,
    }


def _value_schema(item: f.Question) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": str(item.row_label)}
    match item:
        case f.BooleanField() | f.DeclarationField():
            return {**schema, "type": "boolean"}
        case f.IntegerField():
            return {**schema, "type": "integer", "minimum": item.minimum, "maximum": item.maximum}
        case f.MoneyField():
            return {**schema, "type": "integer", "description": "Cent"}
        case f.DateField():
            return {**schema, "type": "string", "format": "date"}
        case f.ChoiceField():
            return {**schema, "enum": [choice.value for choice in item.choices]}
        case f.MultiChoiceField():
            one = {"enum": [choice.value for choice in item.choices]}
            most = len(item.choices) if item.maximum is None else item.maximum
            return {**schema, "type": "array", "items": one, "minItems": item.minimum, "maxItems": most}
        case f.FileField():
            return {**schema, "type": "array", "items": {"type": "string"}}
        case f.RepeatingField():
            members = {member.name: _value_schema(member) for member in item.members}
            row = {"type": "object", "properties": members, "additionalProperties": False}
            return {**schema, "type": "array", "items": row, "maxItems": item.maximum}
    return {**schema, "type": "string"}
