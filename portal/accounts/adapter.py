"""What allauth asks the house: names at sign-up, and its sentences in our words (F33)."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _lazy

from portal.accounts import limits, sign_ins
from portal.accounts.identity import sessions
from portal.accounts.models import NO_ADDRESS, User

log = logging.getLogger(__name__)
AFTER_ADDRESS = "after_address"  # in the session: a page of ours, for whoever first gives a mail address
# Codes of django.contrib.auth.password_validation; an unknown one keeps Django's own sentence.
WEAK_PASSWORD = {
    "password_too_short": _lazy("Das Passwort muss mindestens 10 Zeichen haben"),
    "password_too_common": _lazy("Wählen Sie ein Passwort, das weniger verbreitet ist"),
    "password_breached": _lazy("Wählen Sie ein Passwort, das nicht auf Listen bekannter Passwörter steht"),
    "password_too_similar": _lazy("Das Passwort darf Ihrem Namen und Ihrer E-Mail-Adresse nicht ähneln"),
    "password_entirely_numeric": _lazy("Das Passwort muss auch Buchstaben enthalten"),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _lazy("Dieses Konto ist gesperrt. Rufen Sie die Behördennummer 115 an"),
        "duplicate_email": _lazy("Geben Sie eine andere Adresse ein als die bisherige"),
        "email_password_mismatch": _lazy("E-Mail-Adresse und Passwort passen nicht zusammen. Prüfen Sie beide Angaben"),
        "email_taken": _lazy("Geben Sie eine Adresse ein, die noch zu keinem Konto gehört"),
        "enter_current_password": _lazy("Das bisherige Passwort stimmt nicht. Geben Sie es noch einmal ein"),
        "incorrect_code": _lazy("Der Code stimmt nicht. Geben Sie den Code aus der neuesten E-Mail ein"),
        "incorrect_password": _lazy("Das Passwort stimmt nicht. Geben Sie es noch einmal ein"),
        "invalid_or_expired_key": _lazy("Der Link gilt nicht mehr. Fordern Sie einen neuen an"),
        "invalid_login": _lazy("Melden Sie sich noch einmal an"),
        "invalid_password_reset": _lazy("Der Link gilt nicht mehr. Fordern Sie einen neuen an"),
        "max_email_addresses": _lazy("Sie können höchstens %d Adressen angeben"),
        "rate_limited": _lazy("Das war zu schnell. Warten Sie drei Minuten und versuchen Sie es dann noch einmal"),
        "same_as_current": _lazy("Geben Sie eine andere Adresse ein als die bisherige"),
        "too_many_login_attempts": _lazy("Das waren zu viele Versuche. Warten Sie fünf Minuten und beginnen Sie neu"),
        "unknown_email": _lazy("Geben Sie die Adresse ein, mit der Sie Ihr Konto angelegt haben"),
        "unverified_primary_email": _lazy("Bestätigen Sie zuerst Ihre E-Mail-Adresse"),
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
            found = {e.code: e for e in error.error_list}
            if "password_too_common" in found:
                found.pop("password_breached", None)  # says the same
            raise ValidationError(
                [ValidationError(WEAK_PASSWORD.get(code or "", e.messages[0]), code=code) for code, e in found.items()]
            ) from None
        return password

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counts the guess in rows before allauth counts it in the cache. Raises ValidationError."""
        try:
            request._password_attempt = limits.attempt("password", credentials.get("email", ""))  # type: ignore[attr-defined]  # taken back below
        except limits.TooMany:
            raise self.validation_error("too_many_login_attempts") from None
        super().pre_authenticate(request, **credentials)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user:
            limits.forgive(request._password_attempt)  # type: ignore[attr-defined]  # set above
        return user

    def set_password(self, user: User, password: str) -> None:
        """A new password ends every other session and forgives wrong guesses."""
        super().set_password(user, password)
        limits.clear("password", user.email)
        sign_ins.end_all(user, but=context.request.session.session_key)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Not to the placeholder of those who have given no address, and not without end to any address.

        allauth also counts in the cache; this is the limit that holds when that is empty. Whoever asked sees no
        difference, so that nobody learns whether mail was sent.
        """
        if email.endswith(f"@{NO_ADDRESS}"):
            return
        try:
            limits.attempt("mail", email)
        except limits.TooMany:
            log.warning("too many mails to one address: %s is not sent", template_prefix)
            return
        super().send_mail(template_prefix, email, context)

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Back to where the person was going when they were asked for an address."""
        return context.request.session.pop(AFTER_ADDRESS, "") or str(
            super().get_email_verification_redirect_url(email_address)
        )

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Whoever came through a provider is told that they are still signed in there."""
        known = [known.provider for known in sessions.sign_ins(request) if known.provider != sessions.LOCAL]
        if not known:
            return str(super().get_logout_redirect_url(request))
        return f"{reverse('identity:signed_out')}?{urlencode({'bei': sorted(known)}, doseq=True)}"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/konto/profil/"
