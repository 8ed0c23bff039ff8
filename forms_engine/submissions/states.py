"""The life of a draft. advance() is the only writer of its state."""

from typing import TYPE_CHECKING

from django.db import models

from portal.common import clock

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from forms_engine.submissions.models import Draft


class DraftState(models.TextChoices):
    OPEN = "open", "in Bearbeitung"
    SENT = "sent", "abgesendet"
    DISCARDED = "discarded", "gelöscht"


ALLOWED: dict[str, frozenset[str]] = {
    DraftState.OPEN: frozenset({DraftState.SENT, DraftState.DISCARDED}),
    DraftState.SENT: frozenset(),
    DraftState.DISCARDED: frozenset(),
}


class NotOpen(Exception):
    """The draft was sent or deleted before; nothing was changed."""


def advance(draft: "Draft", to: DraftState, *, among: "QuerySet[Draft] | None" = None) -> None:
    """Close an open draft and destroy its key in one statement. Raises NotOpen, also if it is not `among` those."""
    sources = [state for state, targets in ALLOWED.items() if to in targets]
    closed_at = clock.now()
    rows = (type(draft).objects.all() if among is None else among).filter(pk=draft.pk, state__in=sources)
    if not rows.update(state=to, wrapped_key=None, sealed=b"", closed_at=closed_at):
        raise NotOpen(f"{draft} -> {to}")
    draft.state, draft.wrapped_key, draft.sealed, draft.closed_at = to, None, b"", closed_at
