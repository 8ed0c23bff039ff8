"""Files from a form without a script: multipart, written into the room's sealed records as they come off the wire.

How long a file is, nobody knows before its end; the length of the request is what the room keeps free for it.
"""

import contextlib
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from mailbox.exchange import actions, uploads
from mailbox.exchange.access import Visitor
from mailbox.exchange.models import Upload
from mailbox.exchange.records import RECORD
from mailbox.exchange.vault import About


class RoomUploadHandler(FileUploadHandler):
    """Each file becomes an upload of `visitor`. `arrived`: those that are all here; `refused`: how many were not taken.

    Nothing is a file of the room before the view has said so (uploads.finish): whoever sent a form without its token
    leaves nothing behind.
    """

    chunk_size = RECORD

    def __init__(self, request: HttpRequest, visitor: Visitor):
        super().__init__(request)
        self._visitor, self._length = visitor, 0
        self._upload: Upload | None = None
        self._stream: uploads.Stream | None = None
        self._open = contextlib.ExitStack()
        self.arrived: list[Upload] = []
        self.refused: list[str] = []

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        self._length = content_length

    def new_file(self, field_name: str, file_name: str, content_type: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, content_type, *args, **kwargs)
        if self.arrived or self.refused:  # one file a form: what it keeps free is the length of the whole request
            raise SkipFile
        try:
            self._upload = uploads.create(self._visitor, About(file_name, content_type or ""), max(1, self._length))
            self._stream = self._open.enter_context(uploads.writing(self._upload))
        except (uploads.TooMuch, uploads.Gone, actions.Ended):
            self._upload = None
            self.refused.append(file_name)
            raise SkipFile from None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._stream is not None:
            self._stream.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self._upload is None or self._stream is None:
            return None
        self._stream.keep()
        self.arrived.append(self._upload)
        self._close()
        return None

    def upload_interrupted(self) -> None:
        if self._upload is not None:
            self._close()

    def _close(self) -> None:
        self._open.close()
        self._upload = self._stream = None
