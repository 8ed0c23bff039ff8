"""Renders Django form fields in the markup of KERN UX by the F-rules (docs/forms.md)."""

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.core.serializers.json import DjangoJSONEncoder
from django.forms.boundfield import BoundField
from django.utils import formats, timezone
from django.utils.safestring import SafeString

from portal.common.formats import in_words

register = template.Library()
WIDTHS = (2, 4, 5, 10, 20, 30)


@dataclass(frozen=True)
class Problem:
    """One line of the error summary. `target` is the id of the control to jump to, "" if there is none."""

    target: str
    text: str


@register.filter
def widget_kind(field: BoundField) -> str:
    """Which markup a field gets: radio, checkboxes, checkbox, select, textarea, file, group or input."""
    kinds: list[tuple[type[forms.Widget], str]] = [
        (forms.CheckboxSelectMultiple, "checkboxes"),  # a subclass of RadioSelect, so it stands first
        (forms.RadioSelect, "radio"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Select, "select"),
        (forms.Textarea, "textarea"),
        (forms.FileInput, "file"),
        (forms.MultiWidget, "group"),
    ]
    return next((name for kind, name in kinds if isinstance(field.field.widget, kind)), "input")


@register.filter
def kern_widget(field: BoundField) -> SafeString:
    """The control with the classes of its kind, state and expected length (F21: `field.width` in characters)."""
    kind, wrong = widget_kind(field), bool(field.errors)
    base = {"select": "kern-form-input__select", "checkbox": "kern-form-check__checkbox"}.get(
        kind, "kern-form-input__input"
    )
    classes = [field.field.widget.attrs.get("class", ""), base, f"{base}--error" if wrong else "", width_class(field)]
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.filter
def width_class(field: BoundField) -> str:
    width = getattr(field.field, "width", None)
    return f"p-width-{next((w for w in WIDTHS if w >= width), WIDTHS[-1])}" if width else ""


@register.filter
def choice_hint(field: BoundField, value: object) -> str:
    """The hint below one choice: `choice_hints`, a dict of the form field from value to text."""
    return str(getattr(field.field, "choice_hints", {}).get(value, ""))


@register.filter
def is_heading(field: BoundField) -> bool:
    """Whether the label is the page's heading (F03): the form names the field in `heading_field`."""
    return getattr(field.form, "heading_field", None) == field.name


@register.filter
def error_target(field: BoundField) -> str:
    """The id of the first wrong control (F31): the first choice, the wrong part of a date, else the control."""
    kind = widget_kind(field)
    if kind in ("radio", "checkboxes"):
        return f"{field.auto_id}_0"
    if kind == "group":
        parts = next(((error.params or {}).get("parts") for error in field.errors.as_data()), None) or (0,)
        return f"{field.auto_id}_{parts[0]}"
    return str(field.id_for_label or field.auto_id)


@register.filter
def problems(source: Any) -> list[Problem]:
    """Every error of a form, a formset or a list of them, one per field, in the order of the page."""
    return list(_problems(source))


def _problems(source: Any) -> Iterator[Problem]:
    if isinstance(source, forms.BaseForm):
        for text in source.non_field_errors():
            yield Problem(getattr(source, "error_anchor", ""), str(text))
        for field in source:
            if field.errors:
                yield Problem(error_target(field), str(field.errors[0]))
    elif isinstance(source, forms.BaseFormSet):
        for text in source.non_form_errors():
            yield Problem("", str(text))
        yield from _problems(list(source.forms))
    elif isinstance(source, Iterable) and not isinstance(source, str):
        for part in source:
            yield from _problems(part)


@register.filter
def alert_kind(level: str) -> str:
    """Django's message level as one of the four kinds of an alert."""
    return {"error": "danger", "debug": "info"}.get(level, level or "info")


@register.filter
def get(values: Mapping[str, object], key: str) -> object:
    """A value by a key that only the template knows; "" without one."""
    return values.get(key, "")


@register.filter
def as_json(value: object) -> str:
    """For a data attribute that a script reads."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def machine_date(value: datetime.date) -> str:
    """For <time datetime>: local date, with the minute if there is one."""
    return formats.date_format(_local(value), "Y-m-d\\TH:iO" if isinstance(value, datetime.datetime) else "Y-m-d")


@register.filter
def day_or_moment(value: datetime.date) -> str:
    """ "3. März 2026" or, for a moment, "3. März 2026, 14:05 Uhr"."""
    return in_words(value, "moment" if isinstance(value, datetime.datetime) else "day")


@register.filter
def iso_date(value: str) -> str:
    """ "1985-04-03" as "3. April 1985"; anything else as it is."""
    try:
        return day_or_moment(datetime.date.fromisoformat(value))
    except ValueError:
        return value


def _local(value: datetime.date) -> datetime.date:
    return timezone.localtime(value) if isinstance(value, datetime.datetime) else value
