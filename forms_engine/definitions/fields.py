"""Django form fields for the questions: they clean, judge by validators.py and speak in the author's sentences."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.choices import BaseChoiceIterator
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forms_engine.definitions import identifiers, patterns, validators
from forms_engine.definitions.checks import TEXT_CHECKS
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.moments import DateAnswer, DateTimeAnswer, PartialDateAnswer
from forms_engine.definitions.places import PlaceAnswer
from forms_engine.definitions.validators import Wrong
from portal.common import formats, money

Judge = Callable[[str], Any]  # cleaned text -> stored answer, or Wrong


class Typed(forms.CharField):
    """A line or paragraph: cleaned first (rule F20), then judged. `width` is in characters (rule F21).

    `widget` is a class, and `attrs` are for it: a widget that is made already would be copied by Django.
    """

    def __init__(
        self,
        *,
        judge: Judge,
        attrs: dict[str, Any],
        widget: type[forms.Widget] = forms.TextInput,
        lines: bool = False,
        width: int | None = None,
        **kwargs: Any,
    ):
        self.judge, self.lines, self.width = judge, lines, width
        super().__init__(widget=widget, **kwargs)
        self.widget.attrs.update(attrs)

    def clean(self, value: Any) -> Any:
        text = validators.clean(str(value or ""), lines=self.lines)
        if not text:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        try:
            return self.judge(text)
        except (Wrong, money.BadAmount) as error:
            raise ValidationError(str(error), code="invalid") from None


class Options(BaseChoiceIterator):
    """Pairs of value and label as Django wants them, which it would else take apart and put together three times."""

    def __init__(self, pairs: Sequence[tuple[str, str]]):
        self.pairs = pairs

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)


class OneOf(forms.ChoiceField):
    """Radios or a long list; nothing is preselected. `stored` turns the posted word into the answer."""

    def __init__(self, *, hints: dict[str, str], stored: dict[str, Any] | None = None, **kwargs: Any):
        self.choice_hints, self.stored = hints, stored or {}
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        word = super().clean(value)
        return self.stored.get(word, word or None)


class SomeOf(forms.MultipleChoiceField):
    def __init__(self, *, hints: dict[str, str], minimum: int = 1, maximum: int | None = None, **kwargs: Any):
        self.choice_hints, self.minimum, self.maximum = hints, minimum, maximum
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        given = super().clean(value)
        if given and len(given) < self.minimum:
            raise ValidationError(at_least(self.minimum), code="invalid")
        if self.maximum is not None and len(given) > self.maximum:
            raise ValidationError(at_most(self.maximum), code="invalid")
        return given or None


def at_least(count: int) -> str:
    return _("Wählen Sie mindestens %(count)s Antworten aus.") % {"count": count}


def at_most(count: int) -> str:
    sentence = ngettext(
        "Wählen Sie höchstens eine Antwort aus.", "Wählen Sie höchstens %(count)s Antworten aus.", count
    )
    return sentence % {"count": count}


class LongList(forms.Select):
    """A select that writes its options itself: by way of templates 2,000 of them take half a second.

    With many, a script (choose.js) puts a field before it that narrows the list; its words come along.
    """

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        options = [(str(code), str(label)) for code, label in self.choices]
        words = narrowing(len(options) - 1) if len(options) - 1 > f.MANY_CHOICES else {}
        around = {**self.build_attrs(self.attrs, attrs), "name": name, **words}
        chosen = "" if value is None else str(value)
        lines = [
            f'<option value="{escape(code)}"{" selected" if code == chosen else ""}>{escape(label)}</option>'
            for code, label in options
        ]
        return mark_safe(f"<select{flatatt(around)}>\n" + "\n".join(lines) + "\n</select>")  # noqa: S308 - every text in it is escaped above


def narrowing(count: int) -> dict[str, str]:
    return {
        "data-choose": _("Liste eingrenzen"),
        "data-choose-hint": _("Geben Sie einen Teil des Eintrags ein. Die Liste hat %(count)s Einträge.")
        % {"count": formats.number(count)},
        "data-choose-found": _("{shown} Einträge passen."),
        "data-choose-one": _("Ein Eintrag passt."),
    }


class Confirmed(forms.BooleanField):
    def clean(self, value: Any) -> Any:
        return super().clean(value) or None


def form_field(item: f.Question, *, required: bool, offer: Sequence[str] | None, today: dt.date) -> forms.Field:
    """The form field of a question (not of files and groups). `offer`: choices on offer now, None for all."""
    empty = str(item.messages.empty or _("Beantworten Sie diese Frage."))
    common: dict[str, Any] = {"label": str(item.label), "help_text": str(item.hint or ""), "required": required}
    if isinstance(item, f.DateField | f.DateTimeField | f.PartialDateField):
        return _dated(item, common, empty, today)
    if isinstance(item, f.LocationField):
        return PlaceAnswer(empty=empty, **common)
    common["error_messages"] = {"required": empty, "invalid_choice": empty}
    if isinstance(item, f.ChoiceField | f.MultiChoiceField | f.BooleanField | f.DeclarationField):
        return _chosen(item, common, offer)
    return _typed(item, common)


def shown(item: f.Question, value: Any) -> Any:
    """A stored answer as its form field shows it."""
    match item:
        case f.BooleanField():
            return "ja" if value else "nein"
        case f.DecimalField():
            return str(value).replace(".", ",")
        case f.MoneyField():
            return formats.eur(value)
        case f.TimeField():
            return str(value).removeprefix("0")
    return value


def _dated(
    item: f.DateField | f.DateTimeField | f.PartialDateField, common: dict[str, Any], empty: str, today: dt.date
) -> forms.Field:
    common |= {"subject": str(item.subject or _("Das Datum")), "empty": empty}
    match item:
        case f.PartialDateField():
            common["help_text"] = common["help_text"] or _(
                "Zum Beispiel 27 3 1985. Lassen Sie frei, was Sie nicht wissen."
            )
            return PartialDateAnswer(birth=item.birth, **common)
        case f.DateTimeField():
            common["help_text"] = common["help_text"] or _("Zum Beispiel 27 3 2027, 8:30")
            return DateTimeAnswer(item=item, today=today, **common)
    example = next(day for day in ("2027-03-27", item.latest, item.earliest) if day and item.allows(day))
    shown_day = " ".join(str(int(part)) for part in reversed(example.split("-")))
    common["help_text"] = common["help_text"] or _("Zum Beispiel %(day)s") % {"day": shown_day}
    birth = any(rule.check == "geburtsdatum" for rule in item.checks)
    return DateAnswer(item=item, today=today, birth=birth, **common)


def _chosen(item: f.Question, common: dict[str, Any], offer: Sequence[str] | None) -> forms.Field:
    match item:
        case f.BooleanField():
            words = Options([("ja", str(item.yes)), ("nein", str(item.no))])
            stored = {"ja": True, "nein": False}
            return OneOf(hints={}, stored=stored, choices=words, widget=forms.RadioSelect, **common)
        case f.DeclarationField():
            return Confirmed(**{**common, "label": str(item.statement)})
        case f.ChoiceField() | f.MultiChoiceField():
            on_offer = item.labels.keys() if offer is None else frozenset(offer)
            options = [option for option in item.labels.items() if option[0] in on_offer]
            hints = item.hints
            if isinstance(item, f.MultiChoiceField):
                return _several(item, hints, options, common)
            if item.widget == "select":
                options.insert(0, ("", _("Bitte auswählen")))
                field = OneOf(hints=hints, choices=Options(options), widget=LongList, **common)
                field.widget.attrs["autocomplete"] = item.autocomplete or "off"
                return field
            return OneOf(hints=hints, choices=Options(options), widget=forms.RadioSelect, **common)
    raise TypeError(type(item))


def _several(
    item: f.MultiChoiceField, hints: dict[str, str], options: list[tuple[str, str]], common: dict[str, Any]
) -> SomeOf:
    minimum = min(item.minimum, len(options))  # no more than are on offer now
    limits = [at_least(minimum)] if minimum > 1 else []
    limits += [at_most(item.maximum)] if item.maximum is not None and item.maximum < len(options) else []
    common["help_text"] = common["help_text"] or " ".join(limits)
    return SomeOf(
        hints=hints,
        minimum=minimum,
        maximum=item.maximum,
        choices=Options(options),
        widget=forms.CheckboxSelectMultiple,
        **common,
    )


def _typed(item: f.Question, common: dict[str, Any]) -> forms.Field:
    """A text field with its keypad, its autocomplete token (rule F22: off for data about others) and its check."""
    fills_in = item.autocomplete or "off"
    if fills_in == "street-address" and not isinstance(item, f.TextareaField):
        fills_in = "address-line1"  # HTML keeps the other for fields of several lines
    attrs: dict[str, Any] = {"autocomplete": fills_in}
    plain = {**attrs, "spellcheck": "false"}
    match item:
        case f.TextareaField():
            attrs["rows"] = item.rows
            return Typed(judge=_sized(item), lines=True, widget=forms.Textarea, attrs=attrs, **common)
        case f.TextField():
            attrs = {
                **(plain if item.check or item.pattern else attrs),
                **({"inputmode": "numeric"} if item.numeric else {}),
            }
            return Typed(judge=_sized(item), width=item.width, attrs=attrs, **common)
        case f.PlateField():
            plain["autocapitalize"] = "characters"
            return Typed(judge=validators.kfz_kennzeichen, width=10, attrs=plain, **common)
        case f.EmailField():
            return Typed(judge=validators.email, width=30, widget=forms.EmailInput, attrs=plain, **common)
        case f.UrlField():
            plain |= {"inputmode": "url", "autocapitalize": "none"}
            return Typed(judge=identifiers.url, width=30, attrs=plain, **common)
        case f.PhoneField():
            return Typed(judge=validators.phone, width=20, widget=forms.TelInput, attrs=attrs, **common)
        case f.IbanField():
            return Typed(judge=validators.iban, width=30, attrs=plain, **common)
        case f.TimeField():
            return Typed(judge=_time(item), width=5, attrs=attrs, **common)
    attrs["inputmode"] = "numeric" if isinstance(item, f.IntegerField) else "decimal"
    return Typed(judge=_number(item), width=10, attrs=attrs, **common)


def _sized(item: f.TextField | f.TextareaField) -> Judge:
    check = _checked(item)

    def judge(text: str) -> str:
        if len(text) > item.max_length:
            raise Wrong(
                _("Geben Sie höchstens %(max_length)s Zeichen ein. Jetzt sind es %(text)s.")
                % {"max_length": formats.number(item.max_length), "text": len(text)}
            )
        if len(text) < item.min_length:
            raise Wrong(
                _("Geben Sie mindestens %(min_length)s Zeichen ein.") % {"min_length": formats.number(item.min_length)}
            )
        return check(text)

    return judge


def _checked(item: f.TextField | f.TextareaField) -> Callable[[str], str]:
    """The named check first, which may tidy the answer, then the pattern. The author's sentence goes before ours."""
    check = TEXT_CHECKS[item.check] if item.check else str
    form = patterns.read(item.pattern) if isinstance(item, f.TextField) and item.pattern else None

    def judge(text: str) -> str:
        try:
            tidy = check(text)
            if form and not form.fits(tidy):
                raise Wrong(_shape(form))
        except Wrong as error:
            raise Wrong(str(item.messages.wrong or error)) from None
        return tidy

    return judge


