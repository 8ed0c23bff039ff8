"""Forms of the case file and the queue: one sentence per cause (F33)."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from forms_engine.cases.forms import MAX_TEXT, PlainForm
from forms_engine.cases.models import DateKind
from portal.accounts.models import User
from portal.common import clock, references

TEAM = "team"


def _text(label: str, missing: str, *, hint: str = "", rows: int = 3, most: int = MAX_TEXT) -> forms.CharField:
    shown = f"{most:,}".replace(",", ".")
    widget: Any = forms.Textarea(attrs={"rows": rows}) if rows > 1 else forms.TextInput
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=most,
        widget=widget,
        error_messages={"required": missing, "max_length": f"Kürzen Sie den Text auf höchstens {shown} Zeichen."},
    )


class ComingDay(forms.DateField):
    """A day from today on."""

    def __init__(self, **kwargs: Any):
        missing = "Geben Sie einen Tag ein, zum Beispiel 27.3.2027."
        super().__init__(
            input_formats=["%d.%m.%Y", "%Y-%m-%d"],
            widget=forms.DateInput(format="%d.%m.%Y", attrs={"size": 12, "inputmode": "numeric"}),
            help_text="Zum Beispiel 27.3.2027",
            error_messages={"required": missing, "invalid": missing},
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and day < clock.today():
            raise forms.ValidationError("Geben Sie einen Tag ein, der nicht vergangen ist.")
        return day


class NoteForm(PlainForm):
    text = _text("Neue Notiz", "Schreiben Sie eine Notiz.", hint="Nur die Sachbearbeitung liest sie. Sie bleibt so.")


class TaskForm(PlainForm):
    title = _text("Was ist zu tun?", "Schreiben Sie, was zu tun ist.", rows=1, most=200)
    to = forms.TypedChoiceField(
        label="Wer?",
        error_messages={"required": "Wählen Sie aus, wer es tut.", "invalid_choice": "Wählen Sie aus, wer es tut."},
    )
    due_on = ComingDay(label="Bis wann?")

    def __init__(self, *args: Any, colleagues: Sequence[User], **kwargs: Any):
        super().__init__(*args, **kwargs)
        known = {str(person.public_id): person for person in colleagues}
        field = cast(forms.TypedChoiceField, self.fields["to"])
        field.choices = [(TEAM, "Wer aus dem Team Zeit hat"), *((key, str(person)) for key, person in known.items())]
        field.coerce = known.get


class DateForm(PlainForm):
    kind = forms.ChoiceField(
        label="Art",
        choices=DateKind.choices,
        error_messages={"required": "Wählen Sie eine Art.", "invalid_choice": "Wählen Sie eine Art."},
    )
    due_on = ComingDay(label="Tag")
    reason = _text("Grund", "Schreiben Sie, worum es an dem Tag geht.", rows=1, most=200)


class RelateForm(PlainForm):
    number = forms.CharField(
        label="Aktenzeichen des anderen Vorgangs", error_messages={"required": "Geben Sie ein Aktenzeichen ein."}
    )

    def clean_number(self) -> str:
        number = references.canonical_file_number(self.cleaned_data["number"])
        if number is None:
            raise forms.ValidationError("Das ist kein Aktenzeichen. Geben Sie es so ein: KVR-2026-000042-7.")
        return number


class ReplaceForm(PlainForm):
    """Which of the files that came later replaces which older one."""

    old = forms.ChoiceField(label="Ältere Datei", error_messages={"required": "Wählen Sie die ältere Datei."})
    new = forms.ChoiceField(label="Neuere Datei", error_messages={"required": "Wählen Sie die neuere Datei."})

    def __init__(self, *args: Any, files: Sequence[tuple[str, str]], later: Sequence[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["old"]).choices = [("", "Bitte wählen"), *files]
        cast(forms.ChoiceField, self.fields["new"]).choices = [("", "Bitte wählen"), *later]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("old") and data.get("old") == data.get("new"):
            self.add_error("new", "Wählen Sie zwei verschiedene Dateien.")
        return data
