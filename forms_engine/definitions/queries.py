"""Reads for pages and lists."""

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.html import format_html

from forms_engine.definitions import replay, translate
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.models import Form, FormVersion, Pause, ReplayCase
from forms_engine.definitions.states import VersionState
from portal.common import clock, languages

SEEN_BY_CITIZENS = (VersionState.PUBLISHED, VersionState.WITHDRAWN)


def _newest() -> QuerySet[FormVersion]:
    """Of each form the version that came last; a form whose newest was withdrawn is not online."""
    rows = FormVersion.objects.filter(state__in=SEEN_BY_CITIZENS)
    return rows.order_by("form_id", "-number").distinct("form_id")


def current_version(slug: str) -> FormVersion:
    """The version that can be begun now. Raises FormVersion.DoesNotExist."""
    newest = last_online(slug)
    if newest is None or newest.state != VersionState.PUBLISHED:
        raise FormVersion.DoesNotExist
    return newest


def offered(slug: str) -> FormDefinition | None:
    """What can be begun now under this slug; None if nothing can."""
    newest = last_online(slug) if slug else None
    return newest.definition if newest and newest.state == VersionState.PUBLISHED else None


def last_online(slug: str) -> FormVersion | None:
    """The newest version that citizens have seen, also if it was withdrawn."""
    rows = FormVersion.objects.select_related("form").filter(form__slug=slug, state__in=SEEN_BY_CITIZENS)
    return rows.order_by("-number").first()


def newer_than(version: FormVersion) -> FormVersion | None:
    """The version that a draft on an older one may move to, if there is one: a case becomes no survey on the way."""
    rows = FormVersion.objects.filter(form_id=version.form_id, number__gt=version.number, state__in=SEEN_BY_CITIZENS)
    newest = rows.select_related("form").order_by("-number").first()
    if newest is None or newest.state != VersionState.PUBLISHED:
        return None
    return newest if newest.definition.kind == version.definition.kind else None


def shown(version: FormVersion) -> FormDefinition:
    """The definition in the language of the answer, German if it does not declare that."""
    return translate.in_language(version.definition, languages.current())


def published_slugs() -> list[str]:
    """Forms that can be filled in now, e.g. ["bewohnerparkausweis"]."""
    rows = _newest().values_list("form__slug", "state")
    return sorted(slug for slug, state in rows if state == VersionState.PUBLISHED)


def choices() -> list[tuple[str, str]]:
    """Slug and title of every form that can be filled in now, by title; a title that is German only says so."""
    rows = Form.objects.filter(slug__in=published_slugs()).order_by("title")
    return [(form.slug, _said(form)) for form in rows]


def _said(form: Form) -> str:
    if languages.current() == languages.GERMAN or form.name != form.title:
        return str(form.name)
    return format_html('<span lang="de">{}</span>', form.title)


def pause_of(form: Form) -> Pause | None:
    """The maintenance that goes on now; of several the one that ends last."""
    now = clock.now()
    return form.pauses.filter(starts_at__lte=now, ends_at__gt=now).order_by("-ends_at").first()


def paused_until(form: str) -> Subquery:
    """For a query: the end of the maintenance that goes on now. `form` is the path to the form's id."""
    now = clock.now()
    rows = Pause.objects.filter(form=OuterRef(form), starts_at__lte=now, ends_at__gt=now)
    return Subquery(rows.order_by("-ends_at").values("ends_at")[:1])


def due() -> QuerySet[FormVersion]:
    """Approved versions whose moment has come, the longest waiting first."""
    return FormVersion.objects.filter(state=VersionState.APPROVED, publish_at__lte=clock.now()).order_by("publish_at")


def replay_cases(form: Form) -> list[replay.Case]:
    """The stored test data of a form, the oldest first."""
    return [replay.from_json(row.content) for row in ReplayCase.objects.filter(form=form).order_by("id")]


def in_work(form: Form) -> FormVersion | None:
    """The version that somebody writes, reviews or has approved for later; of several the newest."""
    states = [VersionState.DRAFT, VersionState.REVIEW, VersionState.APPROVED]
    rows = form.versions.filter(state__in=states).select_related("form", "author", "reviewer")
    return rows.order_by("-number").first()
