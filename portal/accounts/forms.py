"""Sign-up, sign-in and account forms: allauth's logic, our words (F11, F19, F30-F34).

Each cause has its own sentence that says what to do. Passwords are asked once: a typing error is mended by mail, and
managers and pasting work (F53).
"""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.http import HttpRequest, HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

from portal.accounts import limits, notices
from portal.accounts.models import Preferences, User

# Letters of any script, marks, spaces, hyphens, apostrophes, dots: all of String.Latin (DIN 91379); no digits or signs.
NAME_PATTERN = r"^[^\W\d_][^\d_<>@#%&*+=/\\|{}\[\]()$§!?\"„“;:^~]*$"


@dataclasses.dataclass(frozen=True)
class Words:
    """What a field says and how it looks. `width`: expected length in characters (F21)."""

    label: StrOrPromise
    empty: StrOrPromise
    wrong: StrOrPromise = ""
    hint: StrOrPromise = ""
    width: int = 30
    attrs: Mapping[str, str] = dataclasses.field(default_factory=dict)


EMAIL = Words(
    _lazy("E-Mail-Adresse"),
    _lazy("Geben Sie Ihre E-Mail-Adresse ein"),
    _lazy("Geben Sie eine E-Mail-Adresse wie name@beispiel.de ein"),
    attrs={"type": "email", "autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"},
)
PASSWORD = Words(_lazy("Passwort"), _lazy("Geben Sie Ihr Passwort ein"), attrs={"autocomplete": "current-password"})
NEW_PASSWORD = Words(
    _lazy("Neues Passwort"),
    _lazy("Geben Sie ein neues Passwort ein"),
    hint=_lazy("Mindestens 10 Zeichen. Gut sind drei Wörter, die nichts miteinander zu tun haben."),
    attrs={"autocomplete": "new-password"},
)
CODE = Words(
    _lazy("Code aus der E-Mail"),
    _lazy("Geben Sie den Code aus der E-Mail ein"),
    width=10,
    attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "characters"},
)
GIVEN_NAME = Words(
    _lazy("Vorname"),
    _lazy("Geben Sie Ihren Vornamen ein"),
    attrs={"autocomplete": "given-name", "spellcheck": "false"},
)
FAMILY_NAME = Words(
    _lazy("Familienname"),
    _lazy("Geben Sie Ihren Familiennamen ein"),
    attrs={"autocomplete": "family-name", "spellcheck": "false"},
)


def dress(field: forms.Field, words: Words) -> None:
    """Puts our words on a field made elsewhere; without placeholder, which is no label (F12)."""
    field.label, field.help_text, field.width = words.label, words.hint, words.width  # type: ignore[attr-defined]  # read by kern/field.html
    field.error_messages |= {
        **({"required": words.empty} if words.empty else {}),
        **({"invalid": words.wrong} if words.wrong else {}),
    }
    field.widget.attrs = {k: v for k, v in field.widget.attrs.items() if k != "placeholder"} | dict(words.attrs)
    if isinstance(field.widget, forms.widgets.Input):  # the type is the widget's: among the attributes it came twice
        field.widget.input_type = field.widget.attrs.pop("type", field.widget.input_type)
    if isinstance(field, forms.EmailField):
        field.validators = [
            MaxLengthValidator(254, _lazy("Die E-Mail-Adresse darf höchstens 254 Zeichen lang sein"))
        ] + [validator for validator in field.validators if not isinstance(validator, MaxLengthValidator)]
        for validator in field.validators[1:]:
            validator.message = words.wrong  # type: ignore[attr-defined]  # EmailValidator has it, typed as a callable


class Dressed(forms.Form):
    """Mixed in before an allauth form: no browser validation (F30), our words on every field named in `words`."""

    use_required_attribute = False
    words: Mapping[str, Words] = {}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        for name, words in self.words.items():
            dress(self.fields[name], words)


