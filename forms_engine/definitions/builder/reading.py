"""Reads for the builder's pages: what is online, what is new, what is wrong."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from forms_engine.definitions import diff, findings, queries, replay, schema
from forms_engine.definitions.models import Form, FormVersion, Pause
from forms_engine.definitions.states import VersionState
from portal.accounts.models import User
from portal.common import clock


@dataclass(frozen=True)
class Summary:
    """What the linter and the test data say about a version."""

    errors: Sequence[findings.Finding]
    warnings: Sequence[findings.Finding]
    failed: Sequence[str]  # sentences of the replay
    cases: int


@dataclass(frozen=True)
class Line:
    """One form in the list."""

    form: Form
    work: FormVersion | None
    online: FormVersion | None


@functools.lru_cache(maxsize=64)
def findings_of(source: str) -> tuple[findings.Finding, ...]:
    """Equal text has the same findings. Raises schema.DefinitionError."""
    return tuple(findings.of(schema.load(source)))


def summary(version: FormVersion) -> Summary:
    found = findings_of(version.source)
    cases = queries.replay_cases(version.form)
    return Summary(
        errors=[entry for entry in found if entry.blocks],
        warnings=[entry for entry in found if not entry.blocks],
        failed=replay.replay(version.definition, cases),
        cases=len(cases),
    )


def online(form: Form) -> FormVersion | None:
    try:
        return queries.current_version(form.slug)
    except FormVersion.DoesNotExist:
        return None


def is_survey(form: Form) -> bool:
    """Whether the form that citizens saw last is one, also if it was withdrawn: its results stay."""
    newest = queries.last_online(form.slug)
    return newest is not None and newest.definition.is_survey


def changes(form: Form, work: FormVersion | None) -> list[diff.Change] | None:
    """What the version in work changes; None if there is nothing to compare."""
    published = online(form)
    if work is None or published is None:
        return None
    return diff.changes(published.definition, work.definition)


def wrote(version: FormVersion, user: User) -> bool:
    return version.author_id == user.pk or version.writers.filter(pk=user.pk).exists()


def pauses(form: Form) -> QuerySet[Pause]:
    """Maintenance that goes on or is to come."""
    return form.pauses.filter(ends_at__gt=clock.now()).select_related("author").order_by("starts_at")


def lines(forms: QuerySet[Form]) -> list[Line]:
    """Each form with what is in work and what is online, by title. Two statements, however many forms."""
    rows = list(forms.order_by("title"))
    versions = FormVersion.objects.filter(form__in=rows).defer("source").order_by("form_id", "number")
    work: dict[int, FormVersion] = {}
    seen: dict[int, FormVersion] = {}
    for version in versions:
        held = seen if version.state in queries.SEEN_BY_CITIZENS else work
        held[version.form_id] = version
    current = {pk: version for pk, version in seen.items() if version.state == VersionState.PUBLISHED}
    return [Line(form, work.get(form.pk), current.get(form.pk)) for form in rows]
