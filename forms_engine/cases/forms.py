"""Forms of the case pages: one sentence per cause (F33)."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from forms_engine.cases.models import DecisionKind
from portal.accounts.models import User
from portal.common import clock

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


class RequestDocumentsForm(PlainForm):
    text = forms.CharField(
        label="Was brauchen Sie von der antragstellenden Person?",
        help_text="Nennen Sie die Unterlage und den Grund. Die Person liest den Text in ihrem Postfach.",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": "Schreiben Sie, welche Unterlage Sie brauchen.",
            "max_length": "Kürzen Sie den Text auf höchstens 5.000 Zeichen.",
        },
    )


class WriteForm(PlainForm):
    text = forms.CharField(
        label="Nachricht an die antragstellende Person",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": "Schreiben Sie eine Nachricht.",
            "max_length": "Kürzen Sie die Nachricht auf höchstens 5.000 Zeichen.",
        },
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


class DecisionForm(PlainForm):
    kind = forms.ChoiceField(
        label="Ergebnis",
        choices=DecisionKind.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Wählen Sie aus, ob Sie bewilligen oder ablehnen.",
            "invalid_choice": "Wählen Sie aus, ob Sie bewilligen oder ablehnen.",
        },
    )
    valid_from = _day("Gültig ab (bei Bewilligung)", "Geben Sie an, ab wann der Ausweis gilt.")
    valid_until = _day("Gültig bis (bei Bewilligung)", "Geben Sie an, bis wann der Ausweis gilt.")
    area = forms.ChoiceField(
        label="Parklizenzgebiet (bei Bewilligung)",
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

    def __init__(self, *args: Any, reasons: list[tuple[str, str]], areas: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [("", "Bitte auswählen"), *((name, name) for name in areas)]  # type: ignore[attr-defined]  # ChoiceField
        if not areas:
            del self.fields["area"]
        self.fields["reasons"].choices = reasons  # type: ignore[attr-defined]  # MultipleChoiceField

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == DecisionKind.GRANTED:
            self._clean_grant(data)
        elif data.get("kind") == DecisionKind.REFUSED:
            if not data.get("reasons") and "reasons" not in self.errors:
                self.add_error("reasons", "Wählen Sie mindestens einen Ablehnungsgrund aus.")
            if not data.get("explanation", "").strip() and "explanation" not in self.errors:
                self.add_error("explanation", "Begründen Sie die Ablehnung im Einzelfall.")
        return data

    def _clean_grant(self, data: dict[str, Any]) -> None:
        if "area" in self.fields and not data.get("area") and "area" not in self.errors:
            self.add_error("area", "Wählen Sie das Parklizenzgebiet aus.")
        start, end = data.get("valid_from"), data.get("valid_until")
        if not start and "valid_from" not in self.errors:
            self.add_error("valid_from", "Geben Sie an, ab wann der Ausweis gilt.")
        if not end and "valid_until" not in self.errors:
            self.add_error("valid_until", "Geben Sie an, bis wann der Ausweis gilt.")
        if start and end and end < start:
            self.add_error("valid_until", "Das Ende muss nach dem Beginn liegen.")
        elif end and end < clock.today():
            self.add_error("valid_until", "Das Ende muss in der Zukunft liegen.")