def _shape(form: patterns.Pattern) -> str:
    """What to do about an answer of another form; the pattern itself is nothing for people."""
    if form.example:
        return _("Prüfen Sie die Schreibweise. Richtig ist zum Beispiel: %(example)s.") % {"example": form.example}
    return _("Prüfen Sie die Schreibweise. So passt die Antwort nicht.")


def _time(item: f.TimeField) -> Judge:
    def judge(text: str) -> str:
        time = validators.time(text)
        if not item.allows(time):
            raise Wrong(_hours(item))
        return time

    return judge


def _hours(item: f.TimeField) -> str:
    limits = {"first": str(item.earliest).removeprefix("0"), "last": str(item.latest).removeprefix("0")}
    if item.earliest and item.latest:
        return _("Geben Sie eine Uhrzeit von %(first)s bis %(last)s Uhr ein.") % limits
    if item.earliest:
        return _("Geben Sie eine Uhrzeit ab %(first)s Uhr ein.") % limits
    return _("Geben Sie eine Uhrzeit bis %(last)s Uhr ein.") % limits


def _number(item: f.Question) -> Judge:
    match item:
        case f.IntegerField():
            return lambda text: integer(text, item)
        case f.DecimalField():
            return lambda text: decimal(text, item)
        case f.MoneyField():
            return lambda text: amount(text, item)
    raise TypeError(type(item))


