"""Messages to other authorities: HTTP towards the city's FIT-Connect sender, which has the keys, encrypts and signs.

`to`: {"destination"} (the id of the delivery point). `about`: {"service"} (LeiKa key).

PUT <url>/parcels/<key> with JSON {"destination", "service", "at", "documents": [{"name", "mediaType", "sha256",
"data" (Base64)}]}. Answers: 201 taken now, 200 the same parcel was taken before, 409 another content has that key, 4xx
never, 408, 425, 429 and 5xx later. The body names {"submission"}: the id in FIT-Connect. Whoever hears no answer asks
with the same PUT again.
GET <url>/parcels/<key> answers {"state": "sent" | "accepted" | "rejected", "at", "submission"}, 404 for an unknown key.
"""

import base64
import datetime as dt
import hashlib
import http.client
import json
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from mailbox.channels import Handed, Parcel, Refused

TIMEOUT = 20  # seconds
LARGEST = 100_000  # bytes of an answer
TRY_LATER = (408, 425, 429)
ACCEPTED, REJECTED = "accepted", "rejected"


@dataclass(frozen=True)
class Standing:
    """What the sender says of a parcel. `at` is aware."""

    state: str
    at: dt.datetime
    submission: str


class FitConnect:
    def hand_over(self, parcel: Parcel) -> Handed | Refused:
        """Put the parcel; the same key again is the same parcel."""
        if not settings.FITCONNECT_URL:
            return Refused(permanent=False, error="no sender configured")
        body = json.dumps(_body(parcel)).encode()
        try:
            said = _ask("PUT", parcel.key, body)
        except urllib.error.HTTPError as error:
            error.close()
            final = 400 <= error.code < 500 and error.code not in TRY_LATER
            return Refused(permanent=final, error=f"HTTP {error.code}")
        except (OSError, http.client.HTTPException, ValueError) as error:  # down, slow, or an answer nobody can read
            return Refused(permanent=False, error=type(error).__name__)
        return Handed(reference=str(said.get("submission", "")), sha256=hashlib.sha256(body).hexdigest())


def standing(key: uuid.UUID) -> Standing | None:
    """What became of a parcel; None if nobody can say now. Slow; never inside a transaction."""
    try:
        said = _ask("GET", key, None)
        at = dt.datetime.fromisoformat(said["at"])
        if at.tzinfo is None:
            return None
        return Standing(str(said["state"]), at, str(said.get("submission", ""))[:80])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None


def _body(parcel: Parcel) -> dict[str, Any]:
    return {
        "destination": str(parcel.to.get("destination", "")),
        "service": str(parcel.about.get("service", "")),
        "at": parcel.at.isoformat(),
        "documents": [
            {
                "name": document.name,
                "mediaType": document.media_type,
                "sha256": hashlib.sha256(document.data).hexdigest(),
                "data": base64.b64encode(document.data).decode(),
            }
            for document in parcel.documents
        ],
    }


def _ask(method: str, key: uuid.UUID, body: bytes | None) -> dict[str, Any]:
    address = f"{settings.FITCONNECT_URL.rstrip('/')}/parcels/{key}"
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    request = urllib.request.Request(address, body, headers, method=method)  # noqa: S310 - the operator's own address
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - the operator's own address
        said = json.loads(answer.read(LARGEST))
    if not isinstance(said, dict):
        raise ValueError("not an object")
    return said
