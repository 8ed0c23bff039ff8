"""Forms of the front door."""

from django import forms

from portal.home import texts
from portal.home.models import Terminal


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


class TerminalForm(forms.Form):
    use_required_attribute = False

    key = forms.CharField(
        label="Schlüssel des Terminals",
        help_text="Er steht in der Ausgabe von „terminal_add“.",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages={
            "required": "Geben Sie den Schlüssel ein",
            "max_length": "Geben Sie den Schlüssel so ein, wie er angezeigt wurde",
        },
    )

    def __init__(self, *args: object, **kwargs: object):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not Terminal.objects.filter(secret_hash=Terminal.hash_of(key), is_active=True).exists():
            raise forms.ValidationError("Diesen Schlüssel gibt es nicht. Legen Sie das Terminal neu an", code="unknown")
        return key
