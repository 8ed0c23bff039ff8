"""Verbs of the register of issued documents."""

import datetime as dt

from django.db import transaction

from portal.audit import actions as audit
from portal.common import clock, references, rows
from portal.documents.models import IssuedDocument


class CodeTaken(Exception):
    """This code already stands for another document."""


def new_code() -> str:
    """A code to print on a document before it exists; hand it to register_document() once the file is sealed."""
    return references.readable_code()


def register_document(
    *,
    kind: str,
    number: str,
    issued_at: dt.datetime,
    sha256: str,
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
    code: str = "",
) -> IssuedDocument:
    """Make a sealed file known to the check page, in the caller's transaction.

    `sha256` is that of the sealed bytes, `code` the one printed on them (from new_code(); none: a new one).
    The same code with the same file twice yields the first row. Raises CodeTaken for another file.
    """
    fresh = IssuedDocument(
        code=code or new_code(),
        kind=kind,
        number=number,
        issued_at=issued_at,
        sha256=sha256,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    with transaction.atomic(savepoint=False):
        if rows.insert_once(fresh):
            audit.record("document.registered", f"document:{fresh.code}", "system:documents", number=number)
            return fresh
    document = IssuedDocument.objects.get(code=fresh.code)
    if document.sha256 != sha256:
        raise CodeTaken(f"Der Prüfcode {code} gehört schon zu einem anderen Dokument.")
    return document


def withdraw_document(code: str, *, by: str = "system:documents", replaced: bool = False) -> bool:
    """Say on the check page that the document no longer counts. False when it was withdrawn before.

    `replaced`: because a newer one took its place. `by` is the public id of a user. Raises IssuedDocument.DoesNotExist
    for an unknown code.
    """
    with transaction.atomic():
        standing = IssuedDocument.objects.filter(code=code, withdrawn_at=None)
        changed = standing.update(withdrawn_at=clock.now(), replaced=replaced)
        if not changed:
            IssuedDocument.objects.get(code=code)
            return False
        audit.record("document.replaced" if replaced else "document.withdrawn", f"document:{code}", by)
    return True
