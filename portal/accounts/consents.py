"""Consents: a text with a version, and every yes and no to it. The latest answer to the newest version counts."""

import dataclasses
import datetime as dt

from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

from portal.accounts.models import Consent, User

IDENTITY_DATA = "identity_data"


@dataclasses.dataclass(frozen=True)
class Text:
    """What is agreed to. A change of meaning takes a new version: old answers then no longer count as yes."""

    version: int
    title: StrOrPromise
    text: StrOrPromise
    effect: StrOrPromise  # what a withdrawal does


TEXTS = {
    IDENTITY_DATA: Text(
        1,
        _lazy("Angaben aus BayernID und BundID aufbewahren"),
        _lazy("Das Portal bewahrt Angaben auf, die Sie bei der Anmeldung freigeben. Es trägt sie in Ihre Anträge ein."),
        _lazy("Ihre Angaben aus BayernID und BundID werden sofort gelöscht. Sie können sich weiter damit anmelden."),
    ),
}


@dataclasses.dataclass(frozen=True)
class Standing:
    subject: str
    text: Text
    given: bool
    at: dt.datetime | None  # None: never answered


def answer(user: User, subject: str, *, given: bool) -> bool:
    """Writes down a yes or no to the newest text. The same answer again changes nothing. KeyError: unknown subject."""
    standing = _standing(user, subject)
    if standing.at is not None and standing.given == given:
        return False
    Consent.objects.create(user=user, subject=subject, version=TEXTS[subject].version, given=given)
    return True


def withdrawn(user: User, subject: str) -> bool:
    """Whether the person has said no to the newest text. Releasing data at the provider is a yes of its own."""
    standing = _standing(user, subject)
    return standing.at is not None and not standing.given


def of(user: User) -> list[Standing]:
    return [_standing(user, subject) for subject in TEXTS]


def _standing(user: User, subject: str) -> Standing:
    text = TEXTS[subject]
    last = Consent.objects.filter(user=user, subject=subject, version=text.version).order_by("-id").first()
    return Standing(subject, text, bool(last and last.given), last.at if last else None)
