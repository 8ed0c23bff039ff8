"""What allauth.mfa asks the house: sealed secrets, our sentences, the QR code, names of keys."""

import base64
import io
from typing import Any

import segno
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from portal.accounts import keys
from portal.accounts.models import User
from portal.common.crypto import CannotOpen

SPENT_KEPT = 4  # one code is right for a minute and a half at most; more than this many cannot be right at once


def _place(public_id: str) -> str:
    return f"person:{public_id}:second_factor"


def name() -> str:
    """What authenticator apps and browsers show beside the account."""
    return f"Serviceportal {settings.CITY['short']}"


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _lazy("Schalten Sie zuerst den zweiten Faktor ab, bevor Sie die E-Mail-Adresse ändern"),
        "cannot_delete_authenticator": _lazy("Der zweite Faktor lässt sich für dieses Konto nicht abschalten"),
        "cannot_generate_recovery_codes": _lazy("Richten Sie zuerst einen Passkey oder eine App ein"),
        "incorrect_code": _lazy("Der Code stimmt nicht. Geben Sie den neuesten Code ein"),
        "unverified_email": _lazy("Bestätigen Sie zuerst Ihre E-Mail-Adresse"),
    }

    def get_totp_issuer(self) -> str:
        return name()

    def build_totp_svg(self, url: str) -> str:
        out = io.BytesIO()
        segno.make_qr(url, error="m").save(out, kind="svg", scale=6, border=4, dark="#000", light="#fff")
        return out.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return seal(context.request.user, text)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises CannotOpen: wrong key, moved from another person, or destroyed."""
        owner, _colon, sealed = encrypted_text.partition(":")
        try:
            user = User.objects.get(public_id=owner)
        except ObjectDoesNotExist:
            raise CannotOpen("Dieses Konto gibt es nicht.") from None
        return keys.envelope(user).open(base64.b64decode(sealed), _place(owner)).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff cannot do without: the last one goes only after another has come, or by an operator's hand."""
        user: User = authenticator.user
        others = factors(user).exclude(pk=authenticator.pk)
        return authenticator.type == Authenticator.Type.RECOVERY_CODES or not user.is_staff or bool(others.exists())

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        count: int = Authenticator.objects.filter(user=user, type=type).count()
        return _("Mein Passkey") if not count else _("Passkey %(count)s") % {"count": count + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": name()}

    def _get_site_name(self) -> str:
        return name()


def seal(user: User, text: str) -> str:
    """A secret under the person's own key; their public id stands in front."""
    sealed = keys.envelope(user).seal(text.encode(), _place(str(user.public_id)))
    return f"{user.public_id}:{base64.b64encode(sealed).decode()}"


def is_on(user: User) -> bool:
    """Whether signing in with the password takes a second step."""
    return bool(factors(user).exists())


def factors(user: User) -> QuerySet[Authenticator]:
    """The person's apps and passkeys, without recovery codes."""
    return any_factors().filter(user=user)


def any_factors() -> QuerySet[Authenticator]:
    """Everybody's."""
    found: QuerySet[Authenticator] = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return found


def set_up(sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Hears allauth's authenticator_added: who has just shown the password and a code has shown both factors."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def spend(authenticator: Authenticator, code: str) -> bool:
    """Marks a right TOTP code as used (RFC 6238, section 5.2: once only). False if it already was."""
    code = "".join(code.split())
    with transaction.atomic():
        locked = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        spent = locked.data.get("spent", [])
        if code in spent:
            return False
        locked.data["spent"] = [*spent, code][-SPENT_KEPT:]
        locked.save(update_fields=["data"])
    return True