def mail_field(help_text: StrOrPromise) -> forms.EmailField:
    """An address without an account behind it; `help_text` says what goes there."""
    return forms.EmailField(
        label=_lazy("E-Mail-Adresse"),
        help_text=help_text,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _lazy("Geben Sie Ihre E-Mail-Adresse ein"),
            "invalid": _lazy("Geben Sie die E-Mail-Adresse so ein: name@beispiel.de"),
            "max_length": _lazy("Kürzen Sie die E-Mail-Adresse auf 254 Zeichen"),
        },
    )


def name_field(subject: StrOrPromise) -> forms.CharField:
    """`subject` starts the sentences: "Der Vorname"."""
    return forms.CharField(
        max_length=120,
        error_messages={
            "max_length": format_lazy(_lazy("{subject} darf höchstens 120 Zeichen lang sein"), subject=subject)
        },
        validators=[
            RegexValidator(
                NAME_PATTERN,
                format_lazy(_lazy("{subject} darf keine Ziffern und keine Zeichen wie @ enthalten"), subject=subject),
            )
        ],
    )


class LoginForm(Dressed, allauth_forms.LoginForm):  # type: ignore[misc]  # allauth is untyped
    words = {
        "login": dataclasses.replace(EMAIL, attrs={**EMAIL.attrs, "autocomplete": "username"}),
        "password": PASSWORD,
    }

    def clean(self) -> dict[str, Any] | None:
        # The sentence stands at the password, so that the summary has a control to lead to (F31).
        try:
            cleaned: dict[str, Any] | None = super().clean()
        except ValidationError as error:
            self.add_error("password", error)
            return self.cleaned_data
        return cleaned


