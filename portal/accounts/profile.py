"""What we know about a person, who said it, and how sure it is. Values are sealed under the person's key."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

from portal.accounts import consents, keys
from portal.accounts.levels import TrustLevel
from portal.accounts.models import AccountKind, PersonDatum, PersonKey, User
from portal.common import clock
from portal.common.crypto import Envelope, KeyDestroyed

OWN = "own"
SOURCES = {
    OWN: _lazy("Eigene Angabe"),
    "bayernid": "BayernID",
    "bundid": "BundID",
    "register": _lazy("Register der Stadt"),
}
MAX_LENGTH = 500


class Known(NamedTuple):
    """A datum that a profile may hold. `autocomplete`: the token of HTML by which forms ask for it, "" for none."""

    label: StrOrPromise
    autocomplete: str = ""


KNOWN: Mapping[str, Known] = {
    "organization": Known(_lazy("Unternehmen"), "organization"),
    "title": Known(_lazy("Doktorgrad"), "honorific-prefix"),
    "given_name": Known(_lazy("Vorname"), "given-name"),
    "family_name": Known(_lazy("Familienname"), "family-name"),
    "birth_name": Known(_lazy("Geburtsname")),
    "birth_date": Known(_lazy("Geburtsdatum")),  # ISO 8601
    "birth_place": Known(_lazy("Geburtsort")),
    "nationality": Known(_lazy("Staatsangehörigkeit")),
    "street": Known(_lazy("Straße und Hausnummer"), "street-address"),
    "postcode": Known(_lazy("Postleitzahl"), "postal-code"),
    "place": Known(_lazy("Ort"), "address-level2"),
    "country": Known(_lazy("Land"), "country-name"),
    "email": Known(_lazy("E-Mail-Adresse"), "email"),
    "phone": Known(_lazy("Telefon"), "tel"),
    "mailbox": Known(_lazy("Postfach beim Anbieter")),
}


@dataclasses.dataclass(frozen=True)
class Datum:
    """`value` as people read it, except dates (ISO 8601)."""

    name: str
    label: StrOrPromise
    value: str
    source: str
    level: TrustLevel
    recorded_at: dt.datetime | None

    @property
    def own(self) -> bool:
        return self.source == OWN

    @property
    def source_text(self) -> str:
        return str(SOURCES.get(self.source, self.source))


def _on_the_account(user: User) -> dict[str, str]:
    """Columns of User, shown where nothing better is known."""
    if user.kind == AccountKind.COMPANY:
        return {"organization": user.family_name}
    return {"given_name": user.given_name, "family_name": user.family_name, "email": user.mail_address}


def _place(user: User, name: str) -> str:
    return f"datum:{user.public_id}:{name}"


def record(user: User, *, source: str, data: Mapping[str, tuple[str, TrustLevel]]) -> None:
    """Keeps what `source` said: name in KNOWN -> (value, how sure it is). Empty values are passed over.

    A datum gives way only to one that is at least as sure. A proven name is also the account's name. Other sources
    than the person are not kept once the person has withdrawn the consent for it (consents.IDENTITY_DATA).
    Raises ValueError for unknown names, crypto.KeyDestroyed for a deleted account.
    """
    if unknown := set(data) - set(KNOWN):
        raise ValueError(f"unknown: {sorted(unknown)}")
    if source != OWN and consents.withdrawn(user, consents.IDENTITY_DATA):
        return
    with transaction.atomic():
        envelope = keys.envelope(user)
        PersonKey.objects.select_for_update().get(user=user)  # one writer at a time
        held = dict(PersonDatum.objects.filter(user=user).values_list("name", "level"))
        levels = {name: TrustLevel.NONE if source == OWN else level for name, (_, level) in data.items()}
        kept = {
            name: value.strip()[:MAX_LENGTH]
            for name, (value, _) in data.items()
            if value.strip() and levels[name] >= held.get(name, 0)
        }
        for name, value in kept.items():
            sealed = envelope.seal(value.encode(), _place(user, name))
            row = {"sealed": sealed, "source": source, "level": levels[name], "recorded_at": clock.now()}
            PersonDatum.objects.update_or_create(user=user, name=name, defaults=row)
        _put_on_account(user, {name: kept[name][:120] for name in ("given_name", "family_name") if name in kept})


def record_own(user: User, values: Mapping[str, str]) -> None:
    """What the person typed: name -> value. An empty value removes the person's own entry; proven data stay."""
    record(user, source=OWN, data={name: (value, TrustLevel.NONE) for name, value in values.items()})
    empty = [name for name, value in values.items() if not value.strip()]
    PersonDatum.objects.filter(user=user, source=OWN, name__in=empty).delete()


def forget_others(user: User) -> None:
    """Removes all that others said (withdrawn consent). The account's name stays until the person changes it."""
    PersonDatum.objects.filter(user=user).exclude(source=OWN).delete()


def of(user: User) -> list[Datum]:
    """Everything known, in the order of KNOWN. Empty for a deleted account."""
    columns = (f"user__data__{name}" for name in ("name", "sealed", "source", "level", "recorded_at"))
    rows = list(PersonKey.objects.filter(user=user).values_list("wrapped_key", *columns))  # at least one, with the key
    try:
        envelope = Envelope(rows[0][0]) if rows else keys.envelope(user)
    except KeyDestroyed:
        return []
    found = {
        name: Datum(name, KNOWN[name].label, value, OWN, TrustLevel.NONE, None)
        for name, value in _on_the_account(user).items()
        if value
    }
    for _key, name, sealed, source, level, recorded_at in rows:
        if name is None:
            continue  # a key, and nothing under it yet
        value = envelope.open(sealed, _place(user, name)).decode()
        if name == "email" and name in found:
            continue  # we write to the confirmed address of the account, whatever others know
        found[name] = Datum(name, KNOWN[name].label, value, source, TrustLevel(level), recorded_at)
    return [found[name] for name in KNOWN if name in found]


def by_autocomplete(user: User) -> dict[str, str]:
    """Token of HTML's autocomplete -> value, to fill in forms (rule F13)."""
    return {KNOWN[d.name].autocomplete: d.value for d in of(user) if KNOWN[d.name].autocomplete}


def proven(user: User, name: str) -> bool:
    """Whether somebody else than the person vouches for a datum; then the person cannot change it here."""
    return PersonDatum.objects.filter(user=user, name=name).exclude(source=OWN).exists()


def _put_on_account(user: User, names: Mapping[str, str]) -> None:
    if names:
        for field, value in names.items():
            setattr(user, field, value)
        user.save(update_fields=list(names))
