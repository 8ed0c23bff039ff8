"""A question to the city."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _lazy

from portal.accounts.forms import mail_field
from portal.common import clock
from portal.home import texts


class QuestionForm(forms.Form):
    """`signed_in`: the answer goes to the postbox, so no address is asked. `transcript`: one could be given along."""

    use_required_attribute = False

    text = forms.CharField(
        label=_lazy("Ihre Frage"),
        help_text=_lazy("Schreiben Sie keine Gesundheitsdaten und keine Kontonummern."),
        max_length=texts.MAX_REPORT,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={
            "required": _lazy("Schreiben Sie Ihre Frage"),
            "max_length": format_lazy(_lazy("Kürzen Sie die Frage auf {most} Zeichen"), most=texts.MAX_REPORT),
        },
    )
    mail = mail_field(_lazy("An diese Adresse schicken wir zuerst einen Link zum Bestätigen, später die Antwort."))
    with_transcript = forms.BooleanField(
        label=_lazy("Meine Frage an die automatische Auskunft und ihre Antwort mitgeben"), required=False
    )
    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    frage = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500)
    leistung = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)

    def __init__(self, *args: object, signed_in: bool, transcript: bool, **kwargs: object):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        self.fields["once"].initial = clock.token(16)
        if signed_in:
            del self.fields["mail"]
        if not transcript:
            del self.fields["with_transcript"]

    def clean_once(self) -> str:
        return self.cleaned_data["once"] or clock.token(16)
