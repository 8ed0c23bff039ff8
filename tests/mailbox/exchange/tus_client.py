"""Speaks tus to Django's test client, header by header, so that tests can also say it wrong."""

import base64

from django.test import Client

from mailbox.exchange import scanning
from mailbox.exchange.models import RoomFile, Upload

BODY = "application/offset+octet-stream"


class TusClient:
    def __init__(self, client: Client, room):
        self.client, self.room = client, room
        self.collection = f"/austausch/tus/{room}/"

    def ask(self, method: str, path: str, data: bytes = b"", *, kind: str = BODY, tus: str | None = "1.0.0", **headers):
        """Headers as keywords: upload_offset=3. A value of None leaves one out."""
        sent = {"tus-resumable": tus} | {name.replace("_", "-"): value for name, value in headers.items()}
        said = {k: str(v) for k, v in sent.items() if v is not None}
        # Django's client leaves these two out where there is no body.
        always = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(data))}
        return self.client.generic(method, path, data, content_type=kind, headers=said, **always)

    def announce(self, length: int, name: str = "plan.pdf", **headers):
        metadata = f"filename {base64.b64encode(name.encode()).decode()}"
        return self.ask("POST", self.collection, **{"upload_length": length, "upload_metadata": metadata} | headers)

    def begin(self, length: int, name: str = "plan.pdf") -> str:
        """The path of a fresh upload."""
        answer = self.announce(length, name)
        assert answer.status_code == 201, answer.content
        return answer["Location"].removeprefix("http://testserver")

    def patch(self, path: str, offset: int, data: bytes, **headers):
        return self.ask("PATCH", path, data, upload_offset=offset, **headers)

    def head(self, path: str):
        return self.ask("HEAD", path)

    def upload(self, data: bytes, name: str = "plan.pdf") -> RoomFile:
        """A whole file in one go, not scanned yet."""
        path = self.begin(len(data), name)
        assert not data or self.patch(path, 0, data).status_code == 204
        return RoomFile.objects.get(upload__public_id=path.rpartition("/")[2])

    def clean(self, data: bytes, name: str = "plan.pdf") -> RoomFile:
        """Likewise, and found clean."""
        file = self.upload(data, name)
        assert scanning.scan(file.pk)
        file.refresh_from_db()
        return file


def row(path: str) -> Upload:
    return Upload.objects.select_related("room").get(public_id=path.rpartition("/")[2])
