"""Companies: founded by one person, run by members with roles. There is always an owner until the account is closed.

Each change of roles and members holds the row lock of the company's account, so that two owners cannot leave at once.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from portal.accounts import mandates, profile
from portal.accounts.models import AccountKind, CompanyRole, Evidence, Mandate, MandateKind, Scope, User
from portal.accounts.parties.models import Company
from portal.audit import actions as audit
from portal.common import clock

RUNS = (CompanyRole.OWNER, CompanyRole.ADMIN)


class Refused(Exception):
    """It cannot be done; the sentence is German and fit for the page."""


@transaction.atomic
def found(founder: User, name: str, facts: Mapping[str, Any]) -> Company:
    """A company's account with its founder as owner. `facts`: columns of Company."""
    number = clock.uuid()
    account = User(public_id=number, email=User.unreachable_address(number), kind=AccountKind.COMPANY, family_name=name)
    account.set_unusable_password()
    account.save(force_insert=True)
    company = Company.objects.create(account=account, **facts)
    mandates.establish(account, founder, _terms(CompanyRole.OWNER), Evidence.DECLARED)
    _tell_forms(company)
    audit.record("company.founded", f"user:{account.public_id}", str(founder.public_id))
    return company


@transaction.atomic
def change(company: Company, name: str, facts: Mapping[str, Any], *, by: User) -> None:
    User.objects.filter(pk=company.account_id).update(family_name=name)
    for column, value in facts.items():
        setattr(company, column, value)
    company.save(update_fields=list(facts))
    company.account.family_name = name
    _tell_forms(company)
    audit.record("company.changed", f"user:{company.account.public_id}", str(by.public_id))


def _tell_forms(company: Company) -> None:
    """The address, where forms look for what they can fill in (rule F13)."""
    known = {"street": company.street, "postcode": company.postcode, "place": company.place}
    profile.record_own(company.account, known)


def _terms(role: CompanyRole, scope: Scope = Scope.ALL, services: list[str] | None = None) -> mandates.Terms:
    return mandates.Terms(MandateKind.COMPANY, scope, services or [], role=role)


def of(user: User) -> list[Mandate]:
    """The person's memberships that hold, oldest first."""
    rows = Mandate.objects.valid(clock.today()).filter(agent=user, kind=MandateKind.COMPANY)
    return list(rows.select_related("principal__company").order_by("id"))


def members(company: Company) -> QuerySet[Mandate]:
    """Members and open invitations, oldest first."""
    rows = Mandate.objects.filter(principal=company.account_id, kind=MandateKind.COMPANY, revoked_at=None)
    return rows.select_related("agent", "principal").order_by("id")


@transaction.atomic
def invite(company: Company, address: str, role: CompanyRole, scope: Scope, services: list[str], *, by: User) -> None:
    """Raises mandates.Impossible, and Refused if somebody other than an owner gives more than membership."""
    if role != CompanyRole.MEMBER:
        _need_owner(company, by)
    made = mandates.invite(company.account, address, _terms(role, scope, services))
    audit.record("company.invited", str(made), str(by.public_id), role=role)


@transaction.atomic
def give_role(member: Mandate, role: CompanyRole, *, by: User) -> None:
    """Raises Refused: only owners may, and the last one stays."""
    company = _locked(member)
    _need_owner(company, by)
    if role != CompanyRole.OWNER:
        _keep_an_owner(company, member)
    Mandate.objects.filter(pk=member.pk, revoked_at=None).update(role=role)
    audit.record("company.role_given", str(member), str(by.public_id), role=role)


@transaction.atomic
def end(member: Mandate, *, by: User) -> None:
    """A member leaves, or is sent away by those who run the company; owners only by owners. Raises Refused."""
    company = _locked(member)
    if member.agent_id != by.pk:
        own = _role(company, by)
        if own not in RUNS or (member.role == CompanyRole.OWNER and own != CompanyRole.OWNER):
            raise Refused(gettext("Dazu reicht Ihre Rolle nicht. Fragen Sie eine Inhaberin oder einen Inhaber."))
    _keep_an_owner(company, member)
    if mandates.revoke(member, by=by):
        audit.record("company.member_ended", str(member), str(by.public_id))


@transaction.atomic
def close(company: Company, *, by: User) -> None:
    """Ends every membership at once. The caller has made sure that nothing is open any more. Raises Refused."""
    locked = Company.objects.select_for_update(of=("self",)).select_related("account").get(pk=company.pk)
    _need_owner(locked, by)
    now = clock.now()
    members(locked).update(revoked_at=now, revoked_by=by)
    User.objects.filter(pk=locked.account_id).update(is_active=False)
    audit.record("company.closed", f"user:{locked.account.public_id}", str(by.public_id))


def only_owned_by(user: User) -> list[str]:
    """Names of companies that would be without an owner if this person left."""
    return [
        str(row.principal)
        for row in of(user)
        if row.role == CompanyRole.OWNER and not _other_owners(row.principal_id, row).exists()
    ]


def _locked(member: Mandate) -> Company:
    return Company.objects.select_for_update(of=("self",)).select_related("account").get(account=member.principal_id)


def _role(company: Company, user: User) -> str:
    rows = Mandate.objects.valid(clock.today()).filter(agent=user, principal=company.account_id)
    return rows.filter(kind=MandateKind.COMPANY).values_list("role", flat=True).first() or ""


def _need_owner(company: Company, user: User) -> None:
    if _role(company, user) != CompanyRole.OWNER:
        raise Refused(gettext("Das dürfen nur Inhaber*innen."))


def _other_owners(account_id: int, member: Mandate) -> QuerySet[Mandate]:
    rows = Mandate.objects.valid(clock.today()).filter(principal=account_id, kind=MandateKind.COMPANY)
    return rows.filter(role=CompanyRole.OWNER).exclude(pk=member.pk)


def _keep_an_owner(company: Company, member: Mandate) -> None:
    current = Mandate.objects.get(pk=member.pk)  # read behind the lock
    holds = current.role == CompanyRole.OWNER and current.agent_id and not current.revoked_at
    if holds and not _other_owners(company.account_id, member).exists():
        raise Refused(
            gettext("Ein Unternehmen braucht eine Inhaberin oder einen Inhaber. Geben Sie die Rolle zuerst weiter.")
        )
