"""Stored files on their way to a person: decrypted piece by piece, never shown inside our own origin."""

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
    if not stored.can_open:
        raise Http404
    try:
        pieces = store.chunks(stored)
        first = next(pieces, b"")  # whatever is wrong with the file shows here, before the answer has begun
    except KeyDestroyed:
        raise Http404 from None
    response = StreamingHttpResponse(itertools.chain([first], pieces), content_type=stored.media_type)
    response["Content-Length"] = str(stored.size)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
