"""Takes uploads off the wire within limits, for every view of the house (settings.FILE_UPLOAD_HANDLERS).

A file over the limit is dropped while it arrives and noted; the rest of the request is still read, so that the page
can answer with a sentence and with all other answers kept. Nothing is written under a name: what does not fit into
memory goes to a file without a name that is gone when the process is.
"""

import tempfile
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest

MAX_FILES = 50  # in one request; a form names its own, smaller number
_REQUEST_FACTOR = 25  # beyond 25 times the limit for one file it is no form any more: the line is cut


@dataclass(frozen=True)
class Dropped:
    """One file that was not kept. `cause` is "size" or "count"."""

    field: str
    name: str
    cause: str


class QuotaUploadHandler(FileUploadHandler):
    def __init__(self, request: HttpRequest | None = None):
        super().__init__(request)
        self.dropped: list[Dropped] = []
        self._length = self._files = self._file_bytes = 0
        self._spool: tempfile.SpooledTemporaryFile[bytes] | None = None

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        self._length = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._files += 1
        self._file_bytes = 0
        if self._length > _REQUEST_FACTOR * settings.UPLOAD_MAX_BYTES:
            self.dropped.append(Dropped(str(self.field_name), str(self.file_name), "size"))
            raise StopUpload(connection_reset=True)
        if self._files > MAX_FILES:
            self._drop("count")
        self._spool = tempfile.SpooledTemporaryFile(settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115 - lives on

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._file_bytes += len(raw_data)
        if self._file_bytes > settings.UPLOAD_MAX_BYTES:
            self._drop("size")
        if self._spool:
            self._spool.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self._spool is None:
            return None
        spool, self._spool = self._spool, None
        spool.seek(0)
        return UploadedFile(
            cast(Any, spool), self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )

    def upload_interrupted(self) -> None:
        if self._spool:
            self._spool.close()
            self._spool = None

    def _drop(self, cause: str) -> None:
        self.upload_interrupted()
        self.dropped.append(Dropped(str(self.field_name), str(self.file_name), cause))
        raise SkipFile


def dropped(request: HttpRequest) -> list[Dropped]:
    """What the handler did not keep of this request. Reads the request's body if nobody has yet."""
    _ = request.FILES
    return [item for h in request.upload_handlers if isinstance(h, QuotaUploadHandler) for item in h.dropped]
