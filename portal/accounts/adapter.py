"""What allauth asks the house: names at sign-up, and its sentences in our words (F33)."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest

from portal.accounts.models import User

# Codes of django.contrib.auth.password_validation; an unknown one keeps Django's own sentence.
WEAK_PASSWORD = {
    "password_too_short": "Das Passwort muss mindestens 10 Zeichen haben",
    "password_too_common": "Wählen Sie ein Passwort, das weniger verbreitet ist",
    "password_too_similar": "Das Passwort darf Ihrem Namen und Ihrer E-Mail-Adresse nicht ähneln",
    "password_entirely_numeric": "Das Passwort muss auch Buchstaben enthalten",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "Dieses Konto ist gesperrt. Rufen Sie die Behördennummer 115 an",
        "duplicate_email": "Geben Sie eine andere Adresse ein als die bisherige",
        "email_password_mismatch": "E-Mail-Adresse und Passwort passen nicht zusammen. Prüfen Sie beide Angaben",
        "email_taken": "Geben Sie eine Adresse ein, die noch zu keinem Konto gehört",
        "enter_current_password": "Das bisherige Passwort stimmt nicht. Geben Sie es noch einmal ein",
        "incorrect_code": "Der Code stimmt nicht. Geben Sie den Code aus der neuesten E-Mail ein",
        "incorrect_password": "Das Passwort stimmt nicht. Geben Sie es noch einmal ein",
        "invalid_or_expired_key": "Der Link gilt nicht mehr. Fordern Sie einen neuen an",
        "invalid_login": "Melden Sie sich noch einmal an",
        "invalid_password_reset": "Der Link gilt nicht mehr. Fordern Sie einen neuen an",
        "max_email_addresses": "Sie können höchstens %d Adressen angeben",
        "rate_limited": "Das war zu schnell. Warten Sie drei Minuten und versuchen Sie es dann noch einmal",
        "same_as_current": "Geben Sie eine andere Adresse ein als die bisherige",
        "too_many_login_attempts": "Das waren zu viele Versuche. Warten Sie fünf Minuten und beginnen Sie neu",
        "unknown_email": "Geben Sie die Adresse ein, mit der Sie Ihr Konto angelegt haben",
        "unverified_primary_email": "Bestätigen Sie zuerst Ihre E-Mail-Adresse",
    }

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        user.given_name = form.cleaned_data.get("given_name", "")
        user.family_name = form.cleaned_data.get("family_name", "")
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def clean_password(self, password: str, user: Any = None) -> str:
        try:
            password_validation.validate_password(password, user)
        except ValidationError as error:
            raise ValidationError(
                [ValidationError(WEAK_PASSWORD.get(e.code or "", e.messages[0]), code=e.code) for e in error.error_list]
            ) from None
        return password

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/konto/profil/"
