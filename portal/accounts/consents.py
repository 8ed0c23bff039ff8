"""Consents: a text with a version, and every yes and no to it. The latest answer to the newest version counts."""

import dataclasses
import datetime as dt
import functools
import hashlib
from collections.abc import Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

from portal.accounts.models import Consent, User
from portal.common.written import Asked, Written, together

IDENTITY_DATA = "identity_data"
ANNOUNCEMENT, SERVICE = "announcement", "service"  # Art. 24 and 25 BayDiG: two consents, asked one by one


@dataclasses.dataclass(frozen=True)
class Text:
    """What is agreed to. A change of meaning takes a new version: old answers then no longer count as yes."""

    version: int
    title: StrOrPromise
    text: StrOrPromise
    effect: StrOrPromise  # what a withdrawal does
    unanswered: StrOrPromise = ""  # what holds until somebody answers

    @functools.cached_property
    def sha256(self) -> str:
        """Of the German text as it is shown, title and effect included."""
        with translation.override("de"):
            shown = "\n".join(str(part) for part in (self.title, self.text, self.effect))
        return hashlib.sha256(shown.encode()).hexdigest()


TEXTS = {
    IDENTITY_DATA: Text(
        1,
        _lazy("Angaben aus BayernID und BundID aufbewahren"),
        _lazy("Das Portal bewahrt Angaben auf, die Sie bei der Anmeldung freigeben. Es trägt sie in Ihre Anträge ein."),
        _lazy("Ihre Angaben aus BayernID und BundID werden sofort gelöscht. Sie können sich weiter damit anmelden."),
        _lazy("Wir bewahren nur auf, was Sie beim Anbieter selbst freigeben."),
    ),
    ANNOUNCEMENT: Text(
        1,
        _lazy("Bescheide nur im Postfach bekommen"),
        _lazy(
            "Die Stadt darf mir Bescheide im Postfach bekannt geben (Art. 24 BayDiG). Ein Bescheid gilt dann wenige "
            "Tage nach unserer E-Mail als bekannt gegeben. Das gilt auch, wenn ich ihn nicht öffne. "
            "Ab diesem Tag laufen Fristen."
        ),
        _lazy("Künftige Bescheide zählen erst, wenn Sie sie öffnen. Sonst kommt ein Brief."),
        _lazy("Bescheide zählen erst, wenn Sie sie öffnen. Sonst kommt nach zehn Tagen ein Brief."),
    ),
    SERVICE: Text(
        1,
        _lazy("Förmliche Zustellung nur im Postfach"),
        _lazy(
            "Die Stadt darf mir Bescheide im Postfach auch förmlich zustellen (Art. 25 BayDiG). Die Zustellung gilt "
            "dann wenige Tage nach unserer E-Mail als bewirkt. Das gilt auch, wenn ich den Bescheid nicht öffne."
        ),
        _lazy("Förmliche Zustellungen kommen wieder als Brief, wenn Sie sie im Postfach nicht öffnen."),
        _lazy("Förmliche Zustellungen kommen als Brief, wenn Sie sie im Postfach nicht öffnen."),
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
    held = standing(user, subject)
    if held.at is not None and held.given == given:
        return False
    Consent.objects.create(user=user, subject=subject, version=TEXTS[subject].version, given=given)
    return True


def withdrawn(user: User, subject: str) -> bool:
    """Whether the person has said no to the newest text. Releasing data at the provider is a yes of its own."""
    held = standing(user, subject)
    return held.at is not None and not held.given


@dataclasses.dataclass(frozen=True)
class Given:
    """A yes that counts today: which text it was, and when."""

    subject: str
    version: int
    sha256: str
    at: dt.datetime

    def frozen(self) -> dict[str, Any]:
        """As JSON, for whoever has to prove it later."""
        return {"kind": self.subject, "version": self.version, "sha256": self.sha256, "at": self.at.isoformat()}


def given(user: User, subject: str) -> Given | None:
    """The person's yes to the newest text, or None: never asked, refused or withdrawn. KeyError: unknown subject."""
    return counting(subject, together(asked(user, subject))[0])


def asked(user: User, subject: str) -> Asked:
    """The question for the person's last answer, for whoever has others beside it. KeyError: unknown subject."""
    return _last(subject, TEXTS[subject].version).asked(user)


def counting(subject: str, answers: Sequence[Consent]) -> Given | None:
    """given(), from what asked() found."""
    held = _standing(subject, answers)
    if not held.given or held.at is None:
        return None
    return Given(subject, held.text.version, held.text.sha256, held.at)


def of(user: User) -> list[Standing]:
    return [standing(user, subject) for subject in TEXTS]


@functools.cache
def _last(subject: str, version: int) -> Written[Consent]:
    return Written(lambda user: Consent.objects.filter(user=user, subject=subject, version=version).order_by("-id")[:1])


def standing(user: User, subject: str) -> Standing:
    """What the person has said to the newest text. KeyError: unknown subject."""
    return _standing(subject, together(asked(user, subject))[0])


def _standing(subject: str, answers: Sequence[Consent]) -> Standing:
    text, last = TEXTS[subject], next(iter(answers), None)
    return Standing(subject, text, bool(last and last.given), last.at if last else None)
