"""What editors fill in. Judged on the server only (rule F30)."""

from typing import Any

from django import forms

from mailbox.topics.models import BODY_LENGTH, TITLE_LENGTH

MOMENTS = ["%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M", "%Y-%m-%dT%H:%M"]


class IssueForm(forms.Form):
    use_required_attribute = False

    titel = forms.CharField(
        label="Titel",
        help_text="Steht im Betreff und im Archiv",
        max_length=TITLE_LENGTH,
        error_messages={
            "required": "Geben Sie den Titel ein.",
            "max_length": f"Kürzen Sie den Titel auf {TITLE_LENGTH} Zeichen.",
        },
    )
    text = forms.CharField(
        label="Text",
        help_text=(
            "## Rubrik, ### Zwischentitel, **fett**, * Aufzählung, [Linktext](https://…). "
            "Bilder und HTML gehen nicht, damit niemand gezählt wird."
        ),
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 24}),
        error_messages={
            "required": "Schreiben Sie den Text.",
            "max_length": f"Kürzen Sie den Text auf {BODY_LENGTH:,} Zeichen.".replace(",", "."),
        },
    )
    erscheint = forms.DateTimeField(
        label="Erscheint am",
        help_text="Leer: sofort nach der Freigabe. Sonst Tag und Uhrzeit, zum Beispiel 27.3.2027 12:30",
        required=False,
        input_formats=MOMENTS,
        widget=forms.DateTimeInput(format=MOMENTS[0], attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Geben Sie Tag und Uhrzeit so ein: 27.3.2027 12:30."},
    )
    fassung = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
