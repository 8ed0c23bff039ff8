"""The states of a notice and the only function that writes them."""

from collections.abc import Mapping
from typing import Any

from django.db import models


class NoticeState(models.TextChoices):
    QUEUED = "queued", "wartet"
    SENDING = "sending", "wird versandt"
    SENT = "sent", "versandt"
    FAILED = "failed", "nicht zustellbar"
    DROPPED = "dropped", "entfallen"


ALLOWED: Mapping[NoticeState, frozenset[NoticeState]] = {
    # Dropped: read before its reminder, withdrawn, or the account is gone.
    NoticeState.QUEUED: frozenset({NoticeState.SENDING, NoticeState.DROPPED}),
    # To itself: a claim whose lease ran out is taken over.
    NoticeState.SENDING: frozenset(NoticeState),
    NoticeState.SENT: frozenset(),
    NoticeState.FAILED: frozenset({NoticeState.QUEUED}),
    NoticeState.DROPPED: frozenset(),
}


class IllegalTransition(Exception):
    """The code asked for a step that the state machine does not know."""


def advance(rows: models.QuerySet[Any], origin: NoticeState, target: NoticeState, **fields: object) -> int:
    """Move those of `rows` that are still in `origin` to `target`. Returns how many moved: announce only those.

    One conditional UPDATE; `rows` may filter by the notice's own columns only (a join would hide a parallel change).
    Raises IllegalTransition.
    """
    if target not in ALLOWED[origin]:
        raise IllegalTransition(f"{origin} -> {target}")
    return rows.filter(state=origin).update(state=target, **fields)
