"""Stored files on their way to a person: decrypted piece by piece, and not able to do anything in our own origin."""

import itertools

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header

from portal.common.crypto import KeyDestroyed
from portal.documents import store
from portal.documents.models import StoredFile


def attachment(stored: StoredFile, name: str) -> StreamingHttpResponse:
    """A download (RFC 6266) of a file that the caller was allowed to see.

    Raises Http404 after its disposal, and as long as no scan has found it clean.
    """
    response = _sent(stored)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# What browsers show by themselves, and the policy each is shown under. Viewers of PDF refuse a sandbox; they run apart
# from the page, and scripts in a PDF reach nothing of it.
_FRAMED = "frame-ancestors 'self'"
SHOWN = {
    "image/jpeg": f"default-src 'none'; sandbox; {_FRAMED}",
    "image/png": f"default-src 'none'; sandbox; {_FRAMED}",
    "application/pdf": f"default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; {_FRAMED}",
}


def inside(stored: StoredFile) -> StreamingHttpResponse:
    """The same for a page of our own that shows the file beside something. Raises Http404 for other kinds, too."""
    if stored.media_type not in SHOWN:
        raise Http404
    response = _sent(stored)
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = SHOWN[stored.media_type]
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _sent(stored: StoredFile) -> StreamingHttpResponse:
    if not stored.can_open:
        raise Http404
    try:
        pieces = store.chunks(stored)
        first = next(pieces, b"")  # whatever is wrong with the file shows here, before the answer has begun
    except KeyDestroyed:
        raise Http404 from None
    response = StreamingHttpResponse(itertools.chain([first], pieces), content_type=stored.media_type)
    response["Content-Length"] = str(stored.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
