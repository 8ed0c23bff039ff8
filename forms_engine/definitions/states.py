"""The life of a version. advance() is the only writer of its state; the database refuses what contradicts it."""

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from forms_engine.definitions.models import FormVersion


class VersionState(models.TextChoices):
    DRAFT = "draft", "Entwurf"
    REVIEW = "review", "in Prüfung"
    APPROVED = "approved", "freigegeben, Termin steht"
    PUBLISHED = "published", "veröffentlicht"
    WITHDRAWN = "withdrawn", "zurückgezogen"


ALLOWED: dict[str, frozenset[str]] = {
    VersionState.DRAFT: frozenset({VersionState.REVIEW, VersionState.PUBLISHED}),  # the command publishes at once
    VersionState.REVIEW: frozenset({VersionState.DRAFT, VersionState.APPROVED, VersionState.PUBLISHED}),
    VersionState.APPROVED: frozenset({VersionState.DRAFT, VersionState.PUBLISHED}),
    VersionState.PUBLISHED: frozenset({VersionState.WITHDRAWN}),
    VersionState.WITHDRAWN: frozenset(),
}


class WrongState(Exception):
    """The version is not (or no longer) in a state that allows this; nothing was changed."""


def advance(version: "FormVersion", to: VersionState, **fields: object) -> None:
    """Change the state and what goes with it in one conditional statement. Raises WrongState."""
    sources = [state for state, targets in ALLOWED.items() if to in targets]
    rows = type(version).objects.filter(pk=version.pk, state=version.state, state__in=sources)
    if not rows.update(state=to, **fields):
        raise WrongState(f"{version}: {version.state} -> {to}")
    version.state = to
    for name, value in fields.items():
        setattr(version, name, value)
