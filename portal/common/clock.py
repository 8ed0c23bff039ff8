"""The only source of time and randomness, so that tests can hold both still."""

import contextlib
import datetime as dt
import secrets  # noqa: TID251 - the one door
import uuid as uuids
from collections.abc import Iterator
from contextvars import ContextVar
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
_frozen: ContextVar[dt.datetime | None] = ContextVar("frozen", default=None)


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or dt.datetime.now(dt.UTC)  # noqa: TID251 - the one door


def today() -> dt.date:
    """The calendar day in Munich, which is not the UTC day for an hour or two each night."""
    return local(now()).date()


def local(moment: dt.datetime) -> dt.datetime:
    """The same moment on a Munich wall clock."""
    return moment.astimezone(BERLIN)


def token(nbytes: int = 32) -> str:
    """An unguessable URL-safe string of nbytes * 8 bits."""
    return secrets.token_urlsafe(nbytes)


def random_bytes(count: int) -> bytes:
    return secrets.token_bytes(count)


def uuid() -> uuids.UUID:
    """A random public id; tells nothing about order or number."""
    return uuids.uuid4()


@contextlib.contextmanager
def frozen(moment: dt.datetime) -> Iterator[None]:
    """Hold the clock at an aware moment (tests, replays)."""
    if moment.tzinfo is None:
        raise ValueError("frozen() needs an aware datetime")
    reset = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(reset)