def integer(text: str, item: f.IntegerField) -> int:
    """A whole number with or without its unit and thousands dots. Raises Wrong."""
    unit = f" {item.unit}" if item.unit else ""
    bare = re.sub(r"\s", "", text)
    if item.unit and bare.lower().endswith(str(item.unit).lower()):
        bare = bare[: -len(str(item.unit))]
    if not re.fullmatch(r"[+-]?([0-9]{1,15}|[0-9]{1,3}(\.[0-9]{3}){1,4})", bare):
        raise Wrong(_("Geben Sie eine ganze Zahl ein, ohne Komma."))
    number = int(bare.replace(".", ""))
    if not item.minimum <= number <= item.maximum:
        low, high = formats.number(item.minimum), formats.number(item.maximum)
        raise Wrong(
            _("Geben Sie eine Zahl von %(low)s bis %(high)s%(unit)s ein.") % {"low": low, "high": high, "unit": unit}
        )
    return number


def decimal(text: str, item: f.DecimalField) -> str:
    """A decimal in German notation, stored as "1234.50". Raises Wrong."""
    bare = re.sub(r"\s", "", text)
    if item.unit and bare.lower().endswith(str(item.unit).lower()):
        bare = bare[: -len(str(item.unit))]
    whole = r"[0-9]{1,3}(?:\.[0-9]{3}){1,3}|[0-9]{1,12}"
    if not re.fullmatch(rf"-?(?:{whole})(?:,[0-9]{{1,{item.places}}})?", bare):
        raise Wrong(
            _("Geben Sie eine Zahl mit höchstens %(places)s Stellen nach dem Komma ein.") % {"places": item.places}
        )
    bare = bare.replace(".", "").replace(",", ".")
    if not Decimal(item.minimum) <= Decimal(bare) <= Decimal(item.maximum):
        raise Wrong(
            _("Geben Sie eine Zahl von %(minimum)s bis %(maximum)s ein.")
            % {"minimum": formats.number(item.minimum), "maximum": formats.number(item.maximum)}
        )
    return bare


def amount(text: str, item: f.MoneyField) -> int:
    """Cents. Raises Wrong or money.BadAmount."""
    cents = money.parse_eur(text)
    if not item.minimum_cents <= cents <= item.maximum_cents:
        low, high = formats.eur(item.minimum_cents), formats.eur(item.maximum_cents)
        raise Wrong(_("Geben Sie einen Betrag von %(low)s bis %(high)s ein.") % {"low": low, "high": high})
    return cents
