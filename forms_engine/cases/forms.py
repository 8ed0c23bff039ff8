"""Forms of the case pages: one sentence per cause (F33)."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from portal.accounts.models import User
from portal.documents.receiving import MAX_FILES, FilesForm, ManyFilesField, too_many

MAX_TEXT = 5000


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


class HandInForm(FilesForm, PlainForm):
    files_field = "unterlagen"
    unterlagen = ManyFilesField(
        label=_lazy("Unterlagen"),
        required=False,
        help_text=_lazy("PDF, JPG oder PNG, je höchstens 10 MB. Sie können mehrere Dateien auswählen."),
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
        self.arrived = 0  # files that came on their own before

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.arrived + len(data.get("unterlagen") or ()) > MAX_FILES and "unterlagen" not in self.errors:
            self.add_error("unterlagen", too_many())
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


class WithdrawDecisionForm(PlainForm):
    why = _words(
        "Grund für das Zurückziehen",
        hint="Er steht als Notiz in der Akte. Nur die Sachbearbeitung liest ihn.",
        missing="Schreiben Sie, warum Sie den Bescheid zurückziehen.",
        what="den Grund",
        rows=4,
    )


class SendBackForm(PlainForm):
    why = _words(
        "Grund für das Zurückgeben",
        hint="Nur die Sachbearbeitung liest ihn.",
        missing="Schreiben Sie, warum Sie nicht gegenzeichnen.",
        what="den Grund",
        rows=4,
    )
