"""Form fields for days and times, typed into parts (rule F16): dates, partly known dates, a day with a time."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from forms_engine.definitions import validators
from forms_engine.definitions.checks import DATE_CHECKS
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.validators import Wrong
from portal.common import dates, formats


class DateAnswer(dates.DateField):
    """Three-part date with the checks of its question; cleans to an ISO string."""

    def __init__(self, *, item: f.DateField | f.DateTimeField, today: dt.date, **kwargs: Any):
        self.item, self.today = item, today
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        try:
            day = super().clean(value)
        except ValidationError as error:
            raise _as_sentence(error) from None
        if day:
            self._judge(day)
        if day and isinstance(self.item, f.DateField):
            self._within(day.isoformat())
        return day.isoformat() if day else None

    def _within(self, answer: str) -> None:
        """Between the first and the last answer that may be given."""
        if self.item.allows(answer):
            return
        early = self.item.earliest is not None and answer < self.item.earliest
        limit = str(self.item.earliest if early else self.item.latest)
        named = formats.in_words(dt.datetime.fromisoformat(limit), "moment" if "T" in limit else "day")
        early_said, late_said = (
            _("%(subject)s darf nicht vor dem %(days)s liegen."),
            _("%(subject)s darf nicht nach dem %(days)s liegen."),
        )
        sentence = (early_said if early else late_said) % {"subject": self.subject, "days": named}
        parts = tuple(range(len(self.widget.layout)))
        self.widget.wrong = parts
        raise ValidationError(sentence, code="invalid", params={"parts": parts})

    def _judge(self, day: dt.date) -> None:
        for rule in self.item.checks:
            try:
                DATE_CHECKS[rule.check](day, self.today, str(self.subject), rule.days)
            except Wrong as error:
                self.widget.wrong = (0, 1, 2)
                sentence = str(rule.message or error)
                raise ValidationError(sentence, code="invalid", params={"parts": (0, 1, 2)}) from None


class PartialDateInput(dates.DateInput):
    """As the three fields of a date, of which day and month may stay empty."""

    def decompress(self, value: Any) -> list[Any]:
        found = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", str(value or ""), re.ASCII)
        return [int(part) if part else None for part in reversed(found.groups())] if found else [None, None, None]


class PartialBirthInput(PartialDateInput):
    birth = True


class PartialDateAnswer(dates.DateField):
    """Cleans to "1985", "1985-03" or "1985-03-27" (a civil register may know no more of a birth)."""

    def __init__(self, *, birth: bool = False, **kwargs: Any):
        super().__init__(birth=birth, **kwargs)
        self.widget = PartialBirthInput() if birth else PartialDateInput()
        self.widget.is_required = self.required

    def clean(self, value: Any) -> Any:
        self.widget.wrong = ()
        parts = [str(part or "").strip() for part in (value or ["", "", ""])]
        try:
            if parts[2] and not parts[0]:
                return self._without_day(parts[1], parts[2])
            day = super().clean(value)
        except ValidationError as error:
            self.widget.wrong = (error.params or {}).get("parts", (0, 1, 2))
            raise _as_sentence(error) from None
        return day.isoformat() if day else None

    def _without_day(self, month: str, year: str) -> str:
        """Judged as the first day of the month or year."""
        first = self._date("1", month or "1", year)
        return f"{first:%Y-%m}" if month else f"{first:%Y}"


class DateTimeInput(dates.DateInput):
    layout = (*dates.DateInput.layout, (_lazy("Uhrzeit"), 5, "time"))

    def __init__(self) -> None:
        super().__init__()
        self.widgets[3].attrs.pop("inputmode", None)  # the colon is missing on numeric keypads

    def decompress(self, value: Any) -> list[Any]:
        day, _at, time = str(value or "").partition("T")
        return [*super().decompress(day or None), time.removeprefix("0") or None]


class DateTimeAnswer(DateAnswer):
    """Three parts of a date and a time of day; cleans to "2026-03-03T08:30"."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.fields = (*self.fields, forms.CharField(required=False, max_length=40))
        self.widget = DateTimeInput()
        self.widget.is_required = self.required

    def clean(self, value: Any) -> Any:
        parts = [str(part or "").strip() for part in (value or [""] * 4)]
        day = super().clean(parts[:3])
        if day is None and not parts[3]:
            return None
        try:
            if day is None:
                raise self._wrong(_("%(subject)s muss auch einen Tag enthalten."), 0, 1, 2)
            if not parts[3]:
                raise self._wrong(_("%(subject)s muss auch eine Uhrzeit enthalten."), 3)
            answer = f"{day}T{validators.time(parts[3])}"
            self._within(answer)
            return answer
        except Wrong as error:
            self.widget.wrong = (3,)
            raise ValidationError(str(error), code="invalid", params={"parts": (3,)}) from None
        except ValidationError as error:
            self.widget.wrong = (error.params or {}).get("parts", (3,))
            raise


def _as_sentence(error: ValidationError) -> ValidationError:
    return ValidationError(error.messages[0].removesuffix(".") + ".", code=error.code, params=error.params)
