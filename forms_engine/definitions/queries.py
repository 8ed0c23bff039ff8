"""Reads for pages and lists."""

from forms_engine.definitions.models import FormVersion, VersionState


def current_version(slug: str) -> FormVersion:
    """The newest published version of a form. Raises FormVersion.DoesNotExist."""
    return (
        FormVersion.objects.select_related("form")
        .filter(form__slug=slug, state=VersionState.PUBLISHED)
        .order_by("-number")[:1]
        .get()
    )
