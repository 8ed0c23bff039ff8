"""All that the house holds about one person, as a ZIP of JSON and files (GDPR, articles 15 and 20).

Made piece by piece while it is sent: no copy lies anywhere, and a person's hundred files need no memory.
"""

import datetime as dt
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from portal.accounts.models import User
from portal.common import clock
from portal.common.crypto import KeyDestroyed
from portal.common.pieces import Pipe
from portal.documents import store
from portal.documents.models import StoredFile
from portal.home.account import dossier_parts


def stream(user: User) -> Iterator[bytes]:
    """The archive in pieces. Raises crypto.CannotOpen and store errors where bytes were changed."""
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in dossier_parts.PARTS.items():
            archive.writestr(f"{name}.json", _json(part(user)))
            yield pipe.take()
        for path, stored in dossier_parts.files(user):
            for _ in _pack(archive, path, stored):
                yield pipe.take()
    yield pipe.take()


def _pack(archive: zipfile.ZipFile, path: str, stored: StoredFile) -> Iterator[None]:
    """Writes one file; stops after each piece, so that it can be sent."""
    with archive.open(path, "w", force_zip64=True) as target:
        for piece in _pieces(stored):
            target.write(piece)
            yield


def _pieces(stored: StoredFile) -> Iterator[bytes]:
    if not stored.can_open:
        yield dossier_parts.LOCKED.encode()
        return
    try:
        yield from store.chunks(stored)
    except KeyDestroyed:
        yield dossier_parts.GONE.encode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)


def file_name(at: dt.datetime) -> str:
    return f"meine-daten-{clock.local(at):%Y-%m-%d}.zip"
