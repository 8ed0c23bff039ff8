"""The states of an issue and of one mail of it, and the only function that writes them."""

from collections.abc import Mapping
from typing import Any

from django.db import models


class IssueState(models.TextChoices):
    DRAFT = "draft", "Entwurf"
    REVIEW = "review", "wartet auf Freigabe"
    APPROVED = "approved", "freigegeben"
    PUBLISHED = "published", "erschienen"


class DispatchState(models.TextChoices):
    QUEUED = "queued", "wartet"
    SENDING = "sending", "wird versandt"
    SENT = "sent", "versandt"
    FAILED = "failed", "nicht zustellbar"
    DROPPED = "dropped", "vorher abbestellt"


State = IssueState | DispatchState
ALLOWED: Mapping[State, frozenset[State]] = {
    IssueState.DRAFT: frozenset({IssueState.REVIEW}),
    IssueState.REVIEW: frozenset({IssueState.DRAFT, IssueState.APPROVED}),
    IssueState.APPROVED: frozenset({IssueState.DRAFT, IssueState.PUBLISHED}),
    IssueState.PUBLISHED: frozenset(),
    DispatchState.QUEUED: frozenset({DispatchState.SENDING}),
    # To itself: a claim whose lease ran out is taken over.
    DispatchState.SENDING: frozenset(DispatchState),
    DispatchState.SENT: frozenset({DispatchState.FAILED}),  # it came back later (bounces.py)
    DispatchState.FAILED: frozenset(),
    DispatchState.DROPPED: frozenset(),
}


class IllegalTransition(Exception):
    """The code asked for a step that the state machine does not know."""


def advance(rows: models.QuerySet[Any], origin: State, target: State, **fields: object) -> int:
    """Move those of `rows` that are still in `origin` to `target`; how many moved. One conditional UPDATE: `rows` may
    filter by own columns only. Raises IllegalTransition."""
    if target not in ALLOWED[origin]:
        raise IllegalTransition(f"{origin} -> {target}")
    return rows.filter(state=origin).update(state=target, **fields)
