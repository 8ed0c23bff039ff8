"""Packages on disk: written under another name and renamed, so that a half one is never taken for a whole one."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from forms_engine.cases.export import xdomea
from forms_engine.cases.export.dossier import Document, Dossier
from portal.common import clock
from portal.documents import store


def as_xdomea(dossier: Dossier, folder: Path, schema: Path | None = None) -> tuple[Path, list[str]]:
    """One ZIP "<ProzessID>_Aussonderung.Aussonderung.0503.zip" with the message and the primary documents.

    Returns it and what the schema found. Raises OSError, xdomea.SchemaMissing, store.FileDamaged.
    """
    process = clock.uuid()
    written = xdomea.message(dossier, process, clock.now())
    found = xdomea.problems(written, schema) if schema else []
    return _zip(folder, f"{process}_{xdomea.MESSAGE}", f"{process}_{xdomea.MESSAGE}.xml", written, dossier), found


def as_json(dossier: Dossier, folder: Path) -> Path:
    """One ZIP "<file number>.zip" with vorgang.json and the documents. Raises OSError, store.FileDamaged."""
    case = dossier.case
    facts: dict[str, Any] = {
        "number": case.number,
        "form": case.form_slug,
        "title": case.title,
        "status": case.status,
        "received_at": case.received_at.isoformat(),
        "closed_at": case.closed_at.isoformat() if case.closed_at else None,
        "kept_until": dossier.kept_until.isoformat() if dossier.kept_until else None,
        "basis": dossier.basis,
        "history": [{"at": at.isoformat(), "actor": who, "what": what} for at, who, what in dossier.history],
        "documents": [_facts(document) for document in dossier.documents],
    }
    written = json.dumps(facts, ensure_ascii=False, indent=1).encode()
    return _zip(folder, case.number, "vorgang.json", written, dossier)


def _facts(document: Document) -> dict[str, str]:
    facts = {"id": str(document.id), "title": document.title, "kind": document.kind, "at": document.at.isoformat()}
    facts |= {"media_type": document.media_type}
    return facts | ({"missing": document.missing} if document.missing else {"file": document.file_name})


def _zip(folder: Path, name: str, entry: str, written: bytes, dossier: Dossier) -> Path:
    part, target = folder / f".{clock.uuid().hex}.part", folder / f"{name}.zip"
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
            _fill(raw, entry, written, [document for document in dossier.documents if not document.missing])
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _fill(raw: BinaryIO, entry: str, written: bytes, documents: list[Document]) -> None:
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(entry, written)
        for document in documents:
            _write(package, document)


def _write(package: zipfile.ZipFile, document: Document) -> None:
    with package.open(document.file_name, "w", force_zip64=True) as target:
        for piece in store.chunks(document.stored) if document.stored else (document.data,):
            target.write(piece)
