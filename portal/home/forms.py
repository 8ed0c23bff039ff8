"""Forms of the front door."""

from django import forms

from portal.home import texts


class BarrierForm(forms.Form):
    use_required_attribute = False

    page = forms.CharField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label="Was hat nicht funktioniert?",
        help_text="Schreiben Sie, was Sie tun wollten und woran es lag.",
        max_length=texts.MAX_REPORT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": "Schreiben Sie, was nicht funktioniert hat",
            "max_length": f"Kürzen Sie die Meldung auf {texts.MAX_REPORT} Zeichen",
        },
    )
    contact = forms.CharField(
        label="E-Mail-Adresse oder Telefonnummer",
        help_text="Nur wenn Sie eine Antwort möchten.",
        required=False,
        max_length=254,
        error_messages={"max_length": "Kürzen Sie Ihre Angabe auf 254 Zeichen"},
    )

    def __init__(self, *args: object, **kwargs: object):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came

    def clean_page(self) -> str:
        return texts.own_path(self.cleaned_data["page"])
