"""Reads for pages and lists."""

from forms_engine.definitions.models import Form, FormVersion, VersionState


def current_version(slug: str) -> FormVersion:
    """The newest published version of a form. Raises FormVersion.DoesNotExist."""
    return (
        FormVersion.objects.select_related("form")
        .filter(form__slug=slug, state=VersionState.PUBLISHED)
        .order_by("-number")[:1]
        .get()
    )


def published_slugs() -> list[str]:
    """Forms that can be filled in now, e.g. ["bewohnerparkausweis"]."""
    rows = FormVersion.objects.filter(state=VersionState.PUBLISHED)
    return sorted(set(rows.values_list("form__slug", flat=True)))


def choices() -> list[tuple[str, str]]:
    """Slug and title of every form that can be filled in now, by title."""
    rows = Form.objects.filter(versions__state=VersionState.PUBLISHED).order_by("title").distinct()
    return list(rows.values_list("slug", "title"))