class SignupForm(Dressed, allauth_forms.SignupForm):  # type: ignore[misc]  # allauth is untyped
    given_name = name_field(_lazy("Der Vorname"))
    family_name = name_field(_lazy("Der Familienname"))
    field_order = ["given_name", "family_name", "email", "password1"]
    words = {
        "given_name": GIVEN_NAME,
        "family_name": FAMILY_NAME,
        "email": dataclasses.replace(EMAIL, hint=_lazy("An diese Adresse schicken wir Ihnen einen Code.")),
        "password1": dataclasses.replace(
            NEW_PASSWORD, label=_lazy("Passwort"), empty=_lazy("Geben Sie ein Passwort ein")
        ),
    }

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """An address that has an account takes as long as a new one: its password is hashed, too, and forgotten."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return saved


class AddEmailForm(Dressed, allauth_forms.AddEmailForm):  # type: ignore[misc]  # allauth is untyped
    words = {
        "email": dataclasses.replace(
            EMAIL,
            label=_lazy("Neue E-Mail-Adresse"),
            empty=_lazy("Geben Sie die neue E-Mail-Adresse ein"),
        )
    }


class ChangeEmailForm(Dressed, allauth_forms.ChangeEmailForm):  # type: ignore[misc]  # allauth is untyped
    words = {"email": dataclasses.replace(EMAIL, label=_lazy("Andere E-Mail-Adresse"))}


class ConfirmEmailForm(Dressed, allauth_forms.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]  # allauth is untyped
    words = {"code": CODE}


class ReauthenticateForm(Dressed, allauth_forms.ReauthenticateForm):  # type: ignore[misc]  # allauth is untyped
    words = {"password": PASSWORD}


class ChangePasswordForm(Dressed, allauth_forms.ChangePasswordForm):  # type: ignore[misc]  # allauth is untyped
    words = {
        "oldpassword": dataclasses.replace(
            PASSWORD,
            label=_lazy("Bisheriges Passwort"),
            empty=_lazy("Geben Sie Ihr bisheriges Passwort ein"),
        ),
        "password1": NEW_PASSWORD,
    }


class SetPasswordForm(Dressed, allauth_forms.SetPasswordForm):  # type: ignore[misc]  # allauth is untyped
    words = {"password1": NEW_PASSWORD}


class ResetPasswordForm(Dressed, allauth_forms.ResetPasswordForm):  # type: ignore[misc]  # allauth is untyped
    words = {"email": EMAIL}


class ResetPasswordKeyForm(Dressed, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]  # allauth is untyped
    words = {"password1": NEW_PASSWORD}


class ContactForm(Dressed):
    """What the person may say about themselves. Everything is optional; empty removes it."""

    street = forms.CharField(
        required=False,
        max_length=120,
        error_messages={"max_length": _lazy("Die Straße darf höchstens 120 Zeichen lang sein")},
    )
    postcode = forms.CharField(
        required=False,
        max_length=10,
        error_messages={"max_length": _lazy("Die Postleitzahl darf höchstens 10 Zeichen lang sein")},
    )
    place = forms.CharField(
        required=False,
        max_length=80,
        error_messages={"max_length": _lazy("Der Ort darf höchstens 80 Zeichen lang sein")},
    )
    phone = forms.CharField(
        required=False,
        max_length=40,
        error_messages={"max_length": _lazy("Das Telefon darf höchstens 40 Zeichen lang sein")},
    )
    words = {
        "street": Words(_lazy("Straße und Hausnummer"), "", attrs={"autocomplete": "address-line1"}),
        "postcode": Words(
            _lazy("Postleitzahl"), "", width=5, attrs={"autocomplete": "postal-code", "inputmode": "numeric"}
        ),
        "place": Words(_lazy("Ort"), "", attrs={"autocomplete": "address-level2"}),
        "phone": Words(_lazy("Telefon"), "", width=20, attrs={"autocomplete": "tel", "type": "tel"}),
    }

    def __init__(self, *args: Any, proven: Collection[str] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in proven:
            self.fields.pop(name, None)


class PreferencesForm(forms.ModelForm[Preferences]):
    use_required_attribute = False

    class Meta:
        model = Preferences
        fields = (
            "language",
            "large_print",
            "sign_language",
            *notices.CHOICES.values(),
            "tell_new_device",
        )
        widgets = {"language": forms.RadioSelect} | dict.fromkeys(notices.CHOICES.values(), forms.RadioSelect)
        labels = {
            "language": _lazy("In welcher Sprache möchten Sie Post und Gespräche?"),
            "large_print": _lazy("Briefe in Großdruck"),
            "sign_language": _lazy("Gebärdensprache bei Terminen"),
            "mail_message": _lazy("E-Mail bei Nachrichten und Nachfragen"),
            "mail_status": _lazy("E-Mail, wenn ein Antrag eingegangen ist"),
            "mail_payment": _lazy("E-Mail, wenn eine Zahlung da ist"),
            "mail_appointment": _lazy("E-Mail zu gebuchten, verschobenen und abgesagten Terminen"),
            "tell_new_device": _lazy("E-Mail, wenn sich jemand auf einem neuen Gerät anmeldet"),
        }
        error_messages = {
            "language": {"required": _lazy("Wählen Sie eine Sprache")},
            **{name: {"required": _lazy("Wählen Sie, wann die E-Mail kommt")} for name in notices.CHOICES.values()},
        }


class NameForm(forms.ModelForm[User]):
    use_required_attribute = False
    given_name = name_field(_lazy("Der Vorname"))
    family_name = name_field(_lazy("Der Familienname"))

    class Meta:
        model = User
        fields = ("given_name", "family_name")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        dress(self.fields["given_name"], GIVEN_NAME)
        dress(self.fields["family_name"], FAMILY_NAME)


class AdminSignInForm(AdminAuthenticationForm):
    """The staff's own sign-in page: guesses count as everywhere; the second factor is asked for afterwards."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "too_many": _lazy("Das waren zu viele Versuche. Warten Sie fünf Minuten und beginnen Sie neu"),
    }

    def clean(self) -> dict[str, Any]:
        try:
            number = limits.attempt("password", self.cleaned_data.get("username", ""))
        except limits.TooMany:
            raise ValidationError(self.error_messages["too_many"], code="too_many") from None
        cleaned: dict[str, Any] = super().clean()
        limits.forgive(number)
        return cleaned
