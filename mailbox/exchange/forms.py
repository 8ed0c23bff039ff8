from django import forms
from django.utils.translation import gettext_lazy as _

from mailbox import texts
from mailbox.exchange.actions import CODE_DIGITS
from mailbox.exchange.models import Factor, Rights
from mailbox.exchange.vault import PURPOSE_LENGTH

DAYS = ((1, _("1 Tag")), (3, _("3 Tage")), (7, _("7 Tage")), (14, _("14 Tage")), (30, _("30 Tage")))
RIGHTS = (
    (Rights.DROP.value, _("Dateien hochladen")),
    (Rights.READ.value, _("Dateien herunterladen")),
    (Rights.BOTH.value, _("Dateien hochladen und herunterladen")),
)
FACTORS = (
    (Factor.CODE.value, _("Mit einem Code, den wir an die Adresse schicken")),
    (Factor.ACCOUNT.value, _("Mit dem Konto im Serviceportal, das diese Adresse hat")),
)


class _Form(forms.Form):
    use_required_attribute = False


class RoomForm(_Form):
    purpose = forms.CharField(
        label=_("Wofür ist der Raum?"),
        help_text=_("Eingeladene Personen sehen diesen Text. Zum Beispiel: Pläne für den Umbau."),
        error_messages={"required": _("Geben Sie ein, wofür der Raum ist.")},
    )
    days = forms.TypedChoiceField(
        label=_("Wie lange soll es den Raum geben?"),
        help_text=_("Danach löschen wir alle Dateien. Sie können das Ende später verschieben."),
        choices=DAYS,
        coerce=int,
        initial=7,
        widget=forms.RadioSelect,
        error_messages={"required": _("Wählen Sie, wie lange es den Raum geben soll.")},
    )

    def clean_purpose(self) -> str:
        purpose = texts.one_line(self.cleaned_data["purpose"], 10_000)
        if not purpose:
            raise forms.ValidationError(_("Geben Sie ein, wofür der Raum ist."))
        if len(purpose) > PURPOSE_LENGTH:
            raise forms.ValidationError(_("Kürzen Sie den Text auf höchstens 120 Zeichen."))
        return purpose


class ExtendForm(_Form):
    days = forms.TypedChoiceField(
        label=_("Wie lange soll es den Raum ab heute noch geben?"),
        choices=DAYS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Wählen Sie, wie lange es den Raum noch geben soll.")},
    )


class InvitationForm(_Form):
    address = forms.EmailField(
        label=_("E-Mail-Adresse der Person"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("Geben Sie die E-Mail-Adresse der Person ein."),
            "invalid": _("Geben Sie eine E-Mail-Adresse wie name@beispiel.de ein."),
        },
    )
    rights = forms.ChoiceField(
        label=_("Was darf die Person?"),
        choices=RIGHTS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Wählen Sie, was die Person darf.")},
    )
    factor = forms.ChoiceField(
        label=_("Wie weist sich die Person aus?"),
        choices=FACTORS,
        initial=Factor.CODE.value,
        widget=forms.RadioSelect,
        error_messages={"required": _("Wählen Sie, wie sich die Person ausweist.")},
    )


class CodeForm(_Form):
    code = forms.CharField(
        label=_("Code aus der E-Mail"),
        help_text=_("8 Ziffern"),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", "maxlength": 20}
        ),
        error_messages={"required": _("Geben Sie den Code aus der E-Mail ein.")},
    )

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        if len(code) != CODE_DIGITS or not (code.isascii() and code.isdigit()):
            raise forms.ValidationError(_("Geben Sie die 8 Ziffern aus der E-Mail ein."))
        return code


class DropForm(_Form):
    """Only for the page: what it sends is taken off the wire by arriving.RoomUploadHandler."""

    datei = forms.FileField(label=_("Datei auswählen"), error_messages={"required": _("Wählen Sie eine Datei aus.")})
