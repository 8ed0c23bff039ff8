"""The ways out of the house: a dict of dotted paths and one small Protocol.

Two ways need no parcel. "inbox" is mailbox.actions.post(): a row in our own database, exactly once. "email" is the
neutral notice (email.py): it points to the postbox and never announces anything. De-Mail has ended and is not built.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any, Protocol

from django.utils.module_loading import import_string

CHANNELS: dict[str, str] = {
    "letter": "mailbox.channels.letter.Letter",
    "bebpo": "mailbox.channels.bebpo.Bebpo",
    "fitconnect": "mailbox.channels.fitconnect.FitConnect",
}


@dataclasses.dataclass(frozen=True)
class Document:
    name: str
    media_type: str
    data: bytes


@dataclasses.dataclass(frozen=True)
class Parcel:
    """What is handed over. `key` is the same on every try: by it the other side knows a repetition. `at`: when it was
    ordered. `to` and `about`: as the channel's module describes them."""

    key: uuid.UUID
    at: dt.datetime
    to: Mapping[str, Any]
    about: Mapping[str, Any]
    documents: tuple[Document, ...]


@dataclasses.dataclass(frozen=True)
class Handed:
    """The other side has it, now or since an earlier try. `sha256`: of what was handed over, where it is one file."""

    reference: str
    sha256: str = ""


@dataclasses.dataclass(frozen=True)
class Refused:
    """It was not taken, or nobody knows. `error` is a class and a code, never content. Not `permanent`: try again."""

    permanent: bool
    error: str


class Channel(Protocol):
    def hand_over(self, parcel: Parcel) -> Handed | Refused:
        """Deliver one parcel. Slow; never inside a transaction. The same key again answers as the first time."""
        ...


def get(name: str) -> Channel:
    """The channel of that name. Raises KeyError."""
    made: Channel = import_string(CHANNELS[name])()
    return made
