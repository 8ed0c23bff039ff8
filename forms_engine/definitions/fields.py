"""Django form fields for the questions: they clean, judge by validators.py and speak in the author's sentences."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from forms_engine.definitions import validators
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.validators import Wrong
from portal.common import dates, money

Judge = Callable[[str], str]


class AnswerField(forms.CharField):
    """One line or paragraph: cleaned first (rule F20), then judged. `to_json` gives the stored answer."""

    def __init__(self, *, judge: Judge, lines: bool = False, width: int | None = None, **kwargs: Any):
        self.judge, self.lines, self.width = judge, lines, width
        super().__init__(strip=True, **kwargs)

    def to_python(self, value: Any) -> str:
        return validators.clean(str(value or ""), lines=self.lines)

    def clean(self, value: Any) -> Any:
        text = self.to_python(value)
        if not text:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        try:
            return self.judge(text)
        except Wrong as error:
            raise ValidationError(str(error), code="invalid") from None


class DateAnswer(dates.DateField):
    """Three-part date with the checks of its question."""

    def __init__(self, *, checks: Sequence[f.Rule], today: dt.date, **kwargs: Any):
        self.checks, self.today = checks, today
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        try:
            day = super().clean(value)
        except ValidationError as error:
            text = error.messages[0]
            raise ValidationError(
                text if text.endswith(".") else f"{text}.", code=error.code, params=error.params
            ) from None
        return day.isoformat() if day and self.judged(day) else None

    def judged(self, day: dt.date) -> bool:
        for rule in self.checks:
            try:
                validators.DATE_CHECKS[rule.check](day, self.today, rule.days)
            except Wrong as error:
                self.widget.wrong = (0, 1, 2)
                raise ValidationError(str(rule.message or error), code="invalid", params={"parts": (0, 1, 2)}) from None
        return True


class ChoiceAnswer(forms.ChoiceField):
    """Radios or a long list; nothing is preselected."""

    def __init__(self, *, choice_hints: dict[str, str], **kwargs: Any):
        self.choice_hints = choice_hints
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        return super().clean(value) or None


class YesNo(ChoiceAnswer):
    def clean(self, value: Any) -> Any:
        return {"ja": True, "nein": False}.get(super().clean(value) or "")

    def prepare_value(self, value: Any) -> Any:
        return {True: "ja", False: "nein"}.get(value, value) if isinstance(value, bool) else value


class MultiAnswer(forms.MultipleChoiceField):
    def __init__(self, *, choice_hints: dict[str, str], **kwargs: Any):
        self.choice_hints = choice_hints
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        return super().clean(value) or None


class Confirmed(forms.BooleanField):
    def clean(self, value: Any) -> Any:
        return super().clean(value) or None


class NumberAnswer(AnswerField):
    """Typed as text, stored as int (integer, money cents) or decimal string."""

    def __init__(self, *, store: Callable[[str], Any], show: Callable[[Any], str], **kwargs: Any):
        self.store, self.show = store, show
        super().__init__(judge=lambda text: text, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text is None:
            return None
        try:
            return self.store(text)
        except (Wrong, money.BadAmount) as error:
            raise ValidationError(str(error), code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or (isinstance(value, str) and not self.stored(value)) else self.show(value)

    def stored(self, value: str) -> bool:
        return False


def _sized(item: f.TextField | f.TextareaField, check: Judge | None) -> Judge:
    def judge(text: str) -> str:
        if len(text) > item.max_length:
            raise Wrong(f"Geben Sie höchstens {item.max_length} Zeichen ein.")
        if len(text) < item.min_length:
            raise Wrong(f"Geben Sie mindestens {item.min_length} Zeichen ein.")
        return check(text) if check else text

    return judge


def integer(text: str, item: f.IntegerField) -> int:
    """Raises Wrong."""
    bare = re.sub(r"[\s.\u202f]", "", text)
    unit = f" in {item.unit}" if item.unit else ""
    if item.unit and bare.lower().endswith(str(item.unit).lower()):
        bare = bare[: -len(str(item.unit))]
    if not re.fullmatch(r"[+-]?[0-9]{1,15}", bare):
        raise Wrong(f"Geben Sie eine ganze Zahl{unit} ein, ohne Komma.")
    number = int(bare)
    if not item.minimum <= number <= item.maximum:
        raise Wrong(f"Geben Sie eine Zahl von {item.minimum} bis {item.maximum}{unit} ein.")
    return number


def decimal(text: str, item: f.DecimalField) -> str:
    """Raises Wrong."""
    bare = re.sub(r"[\s\u202f]", "", text).replace(".", "").replace(",", ".")
    if not re.fullmatch(rf"-?[0-9]{{1,12}}(\.[0-9]{{1,{item.places}}})?", bare):
        raise Wrong(f"Geben Sie eine Zahl mit höchstens {item.places} Stellen nach dem Komma ein.")
    if not item.minimum <= Decimal(bare) <= item.maximum:
        raise Wrong(f"Geben Sie eine Zahl von {item.minimum} bis {item.maximum} ein.")
    return bare


def amount(text: str, item: f.MoneyField) -> int:
    cents = money.parse_eur(text)
    if not item.minimum_cents <= cents <= item.maximum_cents:
        low, high = money.format_eur(item.minimum_cents), money.format_eur(item.maximum_cents)
        raise Wrong(f"Geben Sie einen Betrag von {low} bis {high} ein.")
    return cents


def time(text: str) -> str:
    found = re.fullmatch(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(?:Uhr)?", text.replace(" ", ""))
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise Wrong("Geben Sie die Uhrzeit ein, zum Beispiel 8:30.")
    return f"{int(found[1]):02d}:{found[2] or '00'}"


def german_decimal(value: Any) -> str:
    return str(value).replace(".", ",")


def form_field(item: f.Question, *, required: bool, offer: Sequence[str] | None, today: dt.date) -> forms.Field:
    """The form field of a question (not of files and groups). `offer`: choices on offer now, None for all."""
    empty = str(item.messages.empty or "Beantworten Sie diese Frage.")
    common: dict[str, Any] = {
        "label": str(item.label),
        "help_text": str(item.hint or ""),
        "required": required,
        "error_messages": {"required": empty, "invalid_choice": empty},
    }
    if isinstance(item, f.ChoiceField | f.MultiChoiceField | f.BooleanField | f.DeclarationField):
        return _chosen(item, common, offer)
    if isinstance(item, f.DateField):
        common.pop("error_messages")
        if not common["help_text"]:
            common.pop("help_text")
        birth = any(rule.check == "geburtsdatum" for rule in item.checks)
        subject = str(item.subject or "Das Datum")
        return DateAnswer(checks=item.checks, today=today, subject=subject, empty=empty, birth=birth, **common)
    return _typed(item, common)


def _chosen(item: f.Question, common: dict[str, Any], offer: Sequence[str] | None) -> forms.Field:
    match item:
        case f.BooleanField():
            choices = [("ja", str(item.yes)), ("nein", str(item.no))]
            return YesNo(choice_hints={}, choices=choices, widget=forms.RadioSelect, **common)
        case f.DeclarationField():
            return Confirmed(**{**common, "label": str(item.statement)})
        case f.ChoiceField() | f.MultiChoiceField():
            shown = [c for c in item.choices if offer is None or c.value in offer]
            hints = {c.value: str(c.hint) for c in shown if c.hint}
            options = [(c.value, str(c.label)) for c in shown]
            if isinstance(item, f.MultiChoiceField):
                widget: type[forms.Widget] = forms.CheckboxSelectMultiple
                return MultiAnswer(choice_hints=hints, choices=options, widget=widget, **common)
            if item.widget == "select":
                options.insert(0, ("", "Bitte auswählen"))
                return ChoiceAnswer(choice_hints=hints, choices=options, widget=forms.Select, **common)
            return ChoiceAnswer(choice_hints=hints, choices=options, widget=forms.RadioSelect, **common)
    raise TypeError(type(item))


def _typed(item: f.Question, common: dict[str, Any]) -> forms.Field:
    attrs: dict[str, Any] = {"autocomplete": item.autocomplete or "off"}
    match item:
        case f.TextareaField():
            area = forms.Textarea(attrs={**attrs, "rows": item.rows})
            return AnswerField(judge=_sized(item, None), lines=True, widget=area, **common)
        case f.TextField():
            check = validators.TEXT_CHECKS[item.check] if item.check else None
            attrs |= {"inputmode": "numeric"} if item.numeric else {}
            attrs |= {"spellcheck": "false"} if item.check else {}
            line = forms.TextInput(attrs=attrs)
            return AnswerField(judge=_sized(item, check), width=item.width, widget=line, **common)
        case f.PlateField():
            line = forms.TextInput(attrs={**attrs, "spellcheck": "false", "autocapitalize": "characters"})
            return AnswerField(judge=validators.kfz_kennzeichen, width=10, widget=line, **common)
        case f.EmailField():
            box = forms.EmailInput(attrs={**attrs, "spellcheck": "false"})
            return AnswerField(judge=validators.email, width=30, widget=box, **common)
        case f.PhoneField():
            line = forms.TextInput(attrs={**attrs, "type": "tel"})
            return AnswerField(judge=validators.phone, width=20, widget=line, **common)
        case f.IbanField():
            line = forms.TextInput(attrs={**attrs, "spellcheck": "false"})
            return AnswerField(judge=validators.iban, width=30, widget=line, **common)
        case f.TimeField():
            return AnswerField(judge=time, width=5, widget=forms.TextInput(attrs=attrs), **common)
        case f.IntegerField():
            line = forms.TextInput(attrs={**attrs, "inputmode": "numeric"})
            return NumberAnswer(store=lambda text: integer(text, item), show=str, width=10, widget=line, **common)
        case f.DecimalField():
            line = forms.TextInput(attrs={**attrs, "inputmode": "decimal"})
            return NumberAnswer(
                store=lambda text: decimal(text, item), show=german_decimal, width=10, widget=line, **common
            )
        case f.MoneyField():
            line = forms.TextInput(attrs={**attrs, "inputmode": "decimal"})
            return NumberAnswer(
                store=lambda text: amount(text, item), show=money.format_eur, width=10, widget=line, **common
            )
    raise TypeError(type(item))
