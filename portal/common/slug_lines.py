"""Several rows chosen by their slugs, one a line: no script, easy to read aloud, as quick for ten thousand rows."""

from typing import Any, cast

from django import forms
from django.db import models


class SlugLines(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """What is typed: slugs, one a line, in any order; empty lines count for nothing.

    `cleaned_data` holds a queryset. An unknown slug is named in the error.
    """

    widget = forms.Textarea
    default_error_messages = {
        "invalid_choice": "Das Kürzel „%(value)s“ gibt es nicht. Prüfen Sie die Schreibweise.",
        "invalid_pk_value": "Das Kürzel „%(pk)s“ gibt es nicht. Prüfen Sie die Schreibweise.",
    }

    def __init__(self, queryset: models.QuerySet[Any], **options: Any) -> None:
        options.setdefault("help_text", "Je Zeile ein Kürzel, wie es in der Adresse der Seite steht.")
        super().__init__(queryset, to_field_name="slug", required=False, **options)
        self.widget.attrs.setdefault("rows", 6)

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return value
        return "\n".join(sorted(_slug(row) for row in value))

    def clean(self, value: Any) -> Any:
        slugs, rows = _lines(value), cast(models.QuerySet[Any], self.queryset)
        return self._check_values(slugs) if slugs else rows.none()  # type: ignore[attr-defined]  # Django's own check

    def has_changed(self, initial: Any, data: Any) -> bool:
        return {_slug(row) for row in initial or ()} != set(_lines(data))


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _slug(row: Any) -> str:
    return str(getattr(row, "slug", row))
