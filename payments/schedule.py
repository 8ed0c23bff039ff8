"""When to ask the provider again. Pure: values in, values out."""

import datetime as dt
from collections.abc import Sequence

# After the start of a payment, then daily: a direct debit can return for 13 months.
WHILE_LIVE = tuple(dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 360))
LIVE_FOR = dt.timedelta(days=425)
# After a payment ended without money: late success is rare, but it is somebody's money.
AFTER_END = (dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=7))
DAY = dt.timedelta(days=1)
BELL_FOR = dt.timedelta(days=1)


def _next(start: dt.datetime, steps: Sequence[dt.timedelta], now: dt.datetime) -> dt.datetime | None:
    return next((start + step for step in steps if start + step > now), None)


def next_look(created_at: dt.datetime, ended_at: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    """The first planned moment after `now`, or None when nothing more is to be expected."""
    if ended_at is not None:
        return _next(ended_at, AFTER_END, now)
    planned = _next(created_at, WHILE_LIVE, now)
    if planned is not None:
        return planned
    return now + DAY if now - created_at < LIVE_FOR else None


def bell_due(tries: int, now: dt.datetime) -> dt.datetime:
    """When to follow a bell again whose look failed: 1, 2, 4 ... minutes, at most an hour."""
    return now + min(dt.timedelta(minutes=2 ** min(tries, 6)), dt.timedelta(hours=1))


def after_silence(planned: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """A look that got no answer is repeated in ten minutes, or as planned if that is sooner."""
    soon = now + dt.timedelta(minutes=10)
    return min(planned, soon) if planned is not None else soon
