"""Reads for pages and lists."""

from forms_engine.definitions import translate
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.models import FormVersion, VersionState
from portal.common import languages


def current_version(slug: str) -> FormVersion:
    """The newest published version of a form. Raises FormVersion.DoesNotExist."""
    return (
        FormVersion.objects.select_related("form")
        .filter(form__slug=slug, state=VersionState.PUBLISHED)
        .order_by("-number")[:1]
        .get()
    )


def shown(version: FormVersion) -> FormDefinition:
    """The definition in the language of the answer, German if it does not declare that."""
    return translate.in_language(version.definition, languages.current())


def published_slugs() -> list[str]:
    """Forms that can be filled in now, e.g. ["bewohnerparkausweis"]."""
    rows = FormVersion.objects.filter(state=VersionState.PUBLISHED)
    return sorted(set(rows.values_list("form__slug", flat=True)))
