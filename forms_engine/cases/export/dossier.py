"""Everything in a case file, opened: what both formats write. The caller answers for who receives it."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from forms_engine.cases import parties, queries, rules
from forms_engine.cases.models import Case, CaseEvent
from forms_engine.submissions import queries as answers
from mailbox import queries as mailbox
from portal.documents.models import StoredFile

ENDINGS = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tiff",
    "text/plain": "txt",
    "application/json": "json",
    "message/rfc822": "eml",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}


@dataclass(frozen=True)
class Document:
    """One document: either a stored file or a few bytes made for the export."""

    id: uuid.UUID
    title: str
    kind: str  # "Antrag", "Anlage", "Unterlage", "Bescheid", "Nachricht"
    media_type: str
    at: dt.datetime
    stored: StoredFile | None = None
    data: bytes = b""
    archival: bool = False  # PDF/A made by ourselves
    missing: str = ""  # why its content is not here

    @property
    def file_name(self) -> str:
        """The name in the package: UUID and ending, as xdomea wants it."""
        return f"{self.id}.{ENDINGS.get(self.media_type, 'bin')}"


@dataclass(frozen=True)
class Dossier:
    case: Case
    documents: tuple[Document, ...]
    history: tuple[tuple[dt.datetime, str, str], ...]  # when, who, what
    sender: str
    city: str
    kept_until: dt.date | None
    basis: str


def of(case: Case) -> Dossier:
    """Open a case file. Raises crypto.KeyDestroyed after its disposal."""
    documents = (_application(case), *_files(case), *_handed_in(case), *_papers(case), *_letters(case))
    end = getattr(case, "disposal", None)
    return Dossier(
        case=case,
        documents=documents,
        history=tuple(_history(case)),
        sender=rules.sender(case),
        city=str(settings.CITY["name"]),
        kept_until=end.until if end else None,
        basis=end.basis if end else "",
    )


def _history(case: Case) -> Iterator[tuple[dt.datetime, str, str]]:
    titles = {kind: str(title) for kind, (title, _text) in queries.EVENT_TEXT.items()} | queries.CLERK_TITLES
    for event in CaseEvent.objects.filter(case=case).order_by("id"):
        yield event.at, event.actor, titles.get(event.kind, event.kind)


def _application(case: Case) -> Document:
    facts: dict[str, Any] = {"number": case.number, "form": case.form_slug, "title": case.title}
    facts["sections"] = [
        {
            "title": str(part.title),
            "rows": [{"label": str(row.label), "value": str(row.value_text)} for row in part.rows],
        }
        for part in answers.sections(case.submission)
    ]
    facts["parties"] = [parties.plain(party.said) for party in parties.of(case)]
    data = json.dumps(facts, ensure_ascii=False, indent=1).encode()
    title = f"{'Meldung' if case.is_report else 'Antrag'}: {case.title}"
    return Document(case.submission.public_id, title, "Antrag", "application/json", case.received_at, data=data)


def _files(case: Case) -> Iterator[Document]:
    for file in queries.files(case):
        yield _stored(file.public_id, file.name, "Anlage", case.received_at, file.stored)


def _handed_in(case: Case) -> Iterator[Document]:
    for held in case.documents.select_related("stored").order_by("id"):
        name = case.envelope.open(held.name_sealed, case.place(f"document:{held.public_id}")).decode()
        yield _stored(held.public_id, name, "Unterlage", held.added_at, held.stored)


def _papers(case: Case) -> Iterator[Document]:
    for paper in reversed(queries.papers(case, withdrawn=True)):
        if paper.stored is not None and paper.issued_at is not None:
            found = _stored(
                paper.stored.public_id, f"{paper.name} {case.number}", "Bescheid", paper.issued_at, paper.stored
            )
            yield Document(**{**vars(found), "archival": True})


def _letters(case: Case) -> Iterator[Document]:
    for letter in mailbox.thread_messages(case.thread):
        words = f"Von: {letter.sender}\nBetreff: {letter.subject}\n\n{letter.body}\n"
        name, kind = letter.subject, "text/plain"
        yield Document(letter.public_id, name, "Nachricht", kind, letter.created_at, data=words.encode())


def _stored(key: uuid.UUID, name: str, kind: str, at: dt.datetime, stored: StoredFile) -> Document:
    """What is locked or not scanned yet is named and not handed on."""
    missing = "" if stored.can_open else "gesperrt" if stored.is_infected else "noch nicht auf Viren geprüft"
    return Document(key, name, kind, stored.media_type, at, stored=stored, missing=missing)
