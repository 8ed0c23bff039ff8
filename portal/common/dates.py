"""Known dates typed into three fields, day, month, year (rule F16)."""

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

MONTHS = ["jan", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez"]
ENGLISH = {"mar": "mär", "may": "mai", "oct": "okt", "dec": "dez"}  # where the first three letters differ
_SUBJECT, _EMPTY = _lazy("Das Datum"), _lazy("Geben Sie das Datum ein")
# In the accusative, as in "muss einen Tag und ein Jahr enthalten".
PARTS = (_lazy("einen Tag"), _lazy("einen Monat"), _lazy("ein Jahr"))


def month_number(text: str) -> int | None:
    """1 to 12 for "3", "03.", "März", "Mrz", "maerz", "Sept.", "May"; None for anything else."""
    word = text.strip().rstrip(".").lower()
    if re.fullmatch(r"[0-9]{1,2}", word):
        return int(word) if 1 <= int(word) <= 12 else None
    word = word.replace("ae", "ä").replace("mrz", "mär").replace("marz", "mär").replace("jänner", "jan")
    start = ENGLISH.get(word[:3], word[:3])
    return MONTHS.index(start) + 1 if start in MONTHS and word.isalpha() else None


class DateInput(forms.MultiWidget):
    """Three labelled text fields. `wrong` names the parts to mark (0 day, 1 month, 2 year)."""

    template_name = "kern/date.html"
    use_fieldset = True
    layout: tuple[tuple[Any, int, str], ...] = (
        (_lazy("Tag"), 2, "day"),
        (_lazy("Monat"), 4, "month"),
        (_lazy("Jahr"), 4, "year"),
    )

    birth = False  # whether browsers may fill in the birthday of the person who types

    def __init__(self) -> None:
        self.wrong: Sequence[int] = ()
        widgets = []
        for _label, _width, part in self.layout:
            attrs = {"inputmode": "numeric", "spellcheck": "false"}
            if part == "month":
                attrs.pop("inputmode")  # month names are welcome, so the keyboard must have letters
            if self.birth:
                attrs["autocomplete"] = f"bday-{part}"
            widgets.append(forms.TextInput(attrs=attrs))
        super().__init__(widgets)

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, str):
            try:
                value = datetime.date.fromisoformat(value)
            except ValueError:
                return [None, None, None]
        return [value.day, value.month, value.year] if value else [None, None, None]

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        kept = {key: val for key, val in (attrs or {}).items() if key not in ("aria-invalid", "aria-describedby")}
        context = super().get_context(name, value, kept)
        for number, (part, (label, width, _part)) in enumerate(
            zip(context["widget"]["subwidgets"], self.layout, strict=True)
        ):
            part |= {"label": label, "width": width, "wrong": number in self.wrong}
            if part["wrong"]:
                part["attrs"]["aria-invalid"] = "true"
        return context


class BirthInput(DateInput):
    birth = True


# One set for all dates: Django wants parts, but clean() below reads what was typed without them.
_PARTS_TYPED = tuple(forms.CharField(required=False, max_length=40) for _label, _width, _part in DateInput.layout)


class DateField(forms.MultiValueField):
    """A date; `subject` starts its sentences ("Das Geburtsdatum"), `empty` is the sentence for nothing typed (F33)."""

    widget: DateInput

    def __init__(
        self,
        *,
        subject: StrOrPromise = _SUBJECT,
        empty: StrOrPromise = _EMPTY,
        birth: bool = False,
        **kw: Any,
    ):
        self.subject = subject
        kw.setdefault("help_text", _lazy("Zum Beispiel 27 3 2021"))
        kw["error_messages"] = {"required": empty, **kw.get("error_messages", {})}
        # As a class: Django copies what is made already.
        widget = BirthInput if birth else DateInput
        super().__init__(_PARTS_TYPED, widget=widget, require_all_fields=False, **kw)

    def clean(self, value: Any) -> datetime.date | None:
        self.widget.wrong = ()
        try:
            return self._clean([str(part or "").strip() for part in (value or ["", "", ""])])
        except ValidationError as error:
            self.widget.wrong = (error.params or {}).get("parts", (0, 1, 2))
            raise

    def _clean(self, parts: list[str]) -> datetime.date | None:
        if parts[0] and not any(parts[1:]) and (whole := re.fullmatch(r"(\S+?)[.\s/-]+(\S+?)[.\s/-]+(\S+)", parts[0])):
            parts = list(whole.groups())  # the whole date pasted into the first field
        if not any(parts):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if missing := [number for number, part in enumerate(parts) if not part]:
            words = _(" und ").join(str(PARTS[number]) for number in missing)
            sentence = _("%(subject)s muss %(words)s enthalten") % {"subject": self.subject, "words": words}
            raise ValidationError(sentence, code="incomplete", params={"parts": missing})
        return self._date(*parts)

    def _date(self, day: str, month: str, year: str) -> datetime.date:
        if not re.fullmatch(r"[0-9]{4}", year):
            raise self._wrong(_("%(subject)s muss ein Jahr mit vier Ziffern enthalten"), 2)
        number = month_number(month)
        if number is None:
            raise self._wrong(_("%(subject)s muss einen Monat von 1 bis 12 enthalten"), 1)
        day = day.rstrip(".")
        if not re.fullmatch(r"[0-9]{1,2}", day) or not 1 <= int(day) <= 31:
            raise self._wrong(_("%(subject)s muss einen Tag von 1 bis 31 enthalten"), 0)
        try:
            return datetime.date(int(year), number, int(day))
        except ValueError:
            raise self._wrong(_("%(subject)s muss ein Tag sein, den es im Kalender gibt"), 0, 1, 2) from None

    def _wrong(self, sentence: str, *parts: int) -> ValidationError:
        return ValidationError(sentence % {"subject": self.subject}, code="invalid", params={"parts": parts})

    def compress(self, data_list: Any) -> datetime.date | None:
        return self._clean([str(part or "") for part in data_list])
