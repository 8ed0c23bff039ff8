"""Forms of the front door."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from portal.home import texts
from portal.home.models import Terminal


class BarrierForm(forms.Form):
    use_required_attribute = False

    page = forms.CharField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=_lazy("Was hat nicht funktioniert?"),
        help_text=_lazy("Schreiben Sie, was Sie tun wollten und woran es lag."),
        max_length=texts.MAX_REPORT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": _lazy("Schreiben Sie, was nicht funktioniert hat"),
            "max_length": format_lazy(_lazy("Kürzen Sie die Meldung auf {most} Zeichen"), most=texts.MAX_REPORT),
        },
    )
    contact = forms.CharField(
        label=_lazy("E-Mail-Adresse oder Telefonnummer"),
        help_text=_lazy("Nur wenn Sie eine Antwort möchten."),
        required=False,
        max_length=254,
        error_messages={"max_length": _lazy("Kürzen Sie Ihre Angabe auf 254 Zeichen")},
    )

    def __init__(self, *args: object, **kwargs: object):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came

    def clean_page(self) -> str:
        return texts.own_path(self.cleaned_data["page"])


class TerminalForm(forms.Form):
    use_required_attribute = False

    key = forms.CharField(
        label=_lazy("Schlüssel des Terminals"),
        help_text=_lazy("Er steht in der Ausgabe von „terminal_add“."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages={
            "required": _lazy("Geben Sie den Schlüssel ein"),
            "max_length": _lazy("Geben Sie den Schlüssel so ein, wie er angezeigt wurde"),
        },
    )

    def __init__(self, *args: object, **kwargs: object):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not Terminal.objects.filter(secret_hash=Terminal.hash_of(key), is_active=True).exists():
            raise forms.ValidationError(
                _("Diesen Schlüssel gibt es nicht. Legen Sie das Terminal neu an"), code="unknown"
            )
        return key
