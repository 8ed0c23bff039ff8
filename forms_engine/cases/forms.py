"""Forms of the case pages: one sentence per cause (F33)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from forms_engine.cases.models import DecisionKind
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.rules import Charge, Term
from portal.accounts.models import User
from portal.common import clock, formats

MAX_TEXT = 5000
MAX_FILES = 5


class PlainForm(forms.Form):
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class AssignForm(PlainForm):
    """To whom the team lead gives a case. `colleagues`: access.colleagues."""

    to = forms.TypedChoiceField(
        label="Zuteilen an",
        error_messages={"required": "Wählen Sie eine Person", "invalid_choice": "Wählen Sie eine Person aus dem Team"},
    )

    def __init__(self, *args: Any, colleagues: Sequence[User], **kwargs: Any):
        super().__init__(*args, **kwargs)
        known = {str(person.public_id): person for person in colleagues}
        field = cast(forms.TypedChoiceField, self.fields["to"])
        field.choices = [("", "Bitte wählen"), *((key, str(person)) for key, person in known.items())]
        field.coerce = known.__getitem__


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files in one plain input; the content is judged by the view (magic bytes)."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        if len(files) > MAX_FILES:
            raise ValidationError(
                _("Wählen Sie höchstens %(max_files)s Dateien auf einmal aus.") % {"max_files": MAX_FILES}
            )
        return list(files)


class HandInForm(PlainForm):
    unterlagen = ManyFilesField(
        label=_lazy("Unterlagen"),
        required=False,
        help_text=_lazy("PDF, JPEG oder PNG, je höchstens 10 MB. Sie können mehrere Dateien auswählen."),
    )
    text = forms.CharField(
        label=_lazy("Ihre Nachricht"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"max_length": _lazy("Kürzen Sie Ihre Nachricht auf höchstens 5.000 Zeichen.")},
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._refused: list[str] = []
        self.arrived = 0  # files that came on their own before

    def refuse_file(self, sentence: str) -> None:
        """A file that was sent but did not arrive here: the person reads why."""
        self._refused.append(sentence)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for sentence in self._refused:
            self.add_error("unterlagen", sentence)
        if self.arrived + len(data.get("unterlagen") or ()) > MAX_FILES and "unterlagen" not in self.errors:
            sentence = _("Wählen Sie höchstens %(max_files)s Dateien auf einmal aus.")
            self.add_error("unterlagen", sentence % {"max_files": MAX_FILES})
        given = self.arrived or data.get("unterlagen") or data.get("text", "").strip()
        if not self.errors and not given:
            self.add_error(
                "unterlagen", _("Wählen Sie mindestens eine Datei aus oder schreiben Sie uns eine Nachricht.")
            )
        return data


def _words(label: str, *, missing: str, what: str, hint: str = "", rows: int = 6) -> forms.CharField:
    """A text by a clerk. `what` is said to be too long, `missing` what to do if there is none."""
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing, "max_length": f"Kürzen Sie {what} auf höchstens 5.000 Zeichen."},
    )


class RequestDocumentsForm(PlainForm):
    text = _words(
        "Was brauchen Sie von der antragstellenden Person?",
        hint="Nennen Sie die Unterlage und den Grund. Die Person liest den Text in ihrem Postfach.",
        missing="Schreiben Sie, welche Unterlage Sie brauchen.",
        what="den Text",
    )


class WriteForm(PlainForm):
    text = _words(
        "Nachricht an die antragstellende Person", missing="Schreiben Sie eine Nachricht.", what="die Nachricht"
    )


class FinishForm(PlainForm):
    """The answer that ends a case in which nothing is decided."""

    text = _words(
        "Antwort",
        hint="Die Person liest den Text in ihrem Postfach, ohne Konto beim Stand ihrer Meldung.",
        missing="Schreiben Sie, was aus der Meldung geworden ist.",
        what="die Antwort",
    )


class SendBackForm(PlainForm):
    why = _words(
        "Grund für das Zurückgeben",
        hint="Nur die Sachbearbeitung liest ihn.",
        missing="Schreiben Sie, warum Sie nicht gegenzeichnen.",
        what="den Grund",
        rows=4,
    )


def _day(label: str, empty: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%d.%m.%Y", "%Y-%m-%d"],
        widget=forms.DateInput(format="%d.%m.%Y", attrs={"size": 12, "inputmode": "numeric"}),
        help_text="Zum Beispiel 27.3.2027",
        error_messages={"invalid": f"{empty} Schreiben Sie Tag, Monat und Jahr, zum Beispiel 27.3.2027."},
    )


FROM_WHEN = "Geben Sie an, ab wann die Bewilligung gilt."
UNTIL_WHEN = "Geben Sie an, bis wann die Bewilligung gilt."


@dataclass(frozen=True)
class Wanted:
    """What a form wants to know for a decision (rules.py): how a favourable one is called, and what belongs to it."""

    positive: DecisionKind
    reasons: Sequence[tuple[str, str]]
    areas: Sequence[str]
    area_label: str
    term: Term | None
    charge: Charge | None
    explained: bool = False  # a grant, too


class DecisionForm(PlainForm):
    kind = forms.ChoiceField(label="Ergebnis", widget=forms.RadioSelect)
    valid_from = _day("Gültig ab (bei Bewilligung)", FROM_WHEN)
    valid_until = _day("Gültig bis (bei Bewilligung)", UNTIL_WHEN)
    fee = forms.DecimalField(
        label="Gebühr in Euro (bei Bewilligung)",
        required=False,
        localize=True,
        max_digits=10,
        decimal_places=2,
        error_messages={
            "invalid": "Geben Sie die Gebühr als Betrag ein, zum Beispiel 45,00.",
            "max_decimal_places": "Geben Sie die Gebühr mit höchstens zwei Stellen nach dem Komma ein.",
        },
    )
    area = forms.ChoiceField(
        required=False,
        error_messages={"invalid_choice": "Wählen Sie ein Gebiet aus der Liste."},
    )
    reasons = forms.MultipleChoiceField(
        label="Gründe (bei Ablehnung)",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Wählen Sie nur Gründe aus der Liste."},
    )
    explanation = forms.CharField(
        label="Begründung im Einzelfall",
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Wird in den Bescheid übernommen. Bei einer Ablehnung nötig (Art. 39 BayVwVfG).",
        error_messages={"max_length": "Kürzen Sie die Begründung auf höchstens 5.000 Zeichen."},
    )

    def __init__(self, *args: Any, wanted: Wanted, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        certificate = wanted.positive == DecisionKind.CERTIFICATE
        choose = f"Wählen Sie aus, ob Sie {'ausstellen' if certificate else 'bewilligen'} oder ablehnen."
        kind = cast(forms.ChoiceField, self.fields["kind"])
        kind.choices = [(k.value, k.label) for k in (wanted.positive, DecisionKind.REFUSED)]
        kind.error_messages |= {"required": choose, "invalid_choice": choose}
        cast(forms.ChoiceField, self.fields["area"]).choices = [
            ("", "Bitte auswählen"),
            *((name, name) for name in wanted.areas),
        ]
        self.fields["area"].label = f"{wanted.area_label} (bei Bewilligung)"
        cast(forms.MultipleChoiceField, self.fields["reasons"]).choices = list(wanted.reasons)
        if wanted.charge:
            low, high = (formats.eur(cents) for cents in (wanted.charge.lowest, wanted.charge.highest))
            self.fields["fee"].help_text = f"Der Rahmen geht von {low} bis {high}."
        self._leave_out()

    def _leave_out(self) -> None:
        """What this form of the city does not need."""
        wanted = self.wanted
        needless = [] if wanted.areas else ["area"]
        needless += [] if wanted.term else ["valid_from", "valid_until"]
        needless += [] if wanted.charge and not wanted.charge.is_fixed else ["fee"]
        for name in needless:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == self.wanted.positive:
            if self.wanted.explained and not data.get("explanation", "").strip() and "explanation" not in self.errors:
                self.add_error("explanation", "Schreiben Sie, was und wie viel Sie bewilligen und warum.")
            self._clean_grant(data)
            self._clean_fee(data)
        elif data.get("kind") == DecisionKind.REFUSED:
            if not data.get("reasons") and "reasons" not in self.errors:
                self.add_error("reasons", "Wählen Sie mindestens einen Ablehnungsgrund aus.")
            if not data.get("explanation", "").strip() and "explanation" not in self.errors:
                self.add_error("explanation", "Begründen Sie die Ablehnung im Einzelfall.")
        return data

    def _clean_grant(self, data: dict[str, Any]) -> None:
        if "area" in self.fields and not data.get("area") and "area" not in self.errors:
            self.add_error("area", "Wählen Sie aus, für welches Gebiet die Bewilligung gilt.")
        if self.wanted.term is None:
            return
        start, end = data.get("valid_from"), data.get("valid_until")
        if not start and "valid_from" not in self.errors:
            self.add_error("valid_from", FROM_WHEN)
        if not end and self.wanted.term.ends and "valid_until" not in self.errors:
            self.add_error("valid_until", UNTIL_WHEN)
        if start and end and end < start:
            self.add_error("valid_until", "Das Ende muss nach dem Beginn liegen.")
        elif end and end < clock.today():
            self.add_error("valid_until", "Das Ende muss in der Zukunft liegen.")

    def _clean_fee(self, data: dict[str, Any]) -> None:
        charge = self.wanted.charge
        if charge is None or "fee" not in self.fields or "fee" in self.errors:
            return
        cents = int((data.get("fee") or 0) * 100)
        if not charge.lowest <= cents <= charge.highest:
            low, high = formats.eur(charge.lowest), formats.eur(charge.highest)
            self.add_error("fee", f"Geben Sie eine Gebühr zwischen {low} und {high} ein.")

    def outcome(self) -> Outcome:
        """What a valid form decides. What belongs to a grant only is left out of a refusal, and the other way round."""
        data, charge = self.cleaned_data, self.wanted.charge
        kind, explanation = DecisionKind(data["kind"]), data["explanation"].strip()
        if kind == DecisionKind.REFUSED:
            return Outcome(kind, reasons=data["reasons"], explanation=explanation)
        typed = int((data.get("fee") or 0) * 100)
        return Outcome(
            kind,
            valid_from=data.get("valid_from"),
            valid_until=data.get("valid_until"),
            explanation=explanation,
            area=data.get("area", ""),
            fee_cents=(charge.lowest if charge.is_fixed else typed) if charge else None,
        )
