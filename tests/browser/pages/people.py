"""The people of the city, and what the portal knows about them."""

from collections.abc import Mapping

from allauth.account.models import EmailAddress
from django.db import transaction

from portal.accounts import mandates, profile
from portal.accounts.levels import TrustLevel
from portal.accounts.models import MandateKind, Scope, User
from portal.common import clock
from tests.conftest import _person

# alice has everything, bob nothing, erna a second factor, fritz no password; clara works for the city.
PEOPLE = {
    "alice": ("Alice", "Ammer"),
    "bob": ("Bob", "Brenner"),
    "erna": ("Erna", "Eder"),
    "fritz": ("Fritz", "Fuchs"),
}


def invite() -> dict[str, User]:
    people = {name: _known(*words) for name, words in PEOPLE.items()} | {
        "clara": _person("Clara", "Claußen", staff=True)
    }
    people["fritz"].set_unusable_password()
    people["fritz"].save(update_fields=["password"])
    return people


def _known(given: str, family: str) -> User:
    user = _person(given, family)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def get_to_know(names: dict[str, str], people: Mapping[str, User]) -> None:
    """Profiles, and who may act for whom."""
    alice, bob, erna = (people[name] for name in ("alice", "bob", "erna"))
    said = {"birth_date": ("1985-04-03", TrustLevel.HIGH), "street": ("Fraunhoferstraße 12", TrustLevel.SUBSTANTIAL)}
    profile.record(alice, source="bundid", data=said)
    profile.record_own(alice, {"phone": "089 123456"})
    how = {"kind": MandateKind.PROXY, "scope": Scope.ALL, "starts": clock.today()}
    with transaction.atomic():
        given = mandates.invite(erna, alice.email, **how)
        mandates.accept(given, by=alice)
        offered = mandates.invite(alice, bob.email, **how)
    names |= {"mandate": str(given.public_id), "offered": str(offered.public_id)}
    names["invitation"] = mandates.ticket(offered)
