"""Reads for the check page."""

from portal.documents.models import IssuedDocument


def by_code(code: str) -> IssuedDocument | None:
    return IssuedDocument.objects.filter(code=code).first()


def by_hash(sha256: str) -> IssuedDocument | None:
    """The document whose sealed file has this hash; a withdrawn one wins, should there be two."""
    return IssuedDocument.objects.filter(sha256=sha256).order_by("withdrawn_at", "id").first()
