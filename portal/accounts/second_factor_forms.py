"""Forms of allauth.mfa in our words. Guesses are counted in rows (limits), a TOTP code counts once."""

import dataclasses
from typing import Any

from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from portal.accounts import demo_factor, limits, second_factor
from portal.accounts.forms import CODE, Dressed, Words

APP_CODE = dataclasses.replace(
    CODE,
    label=_lazy("Code aus der App"),
    empty=_lazy("Geben Sie den Code aus der App ein"),
    hint=_lazy("Sechs Ziffern."),
    attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
)
ANY_CODE = dataclasses.replace(
    APP_CODE,
    label=_lazy("Code"),
    empty=_lazy("Geben Sie den Code ein"),
    hint=_lazy("Aus Ihrer App, oder einer Ihrer Ersatzcodes."),
    attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
)
KEY_NAME = Words(
    _lazy("Name des Passkeys"),
    _lazy("Geben Sie einen Namen für den Passkey ein"),
    hint=_lazy("Zum Beispiel das Gerät, auf dem er liegt."),
    attrs={"autocomplete": "off"},
)
DEMO_ONLY = _lazy("Dieser Code gilt nur in der Demonstration. Lassen Sie Ihre Anmeldung beim Betrieb zurücksetzen")
TOO_MANY = _lazy("Das waren zu viele Versuche. Warten Sie fünf Minuten und versuchen Sie es dann noch einmal")


class Counted(forms.Form):
    """Mixed in before an allauth form with a code of the person `user`."""

    def clean_code(self) -> str:
        who = str(self.user.pk)  # type: ignore[attr-defined]  # of the allauth form
        try:
            number = limits.attempt("second factor", who)
        except limits.TooMany:
            raise ValidationError(TOO_MANY, code="too_many") from None
        code: str = super().clean_code()  # type: ignore[misc]  # of the allauth form
        used: Authenticator | None = getattr(self, "authenticator", None)
        if used and demo_factor.is_demo(used) and not settings.DEMO:
            raise ValidationError(DEMO_ONLY, code="demo")
        if used and used.type == Authenticator.Type.TOTP and not second_factor.spend(used, code):
            raise ValidationError(_("Warten Sie auf den nächsten Code in der App und geben Sie ihn ein"), code="spent")
        limits.forgive(number)
        return code


class AuthenticateForm(Dressed, Counted, base_forms.AuthenticateForm):  # type: ignore[misc]  # allauth is untyped
    words = {"code": ANY_CODE}


class ReauthenticateForm(Dressed, Counted, base_forms.ReauthenticateForm):  # type: ignore[misc]  # allauth is untyped
    words = {"code": ANY_CODE}


class ActivateTOTPForm(Dressed, Counted, totp_forms.ActivateTOTPForm):  # type: ignore[misc]  # allauth is untyped
    words = {"code": APP_CODE}


class AddWebAuthnForm(Dressed, webauthn_forms._BaseAddWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    """Only keys that prove their owner (PIN, finger, face) and are found without a name: they replace the password."""

    name = forms.CharField(required=False, max_length=60)
    words = {"name": KEY_NAME}

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        return super().clean() or {}


class EditWebAuthnForm(Dressed, webauthn_forms.EditWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    name = forms.CharField(
        max_length=60, error_messages={"max_length": _lazy("Der Name darf höchstens 60 Zeichen lang sein")}
    )
    words = {"name": KEY_NAME}
