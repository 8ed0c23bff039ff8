"""The slot chooser as a form: which week, which times, and what became of the wish."""

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from appointments import queries
from appointments.actions import BookingRefused
from appointments.models import Appointment, Offering
from appointments.queries import Week
from portal.common import clock

CHOOSE = _lazy("Wählen Sie eine Uhrzeit aus.")
FROM_THE_LIST = _lazy("Wählen Sie eine Uhrzeit aus der Liste aus.")


class StartField(forms.Field):
    """A start as its radio button sends it, e.g. 2026-12-01T08:30:00+00:00 -> aware datetime.

    Only the form of the value is judged here. Whether the time is on offer, and free, is for actions.book to say.
    """

    widget = forms.RadioSelect
    default_error_messages = {"required": CHOOSE, "invalid": FROM_THE_LIST}

    def to_python(self, value: Any) -> dt.datetime | None:
        if value in self.empty_values:
            return None
        try:
            moment = dt.datetime.fromisoformat(str(value))
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        if moment.tzinfo is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return moment.astimezone(dt.UTC)


@dataclass(frozen=True)
class Choice:
    """One radio button; `id` counts through the page so that the error summary finds the first one (F31)."""

    id: str
    value: str
    start: dt.datetime  # local time
    checked: bool


@dataclass(frozen=True)
class Group:
    """One fieldset: the times of a day, or (day None) the alternatives to a time that was taken."""

    day: dt.date | None
    choices: tuple[Choice, ...]


class SlotForm(forms.Form):
    """Choose a free start. Rendered by templates/appointments/_slots.html; pass it as `form`.

    cleaned_data: `start` (aware, UTC) and `key` (for idempotency_key: the same for a double click, new with each page).
    When actions.book or actions.rebook refuses, give the exception to refuse(): it becomes the error of the field, and
    the alternatives become the first choices.
    """

    use_required_attribute = False
    start = StartField(label=_lazy("Uhrzeit"))
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(
        self,
        offering: Offering,
        first_day: dt.date,
        data: Any = None,
        *,
        moving: Appointment | None = None,
        **kwargs: Any,
    ):
        super().__init__(data, **kwargs)
        self.offering = offering
        self.week: Week = queries.week(offering, first_day, without=moving)
        self.alternatives: list[dt.datetime] = []
        self.fields["key"].initial = clock.token(16)

    def clean_key(self) -> str:
        """A page whose hidden field was lost still works; it is only not safe against a double click."""
        return self.cleaned_data["key"] or clock.token(16)

    def refuse(self, refused: BookingRefused) -> None:
        self.alternatives = refused.alternatives
        self.add_error("start", refused.sentence)

    @property
    def nothing_free(self) -> bool:
        """Not one time in the whole period (F35)."""
        return not (self.week.days or self.week.earlier or self.week.later or self.alternatives)

    @property
    def groups(self) -> list[Group]:
        """The fieldsets in order. A time stands on the page once."""
        days: list[tuple[dt.date | None, Sequence[dt.datetime]]] = [(day.date, day.starts) for day in self.week.days]
        days.insert(0, (None, [clock.local(start) for start in self.alternatives]))
        shown: set[dt.datetime] = set()
        ids, groups = itertools.count(), []
        for day, starts in days:
            choices = tuple(self._choice(start, next(ids)) for start in starts if start not in shown)
            shown.update(starts)
            if choices:
                groups.append(Group(day, choices))
        return groups

    def _choice(self, start: dt.datetime, index: int) -> Choice:
        value = start.astimezone(dt.UTC).isoformat()
        return Choice(f"id_start_{index}", value, start, self["start"].value() == value)
