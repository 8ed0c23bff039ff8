"""Registers that know something about a person, asked only when the person wants it (once-only: § 5 EGovG, § 10 IDNrG).

The port and a sample adapter over a table of our own. Which registers there are stands in settings.REGISTERS.
"""

from collections.abc import Collection, Mapping
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

from forms_engine.submissions.models import RegisterEntry
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.common import crypto
from portal.common.crypto import CannotOpen, Envelope


class Unavailable(Exception):
    """No answer now: the person fills in by hand. The message holds no content."""


class Register(Protocol):
    name: StrOrPromise  # as people read it: "aus dem …"
    level: TrustLevel  # how sure its values are

    def fetch(self, person: User, wanted: Collection[str]) -> Mapping[str, str]:
        """Values by datum (names of portal.accounts.profile.KNOWN, dates ISO 8601); what is not known is left out.

        Slow: never called inside a transaction. Raises Unavailable.
        """


class SampleRegister:
    """The reference adapter: one sealed row for each person of the demo."""

    name: StrOrPromise = _lazy("Musterregister")
    level = TrustLevel.HIGH

    def fetch(self, person: User, wanted: Collection[str]) -> Mapping[str, str]:
        entry = RegisterEntry.objects.filter(person=person).first()
        if entry is None:
            return {}
        try:
            known = Envelope(entry.wrapped_key).open_json(entry.sealed, entry.place)
        except CannotOpen:
            raise Unavailable("Eintrag nicht lesbar") from None
        return {datum: str(known[datum]) for datum in wanted if known.get(datum)}


def get(key: str) -> Register | None:
    """The register of this name, if the house is connected to it."""
    path = settings.REGISTERS.get(key)
    return cast(Register, import_string(path)()) if path else None


def enter(person: User, data: Mapping[str, str]) -> None:
    """Write what the sample register knows about a person: datum -> value. Replaces what it knew."""
    row = RegisterEntry(person=person, wrapped_key=crypto.new_wrapped_key())
    row.sealed = Envelope(row.wrapped_key).seal_json(dict(data), row.place)
    RegisterEntry.objects.update_or_create(
        person=person, defaults={"wrapped_key": row.wrapped_key, "sealed": row.sealed}
    )


def seed_demo() -> None:
    """Alice and Bob stand in the sample register. May run again."""
    entries = {
        "alice@stadt.invalid": {"birth_date": "1985-04-03", "street": "Fraunhoferstraße 12", "postcode": "80469"},
        "bob@stadt.invalid": {"birth_date": "1979-11-28", "street": "Tal 1", "postcode": "80331"},
    }
    for email, data in entries.items():
        if person := User.objects.filter(email=email).first():
            enter(person, data)
