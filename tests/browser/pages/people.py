"""The people of the city, and what the portal knows about them."""

from collections.abc import Mapping

from allauth.account.models import EmailAddress
from django.db import transaction

from portal.accounts import mandates, profile
from portal.accounts.levels import TrustLevel
from portal.accounts.models import CompanyRole, Evidence, MandateKind, Scope, User
from portal.accounts.parties import companies
from tests.conftest import _person

# alice has everything, bob nothing, erna a second factor, fritz no password, hanna no mail address; clara is a clerk.
PEOPLE = {
    "alice": ("Alice", "Ammer"),
    "bob": ("Bob", "Brenner"),
    "erna": ("Erna", "Eder"),
    "fritz": ("Fritz", "Fuchs"),
    "hanna": ("Hanna", "Huber"),
}
FACTS = {
    "legal_form": "gmbh",
    "register_court": "Amtsgericht München",
    "register_number": "HRB 123456",
    "vat_id": "DE123456789",
    "street": "Marienplatz 1",
    "postcode": "80331",
    "place": "München",
}


def invite() -> dict[str, User]:
    people = {name: _known(*words) for name, words in PEOPLE.items()} | {
        "clara": _person("Clara", "Claußen", staff=True)
    }
    people["fritz"].set_unusable_password()
    people["fritz"].save(update_fields=["password"])
    people["hanna"].email = User.unreachable_address(people["hanna"].public_id)
    people["hanna"].save(update_fields=["email"])
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
    terms = mandates.Terms(MandateKind.PROXY, Scope.ALL)
    with transaction.atomic():
        given = mandates.invite(erna, alice.email, terms)
        mandates.accept(given, by=alice)
        offered = mandates.invite(alice, bob.email, terms)
        bakery = companies.found(alice, "Bäckerei Ammer", FACTS)
        as_member = mandates.Terms(MandateKind.COMPANY, Scope.ALL, role=CompanyRole.MEMBER)
        member = mandates.establish(bakery.account, people["hanna"], as_member, Evidence.INVITED)
    names |= {"company": str(bakery.account.public_id), "member": str(member.public_id)}
    names |= {"mandate": str(given.public_id), "offered": str(offered.public_id)}
    names["invitation"] = mandates.ticket(offered)
